import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Look, StepContext, Verdict, WaitStep } from '../engine/step.js';
import { giveWay } from '../internal/give-way.js';
import type { Json } from '../internal/json.js';
import { AWAIT_GREEN_MS, MODE_ABSENT_GRACE_MS, MODE_ERROR_GRACE_MS, REPLACEMENT_ROUNDS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { healthFacts } from './health-facts.js';
import { hasEnded, isAwaitingDeployment, isGoingBack } from './mode-states.js';
import { healthyAnywhere, observeFleets, observeHealth, type Fleets } from './observe-fleets.js';
import { fullGreen, judgeShortGreen, newcomersAmong } from './short-green.js';

export type Green = {
  readonly instanceIds: readonly string[];
  readonly privateIps: Readonly<Record<string, string>>;
  /** So many fewer than there should be, which the release does without. */
  readonly missing?: number;
  /** Not green yet: what Spot launched in the place of lost green, to be tagged and waited for. */
  readonly replacements?: readonly string[];
};

export const AWAIT_GREEN = 'await-green';

/** The first wait for green, and one more after each round of replacements. */
export const awaitGreenId = (round: number): string => (round === 1 ? AWAIT_GREEN : `${AWAIT_GREEN}/${round}`);

/** What earlier looks established: since when exactly these ids, and since when an end of the mode, have been seen. */
type Memo = {
  readonly ids?: readonly string[];
  readonly since?: number;
  readonly shortSince?: number;
  /** The most that were seen to run at once. */
  readonly most?: number;
  readonly troubleSince?: number;
  readonly modeSeen?: boolean;
};

interface Observation {
  readonly fleets: Fleets;
  /** Green that runs, in the order of the ids. */
  readonly ids: readonly string[];
  /** Of that, what users can reach already. */
  readonly early: readonly string[];
  readonly health: Json | undefined;
  readonly newcomers: readonly string[];
}

export function awaitGreen(release: ElastigroupRelease, round = 1, when?: WaitStep['when']): WaitStep<Observation> {
  return {
    type: 'wait',
    id: awaitGreenId(round),
    version: 1,
    stage: 'SCALE_UP',
    title: round === 1 ? 'wait until Spot has launched and tagged green' : 'wait until replacements are found as green',
    ...(when === undefined ? {} : { when }),
    within: () => AWAIT_GREEN_MS + release.tagSettleMs,
    observe: async (context) => {
      const fleets = await observeFleets(release, context);
      const health = fleets.green.length > 0 ? await observeHealth(release, context) : undefined;
      const newcomers =
        release.onInterruption === 'replace'
          ? await newcomersAmong(release, context, fleets, taggedBefore(context))
          : [];
      const running = fleets.green.filter(({ state }) => state === 'running');
      const ids = running.map(({ instanceId }) => instanceId).sort();
      const seen = {
        early: health === undefined ? [] : healthyAnywhere(health, ids),
        health: health === undefined ? undefined : healthFacts(health, fleets.blueAlive, ids),
      };
      // What is judged next, and written down, is all of them again.
      await giveWay(ids.length);
      return { fleets, ids, ...seen, newcomers };
    },
    judge: (observation, look, context) => judge(release, round, observation, look, context),
  };
}

function judge(
  release: ElastigroupRelease,
  round: number,
  { fleets, ids, early, health, newcomers }: Observation,
  look: Look,
  context: StepContext,
): Verdict {
  const memo = (look.memo ?? {}) as Memo;
  const trouble = judgeMode(fleets, look, memo);
  if (trouble !== undefined) return trouble;
  const running = fleets.green.filter(({ state }) => state === 'running');
  const most = Math.max(memo.most ?? 0, ids.length);
  const seen: Memo = { modeSeen: memo.modeSeen === true || fleets.mode !== undefined, ...(most > 0 ? { most } : {}) };
  if (early.length > 0) return { failed: inTrafficEarly(early) };
  if (fleets.taggedElsewhere.length > 0) {
    const who = fleets.taggedElsewhere.map(({ instanceId }) => instanceId);
    const message = `instances outside the Elastigroup carry all the green tags: ${who.join(', ')}`;
    return { failed: new BlueGreenError('TARGETS_FOREIGN', message, { details: { instanceIds: who } }) };
  }
  const wanted = Math.max(1, fleets.blueAlive.length);
  const state = fleets.mode?.state ?? 'not listed by Spot';
  const pending = `${state}; green ${ids.length}/${wanted} running and tagged`;
  const facts = {
    mode: fleets.mode?.state,
    green: { running: ids.length, wanted },
    health,
  };
  if (!isAwaitingDeployment(fleets.mode)) return { pending, facts, memo: seen };
  const unsettled = running.length < fleets.green.length;
  const found = (): Green => ({
    instanceIds: ids,
    privateIps: Object.fromEntries(
      running.flatMap(({ instanceId, privateIp }) => (privateIp === undefined ? [] : [[instanceId, privateIp]])),
    ),
  });
  const isShort = ids.length < wanted || unsettled;
  const shortSince = memo.shortSince ?? look.at;
  if (isShort) {
    const forMs = look.at - shortSince;
    const verdict = judgeShortGreen(release, { ids, wanted, unsettled, newcomers, most, forMs, round });
    if (verdict === 'wait') return { pending, facts, memo: { ...seen, shortSince } };
    if (verdict !== 'settle' && 'failed' in verdict) return verdict;
    if (verdict !== 'settle') return { ready: { ...found(), ...verdict } satisfies Green };
  }
  const same = JSON.stringify(memo.ids) === JSON.stringify(ids) && memo.since !== undefined;
  const since = same ? memo.since : look.at;
  const leftMs = since + release.tagSettleMs - look.at;
  if (same && leftMs <= 0) {
    const strays = release.strays === 'fail' ? straysAmong(fleets, context) : [];
    if (strays.length > 0) return { failed: straysFound(strays) };
    const missing = isShort ? { missing: fullGreen({ wanted, most }) - ids.length } : {};
    return { ready: { ...found(), ...missing } satisfies Green };
  }
  return {
    pending: `green ${ids.length}/${wanted}, its tags settling`,
    facts,
    memo: { ...seen, ids, since, ...(isShort ? { shortSince } : {}) },
    lookAgainInMs: Math.max(leftMs, 0),
  };
}

/** Whether the mode has ended, or is about to, without a release. */
function judgeMode({ mode }: Fleets, look: Look, memo: Memo): Verdict | undefined {
  const ended = (how: string): Verdict => ({
    failed: new BlueGreenError('DEPLOYMENT_MODE_FAILED', `the deployment mode ended before the release: ${how}`, {
      details: { state: mode?.state ?? null },
    }),
  });
  const since = memo.troubleSince ?? look.at;
  if (mode === undefined) {
    // A mode that was just entered may not be listed yet; one that was listed may vanish because it ended.
    if (look.at - since >= MODE_ABSENT_GRACE_MS)
      return ended(memo.modeSeen === true ? 'Spot no longer lists it' : 'Spot never listed it');
    return { pending: 'Spot does not list the deployment mode', memo: { ...memo, troubleSince: since } };
  }
  if (mode.state === 'ERROR') {
    if (look.at - since >= MODE_ERROR_GRACE_MS) return ended('ERROR');
    return { pending: 'Spot says ERROR', memo: { ...memo, troubleSince: since, modeSeen: true } };
  }
  if (hasEnded(mode)) return ended(mode.state);
  if (isGoingBack(mode)) return { pending: `Spot is going back: ${mode.state}`, memo: { modeSeen: true } };
  if (mode.state === 'AWAITING_DEPLOYMENT_TO_FINISH')
    return ended('somebody else started a CodeDeploy deployment on green');
  return undefined;
}

/** In the Elastigroup, neither blue nor green nor there before; only ids count, never a difference of numbers. */
function straysAmong({ members, green }: Fleets, context: StepContext): readonly string[] {
  const captured = capturedBlue(context);
  const known = new Set([
    ...captured.instanceIds,
    ...captured.otherMembers,
    ...green.map(({ instanceId }) => instanceId),
  ]);
  return [...members].filter((id) => !known.has(id));
}

function straysFound(strays: readonly string[]): BlueGreenError {
  const message = `the Elastigroup holds instances that are neither blue nor green: ${strays.join(', ')}`;
  return new BlueGreenError('STRAYS_FOUND', message, { details: { instanceIds: strays } });
}

function inTrafficEarly(instanceIds: readonly string[]): BlueGreenError {
  const message = `green is healthy in a production target group before anything was released onto it: ${instanceIds.join(', ')}`;
  return new BlueGreenError('GREEN_IN_TRAFFIC_EARLY', message, { details: { instanceIds } });
}

const ROUNDS = Array.from({ length: REPLACEMENT_ROUNDS + 1 }, (_, index) => index + 1);

/** Replacements that were tagged in earlier rounds: whether or not they are found by it yet. */
const taggedBefore = ({ output }: Pick<StepContext, 'output'>): readonly string[] =>
  ROUNDS.flatMap((round) => output<Green>(awaitGreenId(round))?.replacements ?? []);

/** Green as the latest wait for it found it. */
export function foundGreen({ output }: Pick<StepContext, 'output'>): Green | undefined {
  return ROUNDS.map((round) => output<Green>(awaitGreenId(round))).findLast((green) => green !== undefined);
}

export function greenOf(context: Pick<StepContext, 'output'>): Green {
  const green = foundGreen(context);
  if (green === undefined) throw new BlueGreenError('INTERNAL', 'a step needs green before it was found');
  return green;
}
