import { seededChance } from '../src/testing/model/chance.js';
import { draw } from './distribution.js';
import { EVENTS, type DurationClass, type Timings } from './timings.js';

export interface TimelineEvent {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface TimelineTarget {
  readonly instanceId: string;
  readonly colour: 'Green' | 'Blue';
  readonly events: readonly TimelineEvent[];
}

/** One CodeDeploy deployment, drawn: milliseconds since it was created. */
export interface Timeline {
  readonly queuedMs: number;
  readonly totalMs: number;
  /** The setting of the target group: whole seconds, as the service has it. */
  readonly deregistrationDelayMs: number;
  /** On how many instances of green CodeDeploy works at a time. */
  readonly atATime: number;
  readonly targets: readonly TimelineTarget[];
  /** One target that fails in the middle of an event, and when the deployment does for that. */
  readonly failure: { readonly instanceId: string; readonly atMs: number; readonly deploymentAtMs: number } | undefined;
}

type Drawn = ReadonlyMap<string, number>;

/** CodeDeploy asks so often, at the longest, whether an instance has been drained. */
const DRAINED_POLL_MS = 5_000;

/** The same seed draws the same deployment; with `fails`, one target of it fails at a moment drawn evenly over its events. */
export function drawTimeline(timings: Timings, duration: DurationClass, seed: number, fails: boolean): Timeline {
  const chance = seededChance(seed * 104_729 + Number(duration));
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)]!;
  const wantedMs = draw(timings.durations[duration], chance) * 1000;
  const instances = oneOf(timings.instances);
  const share = oneOf(timings.atATime);
  const atATime = share === 'all' ? instances : share === 'one' ? 1 : Math.ceil(instances / 2);
  const queued = draw(timings.queued, chance);
  const names = [...EVENTS.install, ...EVENTS.allow, ...EVENTS.block];
  const base: Drawn = new Map(names.map((name) => [name, draw(timings.events[name] ?? timings.events.other, chance)]));
  // Draining takes as long as the target group says, on every instance: the rest differs from one to the next.
  const own = (): Drawn =>
    new Map(
      [...base].map(([name, weight]) => [
        name,
        name === 'BlockTraffic' ? weight : weight * draw(timings.amongInstances, chance),
      ]),
    );
  const green = Array.from({ length: instances }, own);
  const blue = Array.from({ length: instances }, own);
  const installed = runFleet(green, EVENTS.install, atATime, queued);
  const allowed = runFleet(green, EVENTS.allow, atATime, endOf(installed));
  const blocked = runFleet(blue, EVENTS.block, instances, endOf(allowed));
  const scale = wantedMs / Math.max(endOf(blocked), Number.MIN_VALUE);
  const scaled = (events: readonly TimelineEvent[]): readonly TimelineEvent[] =>
    events.map(({ name, startMs, endMs }) => ({ name, startMs: startMs * scale, endMs: endMs * scale }));
  const targets: readonly TimelineTarget[] = [
    ...green.map((_, index) => ({
      instanceId: `i-green${index}`,
      colour: 'Green' as const,
      events: scaled([...installed[index]!, ...allowed[index]!]),
    })),
    ...blue.map((_, index) => ({
      instanceId: `i-blue${index}`,
      colour: 'Blue' as const,
      events: scaled(blocked[index]!),
    })),
  ];
  const blockMs = (base.get('BlockTraffic') ?? 0) * scale;
  const noticedMs = Math.min(blockMs / 2, chance() * DRAINED_POLL_MS);
  const drainedAfter = Math.max(0.01, draw(timings.drainedAfter, chance));
  const deregistrationDelayMs = Math.floor((blockMs - noticedMs) / drainedAfter / 1000) * 1000;
  const queuedMs = queued * scale;
  const failure = fails ? drawFailure(targets, queuedMs + chance() * (wantedMs - queuedMs), oneOf) : undefined;
  return { queuedMs, totalMs: wantedMs, deregistrationDelayMs, atATime, targets, failure };
}

/** So many at a time, in their order, each through all of these events. */
function runFleet(
  targets: readonly Drawn[],
  names: readonly string[],
  atATime: number,
  fromMs: number,
): readonly (readonly TimelineEvent[])[] {
  const free = Array.from({ length: atATime }, () => fromMs);
  return targets.map((weights) => {
    const slot = free.indexOf(Math.min(...free));
    let at = free[slot]!;
    const events = names.map((name) => {
      const startMs = at;
      at += weights.get(name) ?? 0;
      return { name, startMs, endMs: at };
    });
    free[slot] = at;
    return events;
  });
}

const endOf = (fleet: readonly (readonly TimelineEvent[])[]): number =>
  Math.max(...fleet.map((events) => events.at(-1)!.endMs));

function drawFailure(
  targets: readonly TimelineTarget[],
  atMs: number,
  oneOf: <T>(list: readonly T[]) => T,
): Timeline['failure'] {
  const underWay = ({ events }: TimelineTarget): boolean =>
    events.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
  const working = targets.filter(underWay);
  const { instanceId } = oneOf(working);
  // The others end what they are at: CodeDeploy gives up when nothing is under way any more.
  const rest = working.filter((target) => target.instanceId !== instanceId);
  const phaseEnd = ({ events }: TimelineTarget): number => {
    const at = events.findIndex(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
    const { install, allow } = EVENTS;
    return at < install.length && events.length > allow.length
      ? events[install.length - 1]!.endMs
      : events.at(-1)!.endMs;
  };
  return { instanceId, atMs, deploymentAtMs: Math.max(atMs, ...rest.map(phaseEnd)) };
}
