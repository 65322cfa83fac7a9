import { BlueGreen, MemoryStore } from '../../src/index.js';
import type { BlueGreenOptions, RolloutEvent, RolloutResult, RolloutSpec } from '../../src/index.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import type { CloudRequest, Fault, Undocumented } from '../../src/testing/index.js';
import { type SimulatedClock, SimulatedCloud } from '../../src/testing/index.js';
import type { SimulatedTimings } from '../../src/testing/options.js';
import type { ShopDeploymentGroupOptions } from '../../src/testing/simulated-cloud-options.js';
import { CrashStore } from './crash-store.js';
import { keepGates } from './gatekeeper.js';
import { endOf, type End } from './crash-end.js';
import { WIRES } from './wires.js';

/** A release that is told twice: once without a crash, and once for every point at which its process can die. */
export interface Tale {
  readonly faults?: readonly Fault[];
  readonly undocumented?: Partial<Undocumented>;
  readonly deploymentGroup?: ShopDeploymentGroupOptions;
  readonly spec?: object;
  /** Longer or shorter than it is here. */
  readonly timings?: Partial<SimulatedTimings>;
  readonly options?: Pick<BlueGreenOptions, 'hooks' | 'checks'>;
  /** Somebody says yes to every gate, from a process of their own. */
  readonly gatekeeper?: true;
}

/** The instant at which a process dies: around its nth write to the store, or around its nth request to a cloud. */
export interface CrashPoint {
  readonly at: 'write' | 'call';
  readonly n: number;
  readonly when: 'before' | 'after';
}

export interface Told {
  readonly end: End;
  /** What the first process wrote, in order. */
  readonly writes: readonly string[];
  /** When it wrote that: two writes with nothing but themselves between them have the same moment. */
  readonly moments: readonly string[];
  readonly calls: ReadonlyArray<{ readonly name: string; readonly mutates: boolean }>;
  /** What was changed in the clouds, whoever asked for it and whether or not the answer arrived. */
  readonly changes: readonly string[];
}

export interface CrashTold extends Omit<Told, 'moments'> {
  /** What was written or called at the point. */
  readonly crashedAt: string | undefined;
  /** What the dead process still tried to change in the clouds. */
  readonly changedAfterDeath: readonly string[];
  readonly secondLife: RolloutResult;
}

export const ROLLOUT_ID = 'tale';
// Far apart, so that hundreds of tales fit into a minute; how often the library looks is no part of this.
export const OPTIONS = { polling: { every: '30s', urgent: '30s' } } as const satisfies Partial<BlueGreenOptions>;
const QUICK = {
  launchMs: 10_000,
  bootMs: 10_000,
  spotFulfilMs: 5_000,
  waitBeforeTerminationMs: 10_000,
  terminationMs: 10_000,
};
const READS = /^(list|read|describe|get|batchget)/i;

export const mutates = ({ operation }: Pick<CloudRequest, 'operation'>): boolean => !READS.test(operation);

export async function tellWithoutCrash(tale: Tale): Promise<Told> {
  await using cloud = cloudOf(tale);
  const moments: string[] = [];
  const under = new MemoryStore();
  const store = new CrashStore(under, (n) => {
    moments[n - 1] = `${cloud.clock.now()}, after ${cloud.requests.length} requests`;
  });
  const blueGreen = driverOf(cloud, store, 1, tale.options);
  const person = driverOf(cloud, under, 9);
  const leave = tale.gatekeeper === true ? keepGates(cloud, person, ROLLOUT_ID) : undefined;
  const rollout = await blueGreen.start(specOf(cloud, tale.spec), { id: ROLLOUT_ID });
  const result = await rollout.result();
  await leave?.();
  await Promise.all([blueGreen.close(), person.close()]);
  return {
    end: endOf(cloud, result),
    writes: store.writes,
    moments,
    calls: callsOf(cloud),
    changes: changesOf(cloud.requests),
  };
}

/**
 * The process dies at the point; another one takes the rollout up where it stood, and finds the end. Told hundreds of times, it
 * takes the short wire.
 */
