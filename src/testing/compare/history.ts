import { canonicalJson, type Json } from '../../internal/json.js';
import type { CloudTrace, TraceEntry, TraceWhat } from '../../trace/cloud-trace.js';

/** How something was seen, from its first look to its last. */
export interface Sight<T = Json> {
  /** Null: missing from an answer that it would have been in. */
  readonly value: T;
  /** Epoch milliseconds. */
  readonly from: number;
  /** The last look at which it was known to be so; epoch milliseconds. */
  readonly until: number;
  /** The looks that the trace tells of, in their order; there were others between them. */
  readonly looks: readonly number[];
}

/** A call that the rollout made. */
export interface SeenCall {
  readonly operation: string;
  readonly subjects: readonly string[];
  readonly order: Json;
  readonly ended: 'answered' | 'refused' | 'unknown' | 'not-sent';
  readonly sentAt: number;
  readonly at: number;
  /** The id of what it made. */
  readonly made?: string | undefined;
  readonly code?: string | undefined;
  readonly says?: string | undefined;
}

/** Epoch milliseconds hold no smaller part exactly. */
const TINY_MS = 2 ** -11;

type Growing = { readonly value: Json; readonly from: number; until: number; looks: number[] };

/** A trace by subject instead of by time. */
export class History {
  readonly calls: readonly SeenCall[];
  readonly #sights = new Map<string, Map<string, Growing[]>>();

  constructor({ entries }: CloudTrace) {
    const calls: SeenCall[] = [];
    for (const [index, entry] of entries.entries()) {
      // Of what happened in the same millisecond, what stands first was first.
      const after = index * TINY_MS;
      if (entry.what === 'call') calls.push(callIn(entry, after));
      else if (entry.what === 'still') this.#stayed(entry, entry.now as TraceWhat);
      else if (entry.what !== 'driver') this.#changed(entry, after);
    }
    this.calls = calls;
  }

  /** Everything of one kind, by subject. */
  all<T = Json>(cloud: TraceEntry['cloud'], what: TraceWhat): ReadonlyMap<string, ReadonlyArray<Sight<T>>> {
    return (this.#sights.get(`${cloud} ${what}`) ?? new Map<string, Growing[]>()) as unknown as ReadonlyMap<
      string,
      ReadonlyArray<Sight<T>>
    >;
  }

  of<T = Json>(cloud: TraceEntry['cloud'], what: TraceWhat, subject: string): ReadonlyArray<Sight<T>> {
    return this.all<T>(cloud, what).get(subject) ?? [];
  }

  /** Calls that a service acted on, or may have. */
  sent(operation: string): readonly SeenCall[] {
    return this.calls.filter((call) => call.operation === operation && ['answered', 'unknown'].includes(call.ended));
  }

  #changed({ cloud, what, subjects, now, was, wasUntil, at }: TraceEntry, after: number): void {
    const time = Date.parse(at) + after;
    for (const subject of subjects) {
      const sights = this.#of(cloud, what, subject);
      const last = sights.at(-1);
      if (last !== undefined && was !== undefined && wasUntil !== undefined) look(last, Date.parse(wasUntil));
      // Another process has begun to look, and sees what the one before saw.
      if (last !== undefined && canonicalJson(last.value) === canonicalJson(now)) look(last, time);
      else sights.push({ value: now, from: time, until: time, looks: [time] });
    }
  }

  #stayed({ cloud, subjects, at }: TraceEntry, what: TraceWhat): void {
    for (const subject of subjects) {
      const last = this.#of(cloud, what, subject).at(-1);
      if (last !== undefined) look(last, Date.parse(at));
    }
  }

  #of(cloud: TraceEntry['cloud'], what: TraceWhat, subject: string): Growing[] {
    const key = `${cloud} ${what}`;
    const bySubject = this.#sights.get(key) ?? new Map<string, Growing[]>();
    this.#sights.set(key, bySubject);
    const sights = bySubject.get(subject) ?? [];
    bySubject.set(subject, sights);
    return sights;
  }
}

function callIn({ at, subjects, now }: TraceEntry, after: number): SeenCall {
  const told = now as unknown as Omit<SeenCall, 'at' | 'sentAt' | 'subjects'> & { readonly sentAt: string };
  return { ...told, subjects, sentAt: Date.parse(told.sentAt) + after, at: Date.parse(at) + after };
}

/** Times at which a value was looked at for certain. */
export function looksAt<T>(sights: ReadonlyArray<Sight<T>>): ReadonlyArray<{ readonly at: number; readonly value: T }> {
  return sights.flatMap(({ value, looks }) => looks.map((at) => ({ at, value })));
}

function look(sight: Growing, at: number): void {
  if (at <= sight.until) return;
  sight.until = at;
  sight.looks.push(at);
}

/** What was last seen at or before a time. */
export function seenAt<T>(sights: ReadonlyArray<Sight<T>>, time: number): Sight<T> | undefined {
  return sights.filter(({ from }) => from <= time).at(-1);
}
