import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Look, StepContext, Verdict, WaitStep } from '../engine/step.js';
import { AWAIT_GREEN_MS, MODE_ABSENT_GRACE_MS, MODE_ERROR_GRACE_MS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { healthFacts } from './health-facts.js';
import { hasEnded, isAwaitingDeployment, isGoingBack } from './mode-states.js';
import { healthyAnywhere, observeFleets, observeHealth, type Fleets, type Health } from './observe-fleets.js';

export type Green = {
  readonly instanceIds: readonly string[];
  readonly privateIps: Readonly<Record<string, string>>;
};

export const AWAIT_GREEN = 'await-green';

/** What earlier looks established: since when exactly these ids, and since when an end of the mode, have been seen. */
type Memo = {
  readonly ids?: readonly string[];
  readonly since?: number;
  readonly shortSince?: number;
  readonly troubleSince?: number;
  readonly modeSeen?: boolean;
};

/** How long Spot may say that it waits for the release while too few green instances run. */
const SHORT_GRACE_MS = 5 * 60_000;

interface Observation {
  readonly fleets: Fleets;
  readonly health: Health | undefined;
}

export function awaitGreen(release: ElastigroupRelease): WaitStep<Observation> {
  return {
    type: 'wait',
    id: AWAIT_GREEN,
    version: 1,
    stage: 'SCALE_UP',
    title: 'wait until Spot has launched and tagged green',
    within: () => AWAIT_GREEN_MS + release.tagSettleMs,
    observe: async (context) => {
      const fleets = await observeFleets(release, context);
      return { fleets, health: fleets.green.length > 0 ? await observeHealth(release, context) : undefined };
    },
    judge: (observation, look, context) => judge(release, observation, look, context),
  };
}

function judge(
  release: ElastigroupRelease,
  { fleets, health }: Observation,
  look: Look,
  context: StepContext,
): Verdict {
  const memo = (look.memo ?? {}) as Memo;
  const trouble = judgeMode(fleets, look, memo);
  if (trouble !== undefined) return trouble;
  const seen: Memo = { modeSeen: memo.modeSeen === true || fleets.mode !== undefined };

  const running = fleets.green.filter(({ state }) => state === 'running');
  const ids = running.map(({ instanceId }) => instanceId).sort();
  const early = health === undefined ? [] : healthyAnywhere(health, ids);
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
    health: health === undefined ? undefined : healthFacts(health, fleets.blueAlive, ids),
  };
  if (!isAwaitingDeployment(fleets.mode)) return { pending, facts, memo: seen };
  if (ids.length < wanted || running.length < fleets.green.length) {
    const shortSince = memo.shortSince ?? look.at;
    if (look.at - shortSince < SHORT_GRACE_MS) return { pending, facts, memo: { ...seen, shortSince } };
    const message = `Spot waits for the release with ${ids.length} green instances running and tagged where ${wanted} are needed`;
    return { failed: new BlueGreenError('GREEN_LOST', message, { details: { running: ids, wanted } }) };
  }
  const same = JSON.stringify(memo.ids) === JSON.stringify(ids) && memo.since !== undefined;
  const since = same ? memo.since : look.at;
  const leftMs = since + release.tagSettleMs - look.at;
  if (same && leftMs <= 0) {
    const strays = release.strays === 'fail' ? straysAmong(fleets, context) : [];
    if (strays.length > 0) return { failed: straysFound(strays) };
    const privateIps = Object.fromEntries(
      running.flatMap(({ instanceId, privateIp }) => (privateIp === undefined ? [] : [[instanceId, privateIp]])),
    );
    return { ready: { instanceIds: ids, privateIps } satisfies Green };
  }
  return {
    pending: `green ${ids.length}/${wanted}, its tags settling`,
    facts,
    memo: { ...seen, ids, since },
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

export function greenOf(context: Pick<StepContext, 'output'>): Green {
  const green = context.output<Green>(AWAIT_GREEN);
  if (green === undefined) throw new BlueGreenError('INTERNAL', 'a step needs green before it was found');
  return green;
}
