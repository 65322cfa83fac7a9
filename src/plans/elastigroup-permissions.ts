import type { ForeseenPermissions, IamPolicy } from '../engine/outlook.js';
import type { StepContext } from '../engine/step.js';
import type { ElastigroupRelease } from '../steps/elastigroup-release.js';
import { PREFLIGHT, type PreflightFacts } from '../steps/preflight.js';
import { STRAYS_CONFIG } from '../steps/release-strays.js';

/**
 * What an action can be narrowed to, by AWS's service authorization reference; `any`: to nothing. Where CodeDeploy's own permissions
 * reference says otherwise (a deployment group for ContinueDeployment, say), it is `any` too: that works whichever is right.
 */
type Scope = 'deployment-group' | 'application' | 'deployment-config' | 'target-groups' | 'instances' | 'any';

interface AwsPermission {
  readonly action: string;
  readonly why: string;
  readonly scope: Scope;
  /** Whether a release needs it; left out: every one does. */
  readonly neededBy?: (release: ElastigroupRelease) => boolean;
}

/** Every AWS action that the way there, the way back, or AWS itself while it serves these, may ask for. */
export const AWS_PERMISSIONS: readonly AwsPermission[] = [
  {
    action: 'codedeploy:GetDeploymentGroup',
    why: 'how the deployment group is set',
    scope: 'deployment-group',
  },
  {
    action: 'codedeploy:GetDeploymentConfig',
    why: 'how many instances must stay healthy; AWS asks for it with CreateDeployment too',
    scope: 'deployment-config',
  },
  {
    action: 'codedeploy:GetApplicationRevision',
    why: 'AWS asks for it with CreateDeployment; the library does not call it',
    scope: 'application',
  },
  {
    action: 'codedeploy:RegisterApplicationRevision',
    why: 'needed beside it where the revision has not been registered; the library does not call it',
    scope: 'application',
  },
  {
    action: 'codedeploy:ListDeployments',
    why: 'what is active; finding our own deployment again',
    scope: 'deployment-group',
  },
  { action: 'codedeploy:BatchGetDeployments', why: 'the same', scope: 'deployment-group' },
  { action: 'codedeploy:GetDeployment', why: 'how the deployment stands', scope: 'deployment-group' },
  { action: 'codedeploy:ListDeploymentTargets', why: 'which instances it took', scope: 'any' },
  { action: 'codedeploy:BatchGetDeploymentTargets', why: 'how each of them stands', scope: 'any' },
  { action: 'codedeploy:CreateDeployment', why: 'the release', scope: 'deployment-group' },
  {
    action: 'codedeploy:ContinueDeployment',
    why: 'out of Ready, into traffic; and the end of a bake',
    scope: 'any',
  },
  { action: 'codedeploy:StopDeployment', why: 'on the way back', scope: 'any' },
  { action: 'ec2:DescribeInstances', why: 'tags and states', scope: 'any' },
  {
    action: 'ec2:CreateTags',
    why: "only where Spot’s replacements get the release: with `strays: 'release'` or `onInterruption: 'replace'`",
    scope: 'instances',
    neededBy: ({ strays, onInterruption }) => strays === 'release' || onInterruption === 'replace',
  },
  {
    action: 'cloudwatch:DescribeAlarms',
    why: 'only where the spec names `alarms`; narrower than `*` it does not show composite alarms',
    scope: 'any',
    neededBy: ({ spec }) => (spec.alarms ?? []).length > 0,
  },
  { action: 'elasticloadbalancing:DescribeTargetGroups', why: 'the production target groups', scope: 'any' },
  { action: 'elasticloadbalancing:DescribeTargetGroupAttributes', why: 'how long draining takes', scope: 'any' },
  { action: 'elasticloadbalancing:DescribeTargetHealth', why: 'who serves', scope: 'any' },
  {
    action: 'elasticloadbalancing:RegisterTargets',
    why: 'on the way back, when neither CodeDeploy nor Spot put blue back',
    scope: 'target-groups',
  },
  {
    action: 'elasticloadbalancing:DeregisterTargets',
    why: 'on the way back, when green is still in traffic and blue serves again; and before strays that serve are detached',
    scope: 'target-groups',
  },
];

interface SpotPermission {
  readonly call: string;
  readonly route: string;
  readonly neededBy?: (release: ElastigroupRelease) => boolean;
}

const GROUP = '/aws/ec2/group/{id}';

