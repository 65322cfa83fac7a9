import { capacitiesOf, departures, greenOf, joinedBetween, membersOf, suspensionsOf, type Capacity } from './fleets.js';
import { looksAt, seenAt, type History, type SeenCall } from './history.js';
import { atTime, inSeconds, SECONDS, settle, type Evidence, type Judgement } from './judgement.js';
import { hasLaunched, holdsBoth, runningModes, timeIn, type SeenMode } from './modes.js';

/** Longer than Spot's lists may lag. */
const LISTS_LAG_MS = 10 * SECONDS;
/** Longer than Spot takes to begin with a replacement. */
const HEALS_WITHIN_MS = 4 * 60 * SECONDS;
const REPLACES_WITHIN_MS = 90 * SECONDS;

/** The capacity before a mode, and while it held both fleets. */
export function judgeTargetDuringMode(history: History): Judgement {
  const capacities = capacitiesOf(history);
  const evidence = runningModes(history).flatMap((mode): ReadonlyArray<Evidence<'targetDuringMode'>> => {
    const during = timeIn(mode, hasLaunched);
    const before = capacityBefore(history, mode);
    if (during === undefined || before === undefined) return [];
    const untilAt = Math.min(during.until, ...changes(history).map(({ sentAt }) => sentAt));
    return looksAt(capacities)
      .filter(({ at }) => at >= during.from && at <= untilAt)
      .map(({ at, value: { target } }) => ({
        fits: answersOf(before, target),
        because: `the target was ${before.target} before ${mode.id}, and ${target} at ${atTime(at)}`,
      }));
  });
  return settle('targetDuringMode', evidence, 'the target was not looked at while a mode held both fleets');
}

function answersOf({ target, maximum }: Capacity, found: number): Evidence<'targetDuringMode'>['fits'] {
  const doubled = found === 2 * target || (2 * target > maximum && found === maximum);
  return [...(found === target ? ['unchanged' as const] : []), ...(doubled ? ['doubled' as const] : [])];
}

/** Orders of ours that move the target. */
const changes = (history: History): readonly SeenCall[] => [
  ...history.sent('setCapacity'),
  ...history.sent('detachInstances'),
];

function capacityBefore(history: History, { sights, entered }: SeenMode): Capacity | undefined {
  return seenAt(capacitiesOf(history), entered?.sentAt ?? (sights[0]?.from ?? 0) - 1)?.value;
}

/** Whether both fleets together grew beyond the maximum. */
export function judgeMaximumDuringMode(history: History): Judgement {
  const members = membersOf(history);
  const gone = departures(history);
  const evidence = runningModes(history).flatMap((mode): ReadonlyArray<Evidence<'maximumDuringMode'>> => {
    const startedAt = mode.entered?.sentAt;
    const during = timeIn(mode, holdsBoth);
    const capacity = capacityBefore(history, mode);
    if (startedAt === undefined || during === undefined || capacity === undefined) return [];
    const before = seenAt(members, startedAt)?.value;
    if (before === undefined || before.pending > 0 || 2 * before.count <= capacity.maximum) return [];
    const untilAt = Math.min(
      during.until,
      ...changes(history).map(({ sentAt }) => sentAt),
      ...gone.filter(({ at }) => at >= startedAt).map(({ at }) => at - 1),
    );
    return looksAt(members)
      .filter(({ at }) => at >= during.from + LISTS_LAG_MS && at <= untilAt)
      .map(({ value: { count, pending } }) => ({
        fits: count + pending > capacity.maximum ? ['bypassed'] : ['enforced'],
        because: `of ${2 * before.count} instances ${count + pending} were there, and the maximum is ${capacity.maximum}`,
      }));
  });
  return settle('maximumDuringMode', evidence, 'no mode was seen for which the maximum is too small');
}

