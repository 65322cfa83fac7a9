import { carries, greenOf, suspensionsOf } from './fleets.js';
import { looksAt, seenAt, type History } from './history.js';
import { atTime, inSeconds, SECONDS, settle, type Evidence, type Judgement } from './judgement.js';
import { finishedAt, firstStopAt, hasEnded, modesIn, runningModes, wasIn } from './modes.js';

/** Longer than Spot keeps listing a mode that vanishes. */
const LISTED_FOR_MS = 15 * SECONDS;
/** Longer than EC2 may go on showing tags as they were. */
const TAGS_SETTLE_MS = 10 * SECONDS;

/** Whether a mode that is over stays in the list. */
export function judgeFinishedMode(history: History): Judgement {
  const modes = modesIn(history);
  const gone = modes.flatMap(({ id, sights }): ReadonlyArray<Evidence<'finishedMode'>> => {
    const missing = sights.find(({ value }) => value === null);
    if (missing === undefined) return [];
    return [{ fits: ['vanishes'], because: `${id} was missing from the list at ${atTime(missing.from)}` }];
  });
  const stayed = modes.flatMap(({ id, sights }): ReadonlyArray<Evidence<'finishedMode'>> => {
    const over = sights.find(
      ({ value, from, until }) => value !== null && hasEnded(value) && until - from >= LISTED_FOR_MS,
    );
    if (over === undefined) return [];
    const forMs = over.until - over.from;
    return [{ fits: ['listed'], because: `${id} was listed as ${over.value} for ${inSeconds(forMs)}` }];
  });
  // One that has gone was there for a while first.
  return settle('finishedMode', gone.length > 0 ? gone : stayed, 'no mode was looked at for long after its end');
}

/** Whether a mode that is told to stop takes green away. */
export function judgeStopMode(history: History): Judgement {
  const evidence = runningModes(history).flatMap((mode): ReadonlyArray<Evidence<'stopMode'>> => {
    const { id, sights } = mode;
    const stopped = sights.find(({ value }) => value === 'STOPPING' || value === 'FINISHED_STOPPED');
    if (stopped === undefined) return [];
    if (wasIn(mode, 'REMOVE_NEW_INSTANCES'))
      return [{ fits: ['removes-green'], because: `${id} was stopped, and went through REMOVE_NEW_INSTANCES` }];
    const over = sights.find(({ value, from }) => hasEnded(value) && from >= stopped.from);
    if (over === undefined) return [];
    const green = [...greenOf(history, mode)];
    const orders = history.sent('detachInstances').flatMap(({ subjects }) => subjects);
    const memberAfter = (instanceId: string): boolean =>
      looksAt(history.of<true | null>('spot', 'member', instanceId)).some(({ at, value }) => at >= over.from && value);
    const stayed = green.find(memberAfter);
    if (stayed !== undefined)
      return [{ fits: ['leaves-green'], because: `${id} was over after a stop, and ${stayed} was still there` }];
    const taken = green.find(
      (instanceId) =>
        !orders.includes(instanceId) &&
        history
          .of<true | null>('spot', 'member', instanceId)
          .some(({ value, from }) => value === null && from >= firstStopAt(mode)),
    );
    if (taken === undefined) return [];
    return [{ fits: ['removes-green'], because: `${id} was stopped, and ${taken} left without an order of ours` }];
  });
  return settle('stopMode', evidence, 'no mode was seen to be stopped while green stood');
}

/** Whether green still carries its tags once the mode has done everything. */
export function judgeGreenTagsAfterFinish(history: History): Judgement {
  const tagged = history.sent('createTags').flatMap(({ subjects }) => subjects);
  const evidence = modesIn(history).flatMap((mode): ReadonlyArray<Evidence<'greenTagsAfterFinish'>> => {
    const over = finishedAt(mode);
    if (over === undefined) return [];
    return [...history.all<Record<string, string> | null>('ec2', 'tags')].flatMap(
      ([id, sights]): ReadonlyArray<Evidence<'greenTagsAfterFinish'>> => {
        if (tagged.includes(id) || !sights.some(({ value }) => carries(value, mode.tags))) return [];
        const other = sights.find(({ value, from }, i) => i > 0 && from >= over && !carries(value, mode.tags));
        if (other !== undefined)
          return [{ fits: ['rewritten'], because: `${id} carried other tags after ${mode.id} had finished` }];
        const kept = sights.find(({ value, until }) => carries(value, mode.tags) && until >= over + TAGS_SETTLE_MS);
        if (kept === undefined) return [];
        return [{ fits: ['kept'], because: `green still carried its tags at ${atTime(kept.until)}` }];
      },
    );
  });
  return settle('greenTagsAfterFinish', evidence, 'green’s tags were not looked at after the end of a mode');
}

/** Whether a mode that has done everything lifts suspensions that were there before. */
export function judgeSuspensionsAfterMode(history: History): Judgement {
  const suspensions = suspensionsOf(history);
  const [suspended, lifted] = [ordersOf(history, 'suspendProcesses'), ordersOf(history, 'resumeProcesses')];
  const evidence = runningModes(history).flatMap((mode): ReadonlyArray<Evidence<'suspensionsAfterMode'>> => {
    const removesBlue = mode.sights.find(({ value }) => value === 'REMOVE_OLD_INSTANCES')?.from ?? finishedAt(mode);
    const over = finishedAt(mode);
    const before = seenAt(suspensions, mode.sights[0]?.from ?? 0)?.value ?? {};
    if (removesBlue === undefined) return [];
    return looksAt(suspensions)
      .filter(({ at }) => at >= removesBlue)
      .flatMap(({ at, value }) =>
        Object.entries(before)
          .filter(([process, expiresAt]) => {
            const lasts = expiresAt === null || Date.parse(expiresAt) > at + 60 * SECONDS;
            const ours = [...suspended, ...lifted].some((order) => order.process === process && order.sentAt < at);
            return lasts && !ours;
          })
          .flatMap(([process]): ReadonlyArray<Evidence<'suspensionsAfterMode'>> => {
            if (value[process] === undefined)
              return [
                { fits: ['lifted'], because: `${process} was no longer suspended while ${mode.id} came to its end` },
              ];
            if (over === undefined || at < Math.floor(over)) return [];
            return [{ fits: ['left'], because: `${process} was still suspended after ${mode.id} had finished` }];
          }),
      );
  });
  return settle('suspensionsAfterMode', evidence, 'nothing was suspended by people before a mode that finished');
}

/** Of which processes an order of ours told, and when. */
function ordersOf(
  history: History,
  operation: string,
): ReadonlyArray<{ readonly process: string; readonly sentAt: number }> {
  return history
    .sent(operation)
    .flatMap(({ order, sentAt }) =>
      (Array.isArray(order) ? (order as readonly string[]) : []).map((process) => ({ process, sentAt })),
    );
}