/** Every call to Spot that the way there and the way back may make. */
export const SPOT_PERMISSIONS: readonly SpotPermission[] = [
  { call: 'readElastigroup', route: `GET ${GROUP}` },
  { call: 'listInstances', route: `GET ${GROUP}/status` },
  { call: 'listDeploymentModes', route: `GET ${GROUP}/codeDeploy/blueGreenDeployment` },
  { call: 'enterDeploymentMode', route: `POST ${GROUP}/codeDeploy/blueGreenDeployment` },
  { call: 'stopDeploymentMode', route: `PUT ${GROUP}/codeDeploy/blueGreenDeployment/{id}/stop` },
  { call: 'listRolls', route: `GET ${GROUP}/roll` },
  { call: 'detachInstances', route: `PUT ${GROUP}/detachInstances` },
  { call: 'setCapacity', route: `PUT ${GROUP}/capacity` },
  { call: 'listSuspensions', route: `GET ${GROUP}/suspension` },
  { call: 'suspendProcesses', route: `POST ${GROUP}/suspension` },
  {
    call: 'resumeProcesses',
    route: `DELETE ${GROUP}/suspension`,
    neededBy: ({ suspend }) => suspend !== undefined,
  },
];

/** What this release needs, and no more. */
export function foreseePermissions(
  release: ElastigroupRelease,
  context: Pick<StepContext, 'output'>,
): ForeseenPermissions {
  const facts = context.output<PreflightFacts>(PREFLIGHT);
  const isNeeded = ({ neededBy }: AwsPermission | SpotPermission): boolean => neededBy?.(release) !== false;
  return {
    iam: { Version: '2012-10-17', Statement: statements(release, facts, AWS_PERMISSIONS.filter(isNeeded)) },
    spot: {
      calls: SPOT_PERMISSIONS.filter(isNeeded).map(({ call, route }) => ({ call, route })),
      // Spot publishes how a policy is written, and not which of its actions each route asks for.
      policy: {
        statements: [{ effect: 'ALLOW', actions: ['elastigroup:*'], resources: [release.spec.elastigroupId] }],
      },
    },
  };
}

function statements(
  release: ElastigroupRelease,
  facts: PreflightFacts | undefined,
  needed: readonly AwsPermission[],
): IamPolicy['Statement'] {
  const resources = resourcesOf(release, facts);
  const byScope = new Map<Scope, string[]>();
  for (const { action, scope } of needed) byScope.set(scope, [...(byScope.get(scope) ?? []), action]);
  return [...byScope].map(([scope, actions]) => ({
    Sid: SIDS[scope],
    Effect: 'Allow',
    Action: actions,
    Resource: resources[scope] ?? '*',
  }));
}

const SIDS: Readonly<Record<Scope, string>> = {
  'deployment-group': 'DeploymentGroup',
  application: 'Revisions',
  'deployment-config': 'DeploymentConfigs',
  'target-groups': 'TargetGroups',
  instances: 'MarkInstances',
  any: 'CannotBeNarrowed',
};

/** As narrow as the account is known: the ARN of a production target group tells it. Where none does, nothing is narrowed. */
function resourcesOf(
  { spec, deploymentGroup, strays }: ElastigroupRelease,
  facts: PreflightFacts | undefined,
): Partial<Record<Scope, string | readonly string[]>> {
  const arns = (facts?.targetGroups ?? []).map(({ arn }) => arn);
  const [, partition, , region, account] = (arns[0] ?? '').split(':');
  if (partition === undefined || region === undefined || account === undefined) return {};
  const arn = (service: string, rest: string): string => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  const application = literally(deploymentGroup.applicationName);
  const { deploymentConfigName } = spec.codeDeploy;
  return {
    application: arn('codedeploy', `application:${application}`),
    'deployment-group': arn(
      'codedeploy',
      `deploymentgroup:${application}/${literally(deploymentGroup.deploymentGroupName)}`,
    ),
    // Without a name in the spec the deployment group's own holds, which its owner may change.
    'deployment-config':
      deploymentConfigName === undefined
        ? arn('codedeploy', 'deploymentconfig:*')
        : [...new Set([deploymentConfigName, ...(strays === 'release' ? [STRAYS_CONFIG] : [])])].map((name) =>
            arn('codedeploy', `deploymentconfig:${literally(name)}`),
          ),
    'target-groups': arns,
    instances: arn('ec2', 'instance/*'),
  };
}

/** IAM reads `*` and `?` in an ARN as wildcards, and `$` as the start of a variable. */
function literally(name: string): string {
  return name.replace(/[*?$]/g, (sign) => `\${${sign}}`);
}
