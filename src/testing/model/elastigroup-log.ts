import type { Timers } from './parts.js';

export type LogSeverity = 'INFO' | 'DEBUG' | 'WARN';

export interface LogEntry {
  readonly message: string;
  readonly severity: LogSeverity;
  readonly createdAt: number;
  readonly resourceId?: string;
}

export interface LogQuery {
  readonly fromMs: number;
  readonly toMs: number;
  /** Absent: every severity. */
  readonly severity?: LogSeverity;
  readonly resourceId?: string;
  readonly limit?: number;
}

/** The Elastigroup's log, as Spot's console shows it. */
export class ElastigroupLog {
  readonly #timers: Timers;
  readonly #entries: LogEntry[] = [];

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  write(severity: LogSeverity, message: string, resourceId?: string): void {
    const entry = { message, severity, createdAt: this.#timers.now() };
    this.#entries.push(resourceId === undefined ? entry : { ...entry, resourceId });
  }

  /** Latest first. */
  read(query: LogQuery): readonly LogEntry[] {
    const meets = (entry: LogEntry) =>
      entry.createdAt >= query.fromMs &&
      entry.createdAt <= query.toMs &&
      (query.severity === undefined || entry.severity === query.severity) &&
      (query.resourceId === undefined || entry.resourceId === query.resourceId);
    return this.#entries.filter(meets).reverse().slice(0, query.limit);
  }
}
