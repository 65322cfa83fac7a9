import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

/** Neither out nor back, or not for certain. */
export const ENDS_GUIDE = {
  RETIRE_FAILED: {
    provokedBy:
      'Spot leaves blue where it is, and too little of green is healthy to let blue go, or blue is still there after it was detached.',
    check: [
      'Green serves and blue stands beside it: that costs money, and endangers nobody as long as enough of green is healthy.',
      '`aws elbv2 describe-target-health --target-group-arn ARN`: bring green to health first.',
      'Then `npx elastigroup-bluegreen resume ID` retires blue by its own rules; or detach the named instances in the Spot console.',
    ],
    facts: {
      green: 'how many of proven green are healthy',
      needed: 'how many blue had',
      targetGroup: 'in which target group; of blue that stays after its detachment it is `instanceIds` instead',
    },
    who: 'whoever is on call, at once where `details.green` is below `details.needed`; else it can wait for the day',
    endings: ['failed'],
  },
  PROOF_FAILED: {
    provokedBy: 'An instance that nobody released onto is healthy in a production target group when all is done.',
    check: [
      'Which: `others` in the receipt line `served by proven green`. Whose it is: `aws ec2 describe-instances --instance-ids I`.',
      'Take it out once enough of green is healthy: `aws elbv2 deregister-targets --target-group-arn ARN --targets Id=I`.',
      '`npx elastigroup-bluegreen resume ID` then proves it again.',
    ],
    facts: { lines: 'the lines of the receipt that differ' },
    who: 'whoever is on call, now: users may get something that nobody released',
    endings: ['failed'],
  },
  RESTORE_FAILED: {
    provokedBy: 'On the way back green that was detached still runs when the wait for its end is over.',
    check: [
      'Blue serves. The receipt has a line for each thing that differs, with the command that mends it.',
      '`aws ec2 describe-instances --instance-ids I --query "Reservations[].Instances[].State.Name"` on the instances of the message: Spot lets them drain first, for `detach.drainingTimeout`.',
      '`npx elastigroup-bluegreen resume ID` looks again, and takes away what is left.',
    ],
    facts: { instanceIds: 'green that is still there' },
    who: 'whoever is on call, but it can wait for the day: blue serves',
    endings: ['failed', 'rolled-back'],
    told: 'way-back',
  },
  BLUE_NOT_SERVING: {
    provokedBy:
      'On the way back blue does not get healthy again in its target groups, or none of it is alive; or the release waits to terminate blue, blue cannot be brought back beside green, and CodeDeploy has no earlier revision to go back to.',
    check: [
      'Do users get answers? `aws elbv2 describe-target-health --target-group-arn ARN`. Green was left where it is.',
      'Bring blue to health: is the application up, is it registered? `aws elbv2 register-targets --target-group-arn ARN --targets Id=I`.',
      'Then `npx elastigroup-bluegreen resume ID` goes on with the way back; do not stop the deployment mode before, for that removes green.',
    ],
    facts: { instanceIds: 'blue that does not serve as it did, where it is known which' },
    who: 'whoever is on call, now: blue does not serve as it did',
    endings: ['failed'],
    told: 'way-back',
  },
  INTERNAL: {
    provokedBy: 'A fault of the library, or a function of yours, a policy or a clock say, that throws.',
    check: [
      'Is the message an error of your own code? Then mend that.',
      'Otherwise report it with the journal, `DIR/rollouts/ID.jsonl`: it holds no secrets.',
      'In a step it takes the release back like any other failure: `npx elastigroup-bluegreen status ID` says how far that came.',
    ],
    facts: {},
    endings: ['rolled-back', 'refused', 'failed', 'suspended', 'error'],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
