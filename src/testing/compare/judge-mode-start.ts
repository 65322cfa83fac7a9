import { deploymentsIn, seenBadAt } from './deployments.js';
import { elastigroupIn, greenOf, suspensionsOf } from './fleets.js';
import { looksAt, type History } from './history.js';
import { atTime, inSeconds, SECONDS, settle, type Evidence, type Judgement } from './judgement.js';
import { firstStopAt, hasEnded, modesIn, runningModes, wasIn } from './modes.js';

/** Spot looks for a deployment more often than that. */
const LOOKS_WITHIN_MS = 100 * SECONDS;
/** Longer than it takes to register what runs. */
const REGISTERS_WITHIN_MS = 30 * SECONDS;
/** Looks and states are no more exact than this. */
const SLACK_MS = 2 * 60 * SECONDS;

/** Whether a mode begins while another one runs. */
export function judgeSecondMode(history: History): Judgement {
  const modes = runningModes(history);
  const runs = (index: number) => modes[index]?.sights.filter(({ value }) => !hasEnded(value)) ?? [];
  const both = modes.flatMap((one, i) =>
    modes.slice(i + 1).flatMap((other, j): ReadonlyArray<Evidence<'secondMode'>> => {
      const together = runs(i).some((a) => runs(i + 1 + j).some((b) => a.from <= b.until && b.from <= a.until));
      return together ? [{ fits: ['accepted'], because: `${one.id} and ${other.id} ran at the same time` }] : [];
    }),
  );
  const refused = history.calls
    .filter(({ operation, ended }) => operation === 'enterDeploymentMode' && ended === 'refused')
    .flatMap(({ sentAt, at, code }): ReadonlyArray<Evidence<'secondMode'>> => {
      const other = modes.find(({ sights }) =>
        sights.some(({ value, from, until }) => !hasEnded(value) && until >= sentAt && from <= at + 60 * SECONDS),
      );
      if (other === undefined) return [];
      return [
        {
          fits: ['refused'],
          because: `the order to enter one was refused (${code ?? 'no code'}) while ${other.id} ran`,
        },
      ];
    });
  return settle('secondMode', [...both, ...refused], 'no mode was ordered while another one ran');
}

/** Whether a release that was over before Spot looked counts. */
export function judgeFailedBeforeSpotLooks(history: History): Judgement {
  const releases = deploymentsIn(history).filter(({ byUser, sights }) => byUser && sights.length > 0);
  const evidence = runningModes(history).flatMap(
    ({ id, sights, stops }): ReadonlyArray<Evidence<'failedBeforeSpotLooks'>> =>
      releases.flatMap((release): ReadonlyArray<Evidence<'failedBeforeSpotLooks'>> => {
        const badAt = seenBadAt(release);
        if (badAt === undefined || !release.ours) return [];
        const next = releases.filter(
          ({ createdAt, id: other }) => other !== release.id && createdAt >= release.createdAt,
        );
        const nextAt = Math.min(...next.map(({ createdAt }) => createdAt), ...stops.map(({ sentAt }) => sentAt));
        const waiting = sights.findIndex(
          ({ value, from, until }) => value === 'AWAITING_USER_DEPLOYMENT' && from <= badAt && until >= badAt,
        );
        const sight = sights[waiting];
        if (sight === undefined) return [];
        const waitedMs = Math.min(sight.until, nextAt) - badAt;
        if (waitedMs >= LOOKS_WITHIN_MS)
          return [
            {
              fits: ['ignored'],
              because: `${id} went on waiting for ${inSeconds(waitedMs)} after ${release.id} was over`,
            },
          ];
        const then = sights[waiting + 1];
        const took = then?.value === 'AWAITING_DEPLOYMENT_TO_FINISH' || then?.value === 'ROLLBACK_CREATE_DEPLOYMENT';
        if (then === undefined || !took || then.from > nextAt) return [];
        return [{ fits: ['counts'], because: `${id} went on to ${then.value} with ${release.id}, which was over` }];
      }),
  );
  return settle('failedBeforeSpotLooks', evidence, 'no release was over before Spot had looked');
}

