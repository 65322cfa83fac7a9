import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

/** Somebody else was first, came later, or gave an order. */
export const RIVALS_GUIDE = {
  ROLLOUT_SUPERSEDED: {
    provokedBy:
      'A later rollout with `onAlreadyDeploying: supersede` while this one waited its turn, or a failed rollout that is resumed after a later one has worked there.',
    check: [
      '`npx elastigroup-bluegreen status` on the rollout in `details.by` tells how the later one ended.',
      'Is that one not what is wanted, release this version again, under a new id.',
    ],
    facts: { by: 'the id of the later rollout' },
    who: 'nobody, if the later rollout is what is wanted',
    endings: ['refused', 'error'],
  },
  TARGET_BUSY: {
    provokedBy:
      'A release onto an Elastigroup or a deployment group that another rollout of the same store holds, or waits for.',
    check: [
      '`npx elastigroup-bluegreen status` on the rollout that the message names: does somebody drive it?',
      'If nobody does: `npx elastigroup-bluegreen resume ID`, or `abort ID` and then `resume ID`.',
      'If the store does not know it, `npx elastigroup-bluegreen sweep` tells what holds the target, and `sweep --apply` frees it.',
    ],
    facts: {
      target: 'what is held',
      heldBy: 'the rollout that holds it',
      driver: 'who drives that one; null: nobody',
      startedAt: 'since when, if the store has its journal',
      ageMs: 'how long that is ago',
    },
    endings: ['refused', 'suspended'],
  },
  ALREADY_DEPLOYING: {
    provokedBy:
      'A CodeDeploy deployment that is none of ours and does not end while it is waited for, or that begins between preflight and our own.',
    check: [
      '`aws deploy get-deployment --deployment-id D` tells whose it is, what it does, and how far it is.',
      'Wait for its end, or have whoever started it stop it: `aws deploy stop-deployment --deployment-id D`.',
      'Where others deploy by hand now and then, `onAlreadyDeploying: wait` waits before anything is touched.',
    ],
    facts: {
      codeDeployDeploymentId: 'theirs',
      status: 'how far it is, where it could be read',
      creator: 'who created it, as CodeDeploy says',
      createdAt: 'when',
      ageMs: 'how long that is ago',
      description: 'what they wrote about it',
    },
    endings: ['refused', 'rolled-back', 'failed'],
  },
  RELEASE_STOPPED: {
    provokedBy:
      'Our CodeDeploy deployment is stopped in the console, by another tool, by an alarm of the deployment group, or at the end of its wait in Ready.',
    check: [
      'Who: `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=StopDeployment --max-results 5`.',
      'Why, where CodeDeploy says it: `aws deploy get-deployment --deployment-id D --query deploymentInfo.errorInformation`.',
      'An alarm that is set on the deployment group itself stops it in this way: `aws cloudwatch describe-alarms --state-value ALARM`.',
    ],
    facts: { codeDeployDeploymentId: 'the deployment', error: 'CodeDeploy’s own code and message, or null' },
    endings: ['rolled-back', 'failed'],
  },
  ABORTED: {
    provokedBy: 'An order to abort that came before the pivot.',
    check: [
      'The message has who gave the order, and why.',
      'Where the outcome is `failed` the receipt says what is not as before.',
    ],
    facts: { by: 'who gave the order', reason: 'why' },
    who: 'nobody, if the outcome is `rolled-back`',
    endings: ['rolled-back', 'failed'],
  },
  SUSPENDED: {
    provokedBy: 'A signal, `close()`, or the end of a rollout’s scope, while the rollout is driven.',
    check: [
      'The clouds’ own clocks run on: `npx elastigroup-bluegreen status ID` shows until when Spot waits.',
      '`npx elastigroup-bluegreen resume ID` goes on; `abort ID` and then `resume ID` takes it back.',
    ],
    facts: {},
    who: 'whoever wants the rollout to come to an end',
    endings: ['suspended', 'error'],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
