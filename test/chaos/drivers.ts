import { BlueGreen, type BlueGreenOptions } from '../../src/index.js';
import type { Clock } from '../../src/ports/clock.js';
import type { RolloutStore, StoredEntry, StoredRecord } from '../../src/ports/rollout-store.js';
import type { Json } from '../../src/internal/json.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Wire } from '../helpers/wires.js';
import { functionsOf } from './company.js';
import type { LifeEnd, Story } from './story.js';

export type DriverOptions = Pick<BlueGreenOptions, 'onEvent' | 'timeouts' | 'onTimeout'> & { readonly clock?: Clock };

/** A process of its own, as far as anything can tell it apart: it has its own ids, and its own way to the store. */
export function driverOf(
  story: Story,
  { options }: Wire,
  cloud: SimulatedCloud,
  store: RolloutStore,
  process: string,
  { clock = cloud.clock, ...given }: DriverOptions = {},
): BlueGreen {
  const access = { ...options(cloud), clock };
  const { modeTimeoutUnit } = story.cloud.undocumented ?? {};
  let ids = 0;
  return new BlueGreen({
    ...access,
    // Nothing that the library could find out: whoever uses it says so.
    spot: { ...access.spot, ...(modeTimeoutUnit === undefined ? {} : { modeTimeoutUnit }) },
    ...functionsOf(story, cloud),
    logger: false,
    polling: story.polling as { every: '1s'; urgent: '1s' },
    store,
    newId: () => `${process}-${(ids += 1)}`,
    ...given,
  });
}

const steady = (clock: Clock): number => clock.monotonic?.() ?? clock.now();

/** The clock of a process that can be stopped, and goes on as if nothing had been. */
export class FreezableClock implements Clock {
  #thawed: Promise<void> = Promise.resolve();

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  monotonic(): number {
    return steady(this.clock);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.clock.sleep(ms, signal);
    await this.#thawed;
  }

  freeze(until: Promise<void>): void {
    this.#thawed = until;
  }
}

/** A clock that somebody sets, or that catches up after the machine slept; what sleeps by it sleeps as long as before. */
export class JumpingClock implements Clock {
  constructor(
    private readonly clock: Clock,
    private readonly jump: { readonly at: number; readonly byMs: number },
  ) {}

  now(): number {
    const now = this.clock.now();
    return now >= this.jump.at ? now + this.jump.byMs : now;
  }

  monotonic(): number {
    return steady(this.clock);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.clock.sleep(ms, signal);
  }
}

/** Once it is due, the process stands still in its next look at a cloud, for so long; what it was about to send it sends afterwards. */
export function freezeAtLook(
  cloud: SimulatedCloud,
  isDue: () => boolean,
  forMs: number,
  freeze: () => void,
): () => void {
  const { faults } = cloud;
  const usual = faults.takeForRequest.bind(faults);
  let frozen = false;
  faults.takeForRequest = (service, operation, sinceStartMs) => {
    if (frozen || !READS.test(operation) || !isDue()) return usual(service, operation, sinceStartMs);
    frozen = true;
    freeze();
    // Before its timers: what was about to go out goes on, and nothing has yet told it how long it stood still.
    return { fault: 'slow', byMs: forMs - 1, on: { service } };
  };
  return () => {
    faults.takeForRequest = usual;
  };
}

const READS = /^(list|read|describe|get|batchget)/i;

/** From its nth write on it hangs, until it is let through again. */
export class HangingStore implements RolloutStore {
  #writes = 0;
  #through: Promise<void> = Promise.resolve();

  constructor(
    private readonly under: RolloutStore,
    private readonly nth: number,
    /** Called when the nth write begins; answers when writes get through again. */
    private readonly hang: () => Promise<void>,
  ) {}

  get durable(): boolean {
    return this.under.durable;
  }

  async append(rolloutId: string, expectedLength: number, entries: readonly StoredEntry[]): Promise<void> {
    await this.#getThrough();
    return this.under.append(rolloutId, expectedLength, entries);
  }

  read(rolloutId: string, from?: number): Promise<readonly StoredEntry[]> {
    return this.under.read(rolloutId, from);
  }

  list(): Promise<readonly string[]> {
    return this.under.list();
  }

  readRecord(name: string): Promise<StoredRecord | undefined> {
    return this.under.readRecord(name);
  }

  async writeRecord(name: string, expectedRevision: number | undefined, value: Json): Promise<number | 'conflict'> {
    // Nobody waits for the trace: the end of a story would come before that of its last write.
    if (!name.startsWith('trace/')) await this.#getThrough();
    return this.under.writeRecord(name, expectedRevision, value);
  }

  #getThrough(): Promise<void> {
    this.#writes += 1;
    if (this.#writes === this.nth) this.#through = this.hang();
    return this.#through;
  }
}

/**
 * Around its nth request from now on, of whatever service, a process dies: the request did not go out, or its answer is
 * lost, and nothing of it is heard any more. The answered function ends that, for whoever comes after.
 */
export function dieAtCall(
  cloud: SimulatedCloud,
  { nth, when, of }: Pick<Extract<LifeEnd, { readonly end: 'crash' }>, 'nth' | 'when' | 'of'>,
  die: () => void,
): () => void {
  const { faults } = cloud;
  const usual = faults.takeForRequest.bind(faults);
  let requests = 0;
  faults.takeForRequest = (service, operation, sinceStartMs) => {
    if (of === undefined || of === operation || requests >= nth) requests += 1;
    if (requests < nth) return usual(service, operation, sinceStartMs);
    if (requests === nth) die();
    return requests === nth && when === 'after'
      ? { fault: 'lost-answer', on: { service } }
      : { fault: 'no-answer', acted: false, on: { service } };
  };
  return () => {
    faults.takeForRequest = usual;
  };
}
