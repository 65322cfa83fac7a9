import type { ForeseenReads } from '../engine/outlook.js';
import type { StepContext } from '../engine/step.js';
import { CAPTURE_BLUE, type CapturedBlue } from '../steps/capture-blue.js';
import type { ElastigroupRelease } from '../steps/elastigroup-release.js';
import { PREFLIGHT, type PreflightFacts } from '../steps/preflight.js';

type Counts = Readonly<Record<string, number>>;

/** How many the services answer about in one request. */
const BATCH = { instances: 200, targets: 25, alarms: 100 } as const;
/** How often each kind of look may be taken, by far, in one run of a step of which it is not told below. */
const FEW = 6;

/** What each step reads, or each look of a wait, for a fleet as large as the captured one. */
export function foreseeReads(release: ElastigroupRelease, context: StepContext): (stepId: string) => ForeseenReads {
  const blue = context.output<CapturedBlue>(CAPTURE_BLUE)?.instanceIds.length ?? 0;
  const groups = context.output<PreflightFacts>(PREFLIGHT)?.targetGroups.length ?? 0;
  const instances = Math.max(1, Math.ceil((2 * blue) / BATCH.instances));
  const targets = Math.max(1, Math.ceil((2 * blue) / BATCH.targets));
  const alarms = Math.ceil((release.spec.alarms ?? []).length / BATCH.alarms);

  const mode: Counts = { 'spot listDeploymentModes': 1 };
  const health: Counts = { 'elbv2 DescribeTargetHealth': groups };
  const members: Counts = { 'spot listInstances': 1 };
  const settings: Counts = { 'spot readElastigroup': 1, 'spot listSuspensions': 1 };
  const deployment: Counts = { 'codedeploy GetDeployment': 1 };
  const listed: Counts = { 'codedeploy ListDeployments': 1, 'codedeploy BatchGetDeployments': 1 };
  const taken: Counts = { 'codedeploy ListDeploymentTargets': 1, 'codedeploy BatchGetDeploymentTargets': targets };
  const tagged: Counts = { 'ec2 DescribeInstances': 1 };
  const described: Counts = { 'ec2 DescribeInstances': instances };
  const watched: Counts = { 'cloudwatch DescribeAlarms': alarms };

  const fleets = sum(mode, members, tagged, described);
  const view = sum(deployment, taken, mode, described, watched, health);
  const first = sum(
    settings,
    mode,
    health,
    members,
    listed,
    watched,
    times(described, 6),
    { 'codedeploy GetDeploymentGroup': 1, 'codedeploy GetDeploymentConfig': 2, 'spot listRolls': 1 },
    { 'elbv2 DescribeTargetGroups': groups, 'elbv2 DescribeTargetGroupAttributes': groups },
  );
  const any = times(sum(fleets, view, health, settings, listed, { 'codedeploy GetDeploymentGroup': 1 }), FEW);

  /** By step, or by all of its rounds: what it takes at least, where it is always taken, and at most. */
  const known: Readonly<Record<string, readonly [least: Counts, most: Counts]>> = {
    preflight: [
      {
        'spot readElastigroup': 1,
        'spot listDeploymentModes': 1,
        'spot listRolls': 1,
        'spot listInstances': 1,
        'codedeploy GetDeploymentGroup': 1,
        'codedeploy ListDeployments': 1,
        'ec2 DescribeInstances': 2,
        'cloudwatch DescribeAlarms': alarms,
        'elbv2 DescribeTargetGroups': Math.min(1, groups),
        'elbv2 DescribeTargetGroupAttributes': groups,
      },
      first,
    ],
    'capture-blue': [sum(settings, members, health, tagged), sum(settings, members, health, described)],
    'enter-deployment-mode': [{}, times(mode, FEW)],
    'await-green': [sum(mode, members, times(tagged, 2)), sum(fleets, described, health)],
    'release-green/1': [mode, times(sum(mode, listed), FEW)],
    'confirm-targets/1': [pick(taken, 'codedeploy ListDeploymentTargets'), sum(deployment, taken)],
    'await-ready': [{}, view],
    'await-codedeploy': [sum(deployment, mode, tagged), view],
    'await-bake': [{}, sum(view, health)],
    'await-termination': [{}, view],
    'await-blue-retired': [sum(deployment, mode, members, tagged), sum(deployment, fleets)],
    'await-blue-gone': [{}, fleets],
    'find-strays/1': [members, sum(members, described, times(taken, 3))],
    'restore-settings': [sum(settings, members), times(sum(settings, members), FEW)],
    'prove-release': [sum(settings, health, mode, members), any],
    'await-adopted-mode': [{}, sum(mode, members, described)],
    'await-deployment-group': [{}, sum(listed, members, described)],
    'await-withdrawn': [{}, sum(deployment, listed, mode)],
    'confirm-targets': [{}, sum(deployment, taken)],
    'await-strays-marked': [{}, sum({ 'codedeploy GetDeploymentGroup': 1 }, times(described, 4), mode, listed, health)],
    'confirm-strays': [{}, sum(deployment, taken)],
    'await-strays-released': [{}, sum(deployment, taken)],
    'await-strays-stopped': [{}, deployment],
    'await-strays-drained': [{}, health],
    'await-strays-gone': [{}, members],
    gate: [{}, sum(view, health)],
    hook: [{}, sum(view, health)],
  };
  return (stepId) => {
    const own = known[stepId];
    if (own !== undefined) return { least: own[0], most: own[1] };
    // Only its first round is sure to be taken.
    return { least: {}, most: known[stepId.replace(/\/.*$/, '')]?.[1] ?? any };
  };
}

function sum(...all: readonly Counts[]): Counts {
  const total: Record<string, number> = {};
  for (const counts of all)
    for (const [operation, count] of Object.entries(counts)) total[operation] = (total[operation] ?? 0) + count;
  return total;
}

const times = (counts: Counts, by: number): Counts =>
  Object.fromEntries(Object.entries(counts).map(([operation, count]) => [operation, count * by]));

const pick = (counts: Counts, operation: string): Counts => ({ [operation]: counts[operation] ?? 0 });
