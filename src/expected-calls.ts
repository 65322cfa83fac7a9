import type { Outlook } from './engine/outlook.js';
import type { PollingPolicy, PollingQuestion } from './policies/polling.js';
import type { RolloutPlanCalls, RolloutPlanMutation, RolloutPlanStep } from './rollout-plan.js';

/** As the engine has it: no policy looks more often. */
const MINIMUM_PAUSE_MS = 250;
/** A step may ask for a look of its own, besides those of the policy: when something has settled, say. */
const LOOKS_BESIDES = 4;

interface Tally {
  atLeast: number;
  atMost: number | undefined;
  perMinute: number;
}

/** How often each operation is called on the way forward: from what each step reads and how often the policy looks. */
export function expectedCalls(
  steps: readonly RolloutPlanStep[],
  mutations: readonly RolloutPlanMutation[],
  { reads }: Pick<Outlook, 'reads'>,
  polling: PollingPolicy,
): readonly RolloutPlanCalls[] {
  if (reads === undefined) return [];
  const tallies = new Map<string, Tally>();
  const add = (operation: string, least: number, most: number | undefined, perMinute: number): void => {
    const { atLeast = 0, atMost = 0, perMinute: before = 0 } = tallies.get(operation) ?? {};
    const unbounded = most === undefined || (tallies.has(operation) && tallies.get(operation)?.atMost === undefined);
    tallies.set(operation, {
      atLeast: atLeast + least,
      atMost: unbounded ? undefined : atMost + most,
      perMinute: Math.max(before, perMinute),
    });
  };
  for (const { service, operation, ifNeeded } of mutations)
    add(`${service} ${operation}`, ifNeeded === true ? 0 : 1, 1, 0);
  for (const step of steps.filter(({ skipped }) => skipped !== true)) {
    const { least, most } = reads(step.id);
    const waits = step.type !== 'read' && step.type !== 'effect';
    const pauseMs = closestPauseMs(step.id, polling);
    const withinMs = waits ? step.withinMs : 0;
    const looks = withinMs === undefined ? undefined : Math.ceil(withinMs / pauseMs) + (waits ? LOOKS_BESIDES : 1);
    for (const [operation, count] of Object.entries(most)) {
      if (count === 0) continue;
      const perMinute = waits ? count * (Math.ceil(60_000 / pauseMs) + 1) : 0;
      add(operation, least[operation] ?? 0, looks === undefined ? undefined : looks * count, perMinute);
    }
  }
  return [...tallies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { atLeast, atMost, perMinute }]) => {
      const [service = '', operation = ''] = name.split(' ');
      return {
        service,
        operation,
        atLeast,
        ...(atMost === undefined ? {} : { atMost }),
        ...(perMinute === 0 ? {} : { perMinuteOfWaiting: perMinute }),
      };
    });
}

/** Asked in every way in which a step may ask: the policy may be anybody's. */
function closestPauseMs(stepId: string, polling: PollingPolicy): number {
  const progresses: ReadonlyArray<PollingQuestion['progress']> = [
    undefined,
    ...[0, 30_000].flatMap((presentMs) =>
      [0, 3].map((ahead) => ({ done: 3, toDo: ahead, ahead, presentMs, typicalMs: presentMs, waitLeftMs: 0 })),
    ),
  ];
  const pauses = progresses.flatMap((progress) =>
    [0, 60_000].flatMap((sinceChangeMs) =>
      [true, false].flatMap((urgent) =>
        [0, 0.999].map((chance) => {
          const elapsedMs = Math.max(1_000, sinceChangeMs);
          const seen = { stepId, looks: 2, elapsedMs, sinceChangeMs, remainingMs: 3_600_000 };
          const question = { ...seen, urgent, holding: false, ...(progress === undefined ? {} : { progress }) };
          return polling(question, () => chance);
        }),
      ),
    ),
  );
  return Math.max(MINIMUM_PAUSE_MS, Math.min(...pauses));
}