/** Whether Spot registers green where the Elastigroup has target groups of its own. */
export function judgeRegistersAtLaunch(history: History): Judgement {
  const elastigroup = elastigroupIn(history) ?? '';
  const [settings] = history.of<{ readonly targetGroups: readonly string[] }>('spot', 'settings', elastigroup);
  const kept = suspensionsOf(history).some(({ value }) => value['LB_REGISTRATION'] !== undefined);
  const ours = history.sent('registerTargets').flatMap(({ subjects }) => subjects);
  const evidence = kept
    ? []
    : runningModes(history).flatMap((mode) =>
        (settings?.value.targetGroups ?? []).flatMap((name) =>
          [...greenOf(history, mode)]
            .filter((id) => !ours.includes(id))
            .flatMap((id) => whetherRegistered(history, name, id)),
        ),
      );
  return settle(
    'registersAtLaunchDuringMode',
    evidence,
    'the Elastigroup has no target group of its own, or green was not looked for there before its release',
  );
}

function whetherRegistered(
  history: History,
  name: string,
  id: string,
): ReadonlyArray<Evidence<'registersAtLaunchDuringMode'>> {
  const released = Math.min(
    ...history.calls.filter(({ operation }) => operation === 'createDeployment').map(({ sentAt }) => sentAt),
  );
  const [target] = history.of('elbv2', 'target', `${name}/${id}`);
  if (target !== undefined && target.value !== null && target.from <= released)
    return [{ fits: ['registers'], because: `${id} was in ${name} at ${atTime(target.from)}, before its release` }];
  const running = history
    .of<{ readonly state: string } | null>('ec2', 'state', id)
    .find(({ value }) => value?.state === 'running');
  const look = looksAt(history.of('elbv2', 'targets', name)).find(
    ({ at }) => running !== undefined && at >= running.from + REGISTERS_WITHIN_MS && at <= released,
  );
  if (look === undefined) return [];
  return [{ fits: ['does-not-register'], because: `${id} ran, and was not in ${name} at ${atTime(look.at)}` }];
}

/** When the mode's own time was up. */
export function judgeModeTimeoutUnit(history: History): Judgement {
  const evidence = modesIn(history).flatMap((mode): ReadonlyArray<Evidence<'modeTimeoutUnit'>> => {
    const { id, sights, entered } = mode;
    const timeout = (entered?.order as { readonly timeout?: number | null } | undefined)?.timeout;
    if (entered === undefined || timeout === undefined || timeout === null) return [];
    const [seconds, minutes] = [timeout * SECONDS, timeout * 60 * SECONDS];
    const waits = (value: string | null): boolean => value?.startsWith('AWAITING_') === true;
    const alive = sights.filter(({ value }) => waits(value)).at(-1);
    if (alive !== undefined && alive.until - entered.at > seconds + SLACK_MS)
      return [{ fits: ['minutes'], because: `${id} still ran after more than ${timeout} s` }];
    const bad = deploymentsIn(history).some((release) => seenBadAt(release) !== undefined);
    const back = sights.find(({ value }) => value !== null && BACK.has(value));
    if (back === undefined || alive === undefined || bad || firstStopAt(mode) <= back.from) return [];
    if (wasIn(mode, 'STOPPING', 'FINISHED_STOPPED', 'UNSTABLE_DEPLOYMENT', 'ERROR')) return [];
    const ageMs = back.from - entered.sentAt;
    if (ageMs < seconds || ageMs >= minutes) return [];
    return [
      {
        fits: ['seconds'],
        because: `${id} went back by itself within ${inSeconds(ageMs)}, and ${timeout} was its limit`,
      },
    ];
  });
  return settle('modeTimeoutUnit', evidence, 'no mode came to the end of its own time');
}

const BACK: ReadonlySet<string> = new Set(['ROLLBACK_START', 'REMOVE_NEW_INSTANCES', 'FINISHED_ERROR']);
