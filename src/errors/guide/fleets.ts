import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

const BACK = ['rolled-back', 'failed'] as const;
const TARGET_LOG =
  '`aws deploy get-deployment-target --deployment-id D --target-id I` has every event of that instance, with the end of its log.';

/** Instances: green, blue, and what becomes of them. */
export const FLEETS_GUIDE = {
  DEPLOYMENT_MODE_FAILED: {
    provokedBy:
      'Spot’s deployment mode ends, by its own timeout, by somebody’s hand or with an error, before the release is out.',
    check: [
      'The Elastigroup’s log in the Spot console, at the time of the message, says why.',
      'Past the pivot nothing more was touched: green serves, and the receipt says what is open.',
      'Was it Spot’s own limit, compare `spotExpiresAt` in `npx elastigroup-bluegreen status ID --json` with how long gates and hooks took.',
    ],
    facts: { state: 'the last state of the mode that was seen; null: Spot does not know it any more' },
    endings: BACK,
  },
  GREEN_LOST: {
    provokedBy:
      'A spot market takes green back, or somebody terminates it, before CodeDeploy is asked to release onto it.',
    check: [
      '`aws ec2 describe-instances --instance-ids I --query "Reservations[].Instances[].StateReason"` says who took it.',
      'Run it again. If it comes back: more instance types or zones in the Elastigroup, or `onInterruption: replace`.',
    ],
    facts: { running: 'green that is left', wanted: 'how many are needed' },
    endings: BACK,
  },
  GREEN_IN_TRAFFIC_EARLY: {
    provokedBy:
      'Something registers green in a production target group as soon as it launches: the Elastigroup’s own load balancers, or user data.',
    check: [
      'In the Spot console: the Elastigroup’s load balancers must not name the production target group.',
      'Does user data register the instance by itself? CodeDeploy does that after the release.',
    ],
    facts: { instanceIds: 'green that was healthy there' },
    endings: BACK,
  },
  TARGETS_MISSED: {
    provokedBy:
      'CodeDeploy does not see the tags of one of green yet when it picks its targets, and Spot does not wait for another attempt.',
    check: [
      '`aws ec2 describe-tags --filters Name=resource-id,Values=I` must show green’s tags on the instances of the message.',
      'Run it again; if it comes back raise `tagSettle`: AWS advises to wait five minutes.',
    ],
    facts: { missing: 'green that was not taken', state: 'the state of Spot’s mode' },
    endings: BACK,
  },
  TARGETS_FOREIGN: {
    provokedBy: 'An instance that is not green starts to carry green’s tags between preflight and the release.',
    check: [
      'Whose is it? `aws ec2 describe-instances --instance-ids I --query "Reservations[].Instances[].[Tags,LaunchTime,KeyName]"`.',
      'The deployment was stopped before it served anybody; whether a script had run on that instance says `aws deploy get-deployment-target --deployment-id D --target-id I`.',
      'A `green` without a `value` gets one that nobody else carries.',
    ],
    facts: { instanceIds: 'what is not green' },
    endings: BACK,
  },
  STRAYS_FOUND: {
    provokedBy: 'Spot replaces a lost blue instance while the release is under way, and the spec says `strays: fail`.',
    check: [
      'A stray carries the old version. Before the pivot it stands in for the blue that was lost: leave it.',
      'Past the pivot, outcome `failed`: once green is healthy detach the instances of the message in the Spot console. A resume goes by the same spec: with `strays: fail` it takes nothing out.',
    ],
    facts: { instanceIds: 'the strays' },
    who: 'whoever is on call where the outcome is `failed`: strays carry the old version',
    endings: BACK,
  },
  RELEASE_FAILED: {
    provokedBy: 'A lifecycle script fails on green, or CodeDeploy cannot fetch or install the revision.',
    check: [
      'The message has the instance, the event, the script and the end of its log.',
      TARGET_LOG,
      'ApplicationStop, BeforeBlockTraffic and AfterBlockTraffic run the scripts of the *previous* revision: [runbook](runbook.md#release_failed).',
    ],
    facts: {
      codeDeployDeploymentId: 'the deployment',
      instanceId: 'where it failed first, if CodeDeploy names one',
      colour: '`Green` or `Blue`',
      event: 'the lifecycle event',
      script: 'the script',
      errorCode: 'CodeDeploy’s own code',
      message: 'CodeDeploy’s own words',
      logTail: 'the end of the script’s log',
    },
    endings: BACK,
  },
  AGENT_NOT_RESPONDING: {
    provokedBy: 'The CodeDeploy agent on green does not run, cannot reach its endpoints, or lacks an instance profile.',
    check: [
      'On the instance: `systemctl status codedeploy-agent`, `tail /var/log/aws/codedeploy-agent/codedeploy-agent.log`, `timedatectl`.',
      'From the instance: `curl -sI https://codedeploy-commands.REGION.amazonaws.com` must answer something.',
      'If the instance is gone: launch one of the same image, and look there.',
    ],
    facts: {
      codeDeployDeploymentId: 'the deployment',
      instanceId: 'whose agent is silent',
      colour: '`Green` or `Blue`',
      event: 'the lifecycle event that it should have taken up',
    },
    endings: BACK,
  },
  TRAFFIC_FAILED: {
    provokedBy: 'Green does not get healthy in the target group after AllowTraffic, or blue cannot be deregistered.',
    check: [
      "`aws elbv2 describe-target-health --target-group-arn ARN --query 'TargetHealthDescriptions[].[Target.Id,TargetHealth.State,TargetHealth.Reason]'`.",
      'Of green: is the application’s port and health check path right, and may the load balancer reach it?',
      'Of blue: `details.lost` says who took the instance.',
    ],
    facts: {
      codeDeployDeploymentId: 'the deployment',
      instanceId: 'which instance',
      colour: '`Green` or `Blue`',
      event: 'the lifecycle event',
      message: 'CodeDeploy’s own words',
    },
    endings: BACK,
  },
  INSTANCE_LOST: {
    provokedBy: 'A green instance is reclaimed or terminated while CodeDeploy releases onto it, or while it bakes.',
    check: [
      '`aws ec2 describe-instances --instance-ids I --query "Reservations[].Instances[].StateReason"` says who took it.',
      'Run it again. A `minimumHealthyPercent` below 100 lets a release survive the loss of one.',
    ],
    facts: { instanceId: 'which instance', reason: 'why, as EC2 says, or null' },
    endings: BACK,
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
