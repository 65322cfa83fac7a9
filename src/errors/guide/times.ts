import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

/** What `onTimeout` makes of it. */
const TIMES_UP = ['rolled-back', 'refused', 'failed', 'suspended'] as const;

const SEEN = {
  withinMs: 'how long was allowed',
  looks: 'how often it was looked',
  last: 'what was seen last',
  seen: 'everything that was seen, and how often',
} as const;

/** A time that was up. */
export const TIMES_GUIDE = {
  STEP_TIMED_OUT: {
    provokedBy: 'A wait, for green to launch say, that does not see what it waits for within its time.',
    check: [
      'What it saw last is what is missing: instances that do not launch are in the Elastigroup’s log in the Spot console, targets that do not get healthy in `aws elbv2 describe-target-health --target-group-arn ARN`.',
      'Is it `suspended`, `onTimeout` has held it: mend that, then `npx elastigroup-bluegreen resume ID`. The [runbook](runbook.md#step_timed_out) has the three outcomes.',
      'More time: `timeouts.steps`, by the name of the step.',
    ],
    facts: SEEN,
    who: 'whoever is on call where the outcome is `suspended` or `failed`; else whoever set up the release',
    endings: TIMES_UP,
  },
  STAGE_TIMED_OUT: {
    provokedBy:
      'The steps of a stage together take longer than `timeouts.stages` allows, whichever of them has the bad luck.',
    check: [
      '`npx elastigroup-bluegreen report ID --out ID.html` shows how long each step took: the last one need not be the slow one.',
      'Is it `suspended`, `onTimeout` has held it, and `resume ID` gives the stage all its time again.',
    ],
    facts: { ...SEEN, stage: 'the stage', stageMs: 'how long it was allowed to take' },
    who: 'whoever is on call where the outcome is `suspended` or `failed`; else whoever set up the release',
    endings: TIMES_UP,
  },
  ROLLOUT_TIMED_OUT: {
    provokedBy: 'The rollout as a whole takes longer than `timeouts.rollout` allows, before the pivot.',
    check: [
      '`npx elastigroup-bluegreen report ID --out ID.html` shows where the time went: gates and hooks count, a suspended rollout does not.',
      'Is it `suspended`, `onTimeout` has held it, and `resume ID` gives it all its time again.',
    ],
    facts: { activeMs: 'how long it has taken', withinMs: 'how long was allowed' },
    who: 'whoever is on call where the outcome is `suspended` or `failed`; else whoever set up the release',
    endings: TIMES_UP,
  },
  GATE_EXPIRED: {
    provokedBy: 'Nobody says yes at a gate within its `expiresIn`, or before the deployment group’s own wait ends.',
    check: [
      'Did the message reach anybody? The event `step:run:started` of the step `gate/NAME` is what to send to people.',
      'More time needs both a longer `expiresIn` and a longer wait in the deployment group: [lifecycle.md](lifecycle.md#whose-clock-runs).',
    ],
    facts: { gate: 'the name of the gate', waitedMs: 'how long it stood open' },
    who: 'whoever should have answered',
    endings: ['rolled-back', 'refused', 'failed'],
  },
  HOOK_EXPIRED: {
    provokedBy:
      'A hook that goes on answering IN_PROGRESS, or never answers, until the deployment group’s wait is nearly over.',
    check: [
      'What does the hook wait for? Its own log says; for a Lambda function the log group `/aws/lambda/NAME`.',
      'A hook that hangs should end by its `signal`; more time needs a longer wait in the deployment group.',
    ],
    facts: { hook: 'which hook, at which stage' },
    endings: ['rolled-back', 'refused', 'failed'],
  },
  BAKE_EXPIRED: {
    provokedBy:
      'A rollout that is suspended while it bakes, or held by a gate for so long that the rest of the bake does not fit into CodeDeploy’s wait.',
    check: [
      'The message has how much of the bake was watched.',
      'Lengthen `terminationWaitTimeInMinutes` of the deployment group, or bake shorter; leave room for gates and for a resume.',
    ],
    facts: { elapsedMs: 'how much of the bake was watched', bakeMs: 'how long it was to be' },
    who: 'whoever set up the deployment group',
    endings: ['rolled-back', 'failed'],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
