import { isClean, type ReceiptLine } from '../engine/receipt.js';
import type { StepContext, WaitStep } from '../engine/step.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';
import type { DeploymentMode, ElastigroupCapacity, Suspension } from '../ports/elastigroups.js';
import { VERIFY_MS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { ENTER_DEPLOYMENT_MODE } from './enter-deployment-mode.js';
import { blueIsLeaving, hasEnded } from './mode-states.js';
import { isRegistered, observeTraffic, type Traffic } from './observe-traffic.js';
import { launchedByTheMode, leftRunning, REMOVE_GREEN } from './remove-green.js';
import { settingsLines } from './settings-lines.js';
import { stillToCome, stoppedCodeDeploy } from './stop-codedeploy.js';
import { statesIn } from './target-states.js';

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
        ...greenLines(release, restored, leftRunning(release, context)),
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
  const groups = statesIn(health);
  return captured.instanceIds.map((subject): ReceiptLine => {
    const what = 'blue instance';
    if (gone.has(subject)) return goneLine(subject, gone.get(subject), fleets.mode);
    const wrong = groups.flatMap(([arn, states]) => {
      const was = captured.health[arn]?.[subject];
      const is = states.get(subject);
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

/** Spot takes all of blue away when a release is out, whoever started it: that is no loss, it is the release. */
function goneLine(subject: string, reason: string | undefined, mode: DeploymentMode | undefined): ReceiptLine {
  const line = { what: 'blue instance', subject };
  if (!blueIsLeaving(mode) || reason?.startsWith('Server.') === true) return { ...line, verdict: 'lost-to-cloud' };
  const fix = 'What serves now is green: release the previous revision onto it, as a rollout of its own.';
  return { ...line, verdict: 'differs', expected: 'alive', found: `taken away by Spot (${mode?.state})`, fix };
}

/** A mode of ours may have launched something, and nothing has seen to it that all of it went. */
function mayHaveLeft({ state }: StepContext): boolean {
  const entered = state.operations.get(ENTER_DEPLOYMENT_MODE);
  return entered !== undefined && entered.status !== 'refused' && state.undone.get(REMOVE_GREEN)?.status !== 'done';
}

function greenLines(
  { spec }: ElastigroupRelease,
  { traffic: { fleets, health, greenIds }, untagged }: Restored,
  mayRun: ReadonlySet<string>,
): readonly ReceiptLine[] {
  const elsewhere = fleets.taggedElsewhere.filter(({ instanceId }) => !mayRun.has(instanceId));
  const alive = [...fleets.green, ...elsewhere].map(({ instanceId }) => instanceId);
  const groups = statesIn(health);
  const registered = new Set(greenIds.filter((id) => groups.some(([, states]) => isRegistered(states.get(id)))));
  const left = [...new Set([...alive, ...registered, ...untagged])];
  if (left.length === 0) return [{ what: 'green', subject: spec.elastigroupId, verdict: 'restored' }];
  const fix = (subject: string): string =>
    blueIsLeaving(fleets.mode)
      ? 'Leave it: Spot has taken blue away, and this is what serves.'
      : `Once blue is healthy: detach ${subject} from ${spec.elastigroupId}, terminating it.`;
  return left.map((subject) => ({
    what: 'green instance',
    subject,
    verdict: 'differs',
    expected: 'gone',
    found: registered.has(subject) ? 'registered in a production target group' : 'alive',
    fix: fix(subject),
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
