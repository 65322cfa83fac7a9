import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

const EVIDENCE = {
  gate: 'the name of the gate',
  given: 'the hash that was given, or null',
  current: 'the hash of what is there now; null: the gate is not reached',
} as const;

/** Somebody, or something of the user's, said no; or an answer does not count. */
export const VETOES_GUIDE = {
  HOOK_FAILED: {
    provokedBy: 'A hook that answers FAILED, or throws, at a stage where the release can still be stopped.',
    check: [
      'The message ends with what the hook said, or threw.',
      'A hook that tests green fails the release; one that fails for another reason, a timeout of its own say, should try again by answering IN_PROGRESS.',
    ],
    facts: { hook: 'which hook, at which stage', because: 'what it said' },
    endings: ['rolled-back', 'refused', 'failed'],
  },
  ALARM_FIRED: {
    provokedBy: 'A CloudWatch alarm of the spec’s `alarms` goes to ALARM while the release is under way.',
    check: [
      '`aws cloudwatch describe-alarms --alarm-names NAME --query "MetricAlarms[].[StateValue,StateReason]"`; of a composite one `aws cloudwatch describe-alarms --alarm-types CompositeAlarm --alarm-names NAME`.',
      'Do not release again before it is `OK`: preflight refuses that.',
    ],
    facts: {
      alarm: 'its name',
      kind: '`metric` or `composite`',
      reason: 'why, as CloudWatch says',
      since: 'since when',
    },
    endings: ['rolled-back', 'failed'],
  },
  CHECK_FAILED: {
    provokedBy:
      'A check of the option `checks` says fail, throws, or does not answer in time, as often in a row as it may not.',
    check: [
      'The message has what the check said. Does it fail against blue as well? Then mend the check, or what it asks.',
      'A check that fails now and then needs a `failureLimit` above 1.',
    ],
    facts: {
      check: 'its name',
      failures: 'how often in a row it has failed',
      because: 'what it said, or null',
    },
    endings: ['rolled-back', 'failed'],
  },
  GATE_REJECTED: {
    provokedBy: 'Somebody says no at a gate.',
    check: ['Ask whoever the message names. The way back needs nobody; the next attempt needs a new id.'],
    facts: { gate: 'the name of the gate', by: 'who said no', reason: 'why' },
    endings: ['rolled-back', 'refused', 'failed'],
  },
  HOLD_BYPASSED: {
    provokedBy:
      'ContinueDeployment, or the end of CodeDeploy’s own wait, while a gate, a hook or the bake is still open.',
    check: [
      'Who: `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=ContinueDeployment --max-results 5`.',
      'Is the outcome `failed` the pivot was passed, and green serves: look whether it should. If not, `npx elastigroup-bluegreen redeploy ID` of the last good rollout.',
    ],
    facts: { codeDeployDeploymentId: 'the deployment that went on' },
    who: 'whoever is on call where the outcome is `failed`, for green serves and nobody had said yes; else whoever should have answered',
    endings: ['rolled-back', 'failed'],
  },
  GATE_UNKNOWN: {
    provokedBy: 'An answer to a gate that the spec does not have, or that has been answered or ended already.',
    check: ['`npx elastigroup-bluegreen status ID` shows every open gate, with the commands that answer it.'],
    facts: {
      gate: 'the name that was given',
      known: 'whether the spec has such a gate',
      answered: 'whether it has been answered',
    },
    endings: ['error'],
  },
  EVIDENCE_REQUIRED: {
    provokedBy: 'A yes without a hash at a gate with `evidence: required`.',
    check: [
      '`npx elastigroup-bluegreen status ID` shows what there is to see, and its hash.',
      '`npx elastigroup-bluegreen approve ID GATE --evidence HASH`.',
    ],
    facts: EVIDENCE,
    endings: ['error'],
  },
  EVIDENCE_STALE: {
    provokedBy: 'A yes with the hash of something else than what is there now: health or alarms have changed since.',
    check: [
      '`npx elastigroup-bluegreen status ID` shows what is there now: look at what has changed, not only at the hash.',
      '`npx elastigroup-bluegreen approve ID GATE --evidence HASH`, if it is still right.',
    ],
    facts: EVIDENCE,
    endings: ['error'],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
