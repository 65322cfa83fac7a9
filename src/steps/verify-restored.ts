import { isClean, type ReceiptLine } from '../engine/receipt.js';
import type { StepContext, WaitStep } from '../engine/step.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import type { ElastigroupCapacity, Suspension } from '../ports/elastigroups.js';
import { VERIFY_MS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { ENTER_DEPLOYMENT_MODE } from './enter-deployment-mode.js';
import { hasEnded } from './mode-states.js';
import { stateIn } from './observe-fleets.js';
import { isRegistered, observeTraffic, type Traffic } from './observe-traffic.js';
import { launchedByTheMode, REMOVE_GREEN } from './remove-green.js';
import { settingsLines } from './settings-lines.js';
import { stillToCome, stoppedCodeDeploy } from './stop-codedeploy.js';

export interface Restored {
  readonly traffic: Traffic;
  /** Launched for the mode, without green's tags, and not taken out because `remove-green` did not come to its end. */
  readonly untagged: readonly string[];
  readonly active: readonly CodeDeployDeployment[];
  readonly capacity: ElastigroupCapacity;
  readonly suspensions: readonly Suspension[];
  readonly rollbackMayTakeMs: number;
}

/** Compares everything with the snapshot; what it finds is the receipt. */
export function verifyRestored(release: ElastigroupRelease): WaitStep<Restored> {
  const { clouds, spec } = release;
  return {
    type: 'wait',
    id: 'verify-restored',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'compare with what was captured',
    within: () => VERIFY_MS,
    observe: async (context) => {
      const call = { signal: context.signal };
      const traffic = await observeTraffic(release, context);
      return {
        traffic,
        untagged: mayHaveLeft(context) ? await launchedByTheMode(release, context, traffic) : [],
        capacity: (await clouds.elastigroups.readElastigroup(spec.elastigroupId, call)).capacity,
        suspensions: await clouds.elastigroups.listSuspensions(spec.elastigroupId, call),
        ...(await stillToCome(release, context)),
      };
    },
    judge: (restored, look, context) => {
      const lines = [
        ...blueLines(restored.traffic, context),
        ...greenLines(release, restored),
        ...modeLines(release, restored),
        ...settingsLines(release, context, restored),
      ];
      if (restored.active.length === 0 && restored.rollbackMayTakeMs > 0 && !look.last)
        return { pending: 'waiting whether a rollback of CodeDeploy’s appears' };
      if (isClean(lines) || look.last) return { ready: { lines } };
      const differs = lines
        .filter(({ verdict }) => verdict === 'differs')
        .map(({ what, subject }) => `${what} of ${subject}`);
      return { pending: `differs: ${differs.join(', ')}` };
    },
  };
}

function blueLines({ fleets, health }: Traffic, context: StepContext): readonly ReceiptLine[] {
  const captured = capturedBlue(context);
  const untouched = stoppedCodeDeploy(context).traffic === 'blue-only';
  const gone = new Map(fleets.blueGone.map(({ instanceId, reason }) => [instanceId, reason]));
  return captured.instanceIds.map((subject): ReceiptLine => {
    const what = 'blue instance';
    if (gone.has(subject)) return { what, subject, verdict: 'lost-to-cloud' };
    const wrong = [...health].flatMap(([arn, targets]) => {
      const was = captured.health[arn]?.[subject];
      const is = stateIn(targets, subject);
      const asBefore = was === 'healthy' ? is === 'healthy' : was === undefined || isRegistered(is);
      return asBefore ? [] : [{ targetGroup: arn, was: was ?? null, is: is ?? null }];
    });
    if (wrong.length === 0) return { what, subject, verdict: untouched ? 'never-changed' : 'restored' };
    const ids = wrong.map(({ targetGroup }) => targetGroup);
    return {
      what,
      subject,
      verdict: 'differs',
      expected: wrong.map(({ targetGroup, was }) => ({ targetGroup, state: was })),
      found: wrong.map(({ targetGroup, is }) => ({ targetGroup, state: is })),
      fix: ids
        .map((arn) => `aws elbv2 register-targets --target-group-arn ${arn} --targets Id=${subject}`)
        .join(' && '),
    };
  });
}

/** A mode of ours may have launched something, and nothing has seen to it that all of it went. */
function mayHaveLeft({ state }: StepContext): boolean {
  const entered = state.operations.get(ENTER_DEPLOYMENT_MODE);
  return entered !== undefined && entered.status !== 'refused' && state.undone.get(REMOVE_GREEN)?.status !== 'done';
}

function greenLines(
  { spec }: ElastigroupRelease,
  { traffic: { fleets, health, greenIds }, untagged }: Restored,
): readonly ReceiptLine[] {
  const alive = [...fleets.green, ...fleets.taggedElsewhere].map(({ instanceId }) => instanceId);
  const registered = greenIds.filter((id) =>
    [...health.values()].some((targets) => isRegistered(stateIn(targets, id))),
  );
  const left = [...new Set([...alive, ...registered, ...untagged])];
  if (left.length === 0) return [{ what: 'green', subject: spec.elastigroupId, verdict: 'restored' }];
  return left.map((subject) => ({
    what: 'green instance',
    subject,
    verdict: 'differs',
    expected: 'gone',
    found: registered.includes(subject) ? 'registered in a production target group' : 'alive',
    fix: `Once blue is healthy: detach ${subject} from ${spec.elastigroupId}, terminating it.`,
  }));
}

function modeLines(
  { spec, deploymentGroup }: ElastigroupRelease,
  { traffic, active }: Restored,
): readonly ReceiptLine[] {
  const { mode } = traffic.fleets;
  const over = hasEnded(mode);
  const group = `${deploymentGroup.applicationName}/${deploymentGroup.deploymentGroupName}`;
  return [
    over
      ? { what: 'deployment mode', subject: spec.elastigroupId, verdict: 'restored' }
      : {
          what: 'deployment mode',
          subject: spec.elastigroupId,
          verdict: 'differs',
          expected: 'over',
          found: mode?.state ?? null,
          fix: `Stop ${mode?.deploymentModeId} in the Spot console once blue is healthy.`,
        },
    active.length === 0
      ? { what: 'active CodeDeploy deployments', subject: group, verdict: 'restored' }
      : {
          what: 'active CodeDeploy deployments',
          subject: group,
          verdict: 'differs',
          expected: [],
          found: active.map(({ codeDeployDeploymentId }) => codeDeployDeploymentId),
          fix: 'Wait until they end.',
        },
  ];
}