/** Whether what is lost during a mode is replaced. */
export function judgeHealingDuringMode(history: History): Judgement {
  const evidence = runningModes(history).flatMap((mode): ReadonlyArray<Evidence<'healingDuringMode'>> => {
    const during = timeIn(
      mode,
      (state) => holdsBoth(state) && state !== 'AWAITING_INSTANCES_LAUNCH' && state !== 'TAG_INSTANCES_WITH_GREEN_TAG',
    );
    if (during === undefined || stopsWatching(history, during.from, during.until)) return [];
    const green = greenOf(history, mode);
    const detached = Math.min(...history.sent('detachInstances').map(({ sentAt }) => sentAt));
    // What has joined shortly before the mode was through with launching may be its own, seen late.
    const joined = joinedBetween(history, during.from + LISTS_LAG_MS, Math.min(during.until, detached)).filter(
      (id) => !green.has(id),
    );
    const [replacement] = joined;
    if (replacement !== undefined)
      return [{ fits: ['replaces'], because: `${replacement} joined while ${mode.id} ran, and is not its green` }];
    return lossesIn(history, during)
      .filter(({ at }) => lastLook(history, during, detached) - at >= HEALS_WITHIN_MS)
      .map(({ id, at }) => ({
        fits: ['does-not-replace'],
        because: `${id} was lost at ${atTime(at)}, and nothing had joined ${inSeconds(HEALS_WITHIN_MS)} later`,
      }));
  });
  return settle('healingDuringMode', evidence, 'nothing was lost during a mode that was then watched for long enough');
}

/** Members that EC2 no longer ran, and that left without an order of ours, before CodeDeploy was through. */
function lossesIn(
  history: History,
  during: { readonly from: number; readonly until: number },
): ReadonlyArray<{ readonly id: string; readonly at: number }> {
  const ordered = new Set(history.sent('detachInstances').flatMap(({ subjects }) => subjects));
  return departures(history)
    .filter(({ instanceId, at }) => !ordered.has(instanceId) && at >= during.from && at <= during.until)
    .map(({ instanceId, at }) => ({ id: instanceId, at }));
}

const lastLook = (history: History, during: { readonly until: number }, detached: number): number =>
  Math.max(
    ...looksAt(membersOf(history))
      .map(({ at }) => at)
      .filter((at) => at <= Math.min(during.until, detached)),
    0,
  );

/** Healing or scaling was suspended, by whomever, while that was looked at. */
function stopsWatching(history: History, from: number, until: number): boolean {
  const listed = suspensionsOf(history).some(
    (sight) => sight.from <= until && sight.until >= from && sight.value['AUTO_HEALING'] !== undefined,
  );
  const before = seenAt(suspensionsOf(history), from)?.value['AUTO_HEALING'] !== undefined;
  return listed || before || history.sent('suspendProcesses').some(({ sentAt }) => sentAt <= until);
}

/** How many come after a detach that does not lower the target. */
export function judgeDetachWithoutDecrement(history: History): Judgement {
  const members = membersOf(history);
  const evidence = history
    .sent('detachInstances')
    .filter(({ ended, order }) => ended === 'answered' && (order as { decrement?: boolean }).decrement === false)
    .flatMap((detach): ReadonlyArray<Evidence<'detachWithoutDecrement'>> => {
      const before = seenAt(members, detach.sentAt)?.value;
      const target = seenAt(capacitiesOf(history), detach.sentAt)?.value.target;
      const untilAt = undisturbedUntil(history, detach);
      if (before === undefined || target === undefined || untilAt === undefined) return [];
      const taken = detach.subjects.length;
      const left = before.count + before.pending - taken;
      const fills = Math.max(0, Math.min(taken, target - left));
      if (fills === taken) return [];
      return looksAt(members)
        .filter(({ at }) => at >= detach.at + LISTS_LAG_MS && at < untilAt)
        .map(({ value: { count, pending } }): Evidence<'detachWithoutDecrement'> => {
          const came = count + pending - left;
          const because = `${taken} were detached, ${left} stayed of a target of ${target}, and ${came} came`;
          if (came === taken) return { fits: ['always-replaces'], because };
          return { fits: came === fills ? ['fills-up-to-target'] : [], because };
        });
    });
  return settle(
    'detachWithoutDecrement',
    evidence,
    'nothing was detached without a decrement from more than the target',
  );
}

/** Until when nothing else moved the fleet; undefined where something did shortly before. */
function undisturbedUntil(history: History, detach: SeenCall): number | undefined {
  const others = [
    ...changes(history).flatMap((call) => (call === detach ? [] : call.sentAt)),
    ...departures(history).flatMap(({ instanceId, at }) => (detach.subjects.includes(instanceId) ? [] : at)),
  ];
  if (others.some((at) => at <= detach.at && at >= detach.sentAt - REPLACES_WITHIN_MS)) return undefined;
  return Math.min(detach.at + REPLACES_WITHIN_MS, ...others.filter((at) => at > detach.at));
}
