import { deploymentsIn, seenBadAt } from './deployments.js';
import { departures, greenOf } from './fleets.js';
import type { History, Sight } from './history.js';
import { atTime, inSeconds, SECONDS, settle, type Evidence, type Judgement } from './judgement.js';
import { firstStopAt, isPublished, runningModes, wasIn, type SeenMode } from './modes.js';

type Way = Evidence<'whenDeploymentFails'>;

const ROLLING_BACK = ['ROLLBACK_START', 'ROLLBACK_CREATE_DEPLOYMENT', 'ROLLBACK_REPLACE_OLD_NEW_INSTANCES'];
const AWAITING = ['AWAITING_USER_DEPLOYMENT', 'AWAITING_DEPLOYMENT_TO_FINISH'];
/** A state of Spot's own may be as short as this, and be over between two looks. */
const SHORTEST_STATE_MS = 5 * SECONDS;
/** Spot looks at CodeDeploy more often than that. */
const LOOKS_WITHIN_MS = 2 * 60 * SECONDS;

/** What Spot does when the release on green has failed, or the mode's time is up. */
export function judgeWhenDeploymentFails(history: History): Judgement {
  const evidence = runningModes(history).flatMap((mode): readonly Way[] => [
    ...rollsBack(mode),
    ...removesGreen(mode),
    ...doesNothing(history, mode),
    ...leavesGreen(history, mode),
    ...goesElsewhere(history, mode),
  ]);
  return settle('whenDeploymentFails', evidence, 'no deployment mode was seen to fail, or not for long enough');
}

function rollsBack({ id, sights }: SeenMode): readonly Way[] {
  const first = sights.find(({ value }) => value !== null && ROLLING_BACK.includes(value));
  if (first === undefined) return [];
  return [{ fits: ['rolls-back-itself'], because: `${id} was in ${first.value} at ${atTime(first.from)}` }];
}

/** Before anybody told it to stop. Looks that are too far apart may have missed that it rolled back first. */
function removesGreen(mode: SeenMode): readonly Way[] {
  const { id, sights } = mode;
  const index = sights.findIndex(({ value }) => value === 'REMOVE_NEW_INSTANCES');
  const [before, removal] = [sights[index - 1], sights[index]];
  if (before === undefined || removal === undefined || wasIn(mode, 'STOPPING', 'FINISHED_STOPPED', ...ROLLING_BACK))
    return [];
  if (!AWAITING.includes(before.value ?? '') || firstStopAt(mode) <= removal.from) return [];
  const gapMs = removal.from - before.until;
  if (gapMs >= SHORTEST_STATE_MS && !wasIn(mode, 'FINISHED_ERROR')) return [];
  const rollbackTakesMs = (before.value === 'AWAITING_DEPLOYMENT_TO_FINISH' ? 2 : 1) * SHORTEST_STATE_MS;
  const because = `${id} went from ${before.value} to REMOVE_NEW_INSTANCES within ${inSeconds(gapMs)}, and nobody had told it to stop`;
  return gapMs < rollbackTakesMs
    ? [{ fits: ['only-removes-green'], because }]
    : [{ fits: ['rolls-back-itself', 'only-removes-green'], because }];
}

/** Its release is over, and badly, and it waits on. */
function doesNothing(history: History, { id, sights }: SeenMode): readonly Way[] {
  const badAt = whenAllWereBad(history);
  if (badAt === undefined) return [];
  const waits = sights.find(
    ({ value, from, until }) =>
      value === 'AWAITING_DEPLOYMENT_TO_FINISH' && until - Math.max(from, badAt) >= LOOKS_WITHIN_MS,
  );
  if (waits === undefined) return [];
  const forMs = waits.until - Math.max(waits.from, badAt);
  return [
    { fits: ['does-nothing'], because: `${id} went on waiting for ${inSeconds(forMs)} after its release had failed` },
  ];
}

/** When the last of our releases was seen to have failed; undefined where one has not, or Spot may follow somebody else's. */
function whenAllWereBad(history: History): number | undefined {
  const releases = deploymentsIn(history).filter(
    ({ byUser, sights }) => byUser && (sights.length > 1 || isOurs(sights)),
  );
  const times = releases.map((each) => (each.ours ? seenBadAt(each) : undefined));
  if (times.length === 0 || times.some((time) => time === undefined)) return undefined;
  return Math.max(...times.map((time) => time ?? 0));
}

const isOurs = (sights: ReadonlyArray<Sight<{ readonly marker?: string }>>): boolean =>
  sights[0]?.value.marker !== undefined;

/** It ended with an error, and what it had launched stands. */
function leavesGreen(history: History, mode: SeenMode): readonly Way[] {
  const error = mode.sights.find(({ value }) => value === 'FINISHED_ERROR');
  if (error === undefined || wasIn(mode, 'STOPPING', 'REMOVE_NEW_INSTANCES')) return [];
  const gone = new Set(departures(history).map(({ instanceId }) => instanceId));
  const stands = [...greenOf(history, mode)].find((id) => {
    const last = history.of<true | null>('spot', 'member', id).at(-1);
    return !gone.has(id) && last !== undefined && last.until >= error.from;
  });
  if (stands === undefined) return [];
  return [{ fits: ['does-nothing'], because: `${mode.id} ended in FINISHED_ERROR, and ${stands} stayed` }];
}

/** After the failure it said something that nobody has published. */
function goesElsewhere(history: History, { id, sights }: SeenMode): readonly Way[] {
  const badAt = whenAllWereBad(history);
  const index = sights.findIndex(({ value }) => value !== null && !isPublished(value));
  const [before, strange] = [sights[index - 1], sights[index]];
  if (badAt === undefined || before === undefined || strange === undefined) return [];
  if (strange.from < badAt || !AWAITING.includes(before.value ?? '')) return [];
  return [{ fits: [], because: `${id} went from ${before.value} to ${strange.value}, which the model does not know` }];
}
