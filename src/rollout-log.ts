import type { EventLevel, RolloutEvent } from './events/events.js';
import { systemConsole } from './internal/system-console.js';
import type { BlueGreenOptions } from './options.js';
import type { Logger } from './ports/logger.js';
import { cleanLine } from './report/clean-text.js';

type Facts = Readonly<Record<string, unknown>>;

/** Writes to the user's logger: a child of it for each rollout where it has children. Nothing that it throws counts. */
export class RolloutLog {
  readonly #root: Logger | undefined;
  readonly #children = new Map<string, Logger>();

  constructor({ logger, onEvent }: Pick<BlueGreenOptions, 'logger' | 'onEvent'>) {
    const byDefault = onEvent === undefined ? systemConsole : undefined;
    this.#root = logger === false ? undefined : (logger ?? byDefault);
  }

  /** The logger of one rollout, for its hooks and checks. */
  of(rolloutId: string): Logger | undefined {
    if (this.#root === undefined) return undefined;
    const at =
      (level: EventLevel) =>
      (message: string, facts: Facts = {}): void =>
        this.#write(level, rolloutId, message, facts);
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }

  tell({ level, rolloutId, name, text, data }: RolloutEvent): void {
    this.#write(level, rolloutId, text, { event: name, ...(data as Facts) });
    const ended = name === 'rollout:finish:recorded' || name === 'rollout:drive:stopped';
    if (ended && rolloutId !== undefined) this.#children.delete(rolloutId);
  }

  error(message: string, facts: Facts): void {
    this.#write('error', undefined, message, facts);
  }

  #write(level: EventLevel, rolloutId: string | undefined, message: string, facts: Facts): void {
    try {
      const logger = rolloutId === undefined ? this.#root : this.#childOf(rolloutId);
      if (logger === undefined) return;
      // A child says the id by itself.
      const told = rolloutId === undefined || logger !== this.#root ? facts : { ...facts, rolloutId };
      // The text holds words of the clouds', and the logger may well be a terminal.
      write(logger, level, cleanLine(message), told);
    } catch {
      // There is nobody left to tell it to, and a release must not end for it.
    }
  }

  #childOf(rolloutId: string): Logger | undefined {
    if (typeof this.#root?.child !== 'function') return this.#root;
    const child = this.#children.get(rolloutId) ?? this.#root.child({ rolloutId });
    this.#children.set(rolloutId, child);
    return child;
  }
}

function write(logger: Logger, level: EventLevel, message: string, facts: Facts): void {
  if (takesFactsFirst(logger)) logger[level](facts, message);
  else logger[level](message, facts);
}

/** pino and bunyan: they would take facts that come second for nothing, or for a part of the text. */
function takesFactsFirst(logger: object): logger is Record<EventLevel, (facts: Facts, message: string) => void> {
  return 'bindings' in logger || 'addStream' in logger;
}