export async function tellWithCrash(
  tale: Tale,
  point: CrashPoint,
  under: RolloutStore = new MemoryStore(),
): Promise<CrashTold> {
  const wire = WIRES.short;
  await using cloud = cloudOf(tale, wire.clock());
  let crashedAt: string | undefined;
  let callsBefore = 0;
  const store = new CrashStore(under, (n, when) => {
    if (point.at === 'write' && n === point.n && when === point.when) die(store.writes[n - 1] ?? '');
  });
  const die = (where: string): void => {
    crashedAt = where;
    callsBefore = cloud.requests.length;
    store.break();
  };
  const restoreWire = point.at === 'call' ? breakTheWire(cloud, point, die) : () => {};

  const access = { ...wire.options(cloud), ...tale.options };
  const person = driverOf(cloud, under, 9, access);
  const leave = tale.gatekeeper === true ? keepGates(cloud, person, ROLLOUT_ID) : undefined;
  const first = driverOf(cloud, store, 1, access);
  const spec = specOf(cloud, tale.spec);
  // Whoever started it may have died before, or while, it was written down that there is a rollout.
  const abandoned = await first.start(spec, { id: ROLLOUT_ID }).catch(() => undefined);
  await abandoned?.result();
  const changedAfterDeath = changesOf(cloud.requests.slice(callsBefore));
  restoreWire();

  const second = driverOf(cloud, under, 2, access);
  const known = (await under.list()).includes(ROLLOUT_ID);
  const rollout = known ? await second.resume(ROLLOUT_ID) : await second.start(spec, { id: ROLLOUT_ID });
  const secondLife = await rollout.result();
  await leave?.();
  await Promise.all([second.close(), first.close(), person.close()]);
  const end = endOf(cloud, secondLife);
  return {
    end,
    writes: store.writes,
    calls: callsOf(cloud),
    changes: changesOf(cloud.requests),
    crashedAt,
    changedAfterDeath: crashedAt === undefined ? [] : changedAfterDeath,
    secondLife,
  };
}

/**
 * From a request on, of whatever service, the process hears nothing more: the request did not go out, or its answer is
 * lost. The answered function ends that, for whoever comes after.
 */
function breakTheWire(cloud: SimulatedCloud, point: CrashPoint, die: (where: string) => void): () => void {
  const usual = cloud.faults.takeForRequest.bind(cloud.faults);
  let requests = 0;
  cloud.faults.takeForRequest = (service, operation, sinceStartMs) => {
    requests += 1;
    if (requests < point.n) return usual(service, operation, sinceStartMs);
    if (requests === point.n) die(`${service} ${operation}`);
    return requests === point.n && point.when === 'after'
      ? { fault: 'lost-answer', on: { service } }
      : { fault: 'no-answer', acted: false, on: { service } };
  };
  return () => {
    cloud.faults.takeForRequest = usual;
  };
}

export function cloudOf(
  { spec: _spec, options: _options, gatekeeper: _keeper, ...tale }: Tale = {},
  clock: SimulatedClock = WIRES.near.clock(),
): SimulatedCloud {
  return new SimulatedCloud({
    clock,
    rateLimits: false,
    blue: 2,
    deregistrationDelayMs: 10_000,
    timings: QUICK,
    ...tale,
  });
}

/** A process of its own, as far as anything can tell it apart: it has its own ids. */
export function driverOf(
  cloud: SimulatedCloud,
  store: RolloutStore,
  process: number,
  options: Partial<BlueGreenOptions> = {},
): BlueGreen {
  let ids = 0;
  const newId = (): string => `process-${process}-${(ids += 1)}`;
  return new BlueGreen({ ...cloud.options(), ...OPTIONS, store, newId, ...options });
}

export function specOf(cloud: SimulatedCloud, overrides: object = {}): RolloutSpec {
  return cloud.spec({ tagSettle: '20s', ...overrides });
}

/** Something that a test waits for until somebody opens it. */
export function latch(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** Resolves at the first event that the test waits for; the answered listener goes into `onEvent`. */
export function eventSeen(matches: (event: RolloutEvent) => boolean): {
  readonly onEvent: (event: RolloutEvent) => void;
  readonly seen: Promise<void>;
} {
  const found = latch();
  return { onEvent: (event) => (matches(event) ? found.open() : undefined), seen: found.opened };
}

export const stepBegins = (step: string): ReturnType<typeof eventSeen> =>
  eventSeen(({ name, data }) => name === 'step:run:started' && 'step' in data && data.step === step);

const nameOf = ({ service, operation }: CloudRequest): string => `${service} ${operation}`;

function callsOf(cloud: SimulatedCloud): Told['calls'] {
  return cloud.requests.map((request) => ({ name: nameOf(request), mutates: mutates(request) }));
}

export function changesOf(requests: readonly CloudRequest[]): string[] {
  return requests.filter((request) => mutates(request) && acted(request)).map(nameOf);
}

const acted = ({ status }: CloudRequest): boolean => status === 200 || status === 'lost';

/** Runs so many tales side by side: what takes time is the turns of the event loop, which they share. */
export async function sideBySide<T, R>(items: readonly T[], run: (item: T) => Promise<R>, width = 16): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await run(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
