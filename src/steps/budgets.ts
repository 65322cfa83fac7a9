/** How long each wait may take unless the caller's policy says otherwise; milliseconds. */

const MINUTE = 60_000;

/** For somebody else's deployment: as long as one that waits for people in Ready, and after traffic, may well take. */
export const AWAIT_DEPLOYMENT_GROUP_MS = 4 * 60 * MINUTE;
export const AWAIT_GREEN_MS = 30 * MINUTE;
/** How long Spot is given to launch something in the place of lost green, and how often. */
export const REPLACEMENT_MS = 10 * MINUTE;
export const REPLACEMENT_ROUNDS = 2;
export const CONFIRM_TARGETS_MS = 10 * MINUTE;
export const AWAIT_WITHDRAWN_MS = 10 * MINUTE;
/** CodeDeploy gives an event 5 minutes to start and an hour to finish: a script may use all of that. */
export const CODEDEPLOY_MS = 75 * MINUTE;
/** After the release is out and nothing more is seen to happen, how long Spot is left to take blue away by itself. */
export const RETIREMENT_GRACE_MS = 10 * MINUTE;
export const AWAIT_BLUE_RETIRED_MS = 40 * MINUTE;
export const AWAIT_GONE_MS = 20 * MINUTE;
/** Left of a wait of the deployment group's when a gate expires, so that it is us who take the release back. */
export const HOLD_MARGIN_MS = 5 * MINUTE;
export const AWAIT_QUIET_MS = 90 * MINUTE;
/** How long a rollback deployment may take to appear after a failure or a stop. */
export const ROLLBACK_APPEARS_MS = 2 * MINUTE;
/** Well within what a hold leaves of CodeDeploy's own wait, at whose end it terminates blue. */
export const BLUE_BACK_MS = 2 * MINUTE;
export const AWAIT_BLUE_HEALTHY_MS = 20 * MINUTE;
/** As long as a rollback of CodeDeploy’s that works on instances which are gone: an hour, and five minutes, for an event. */
export const AWAIT_MODE_ENDED_MS = 90 * MINUTE;
export const AWAIT_DRAINED_MS = 5 * MINUTE;
export const VERIFY_MS = 10 * MINUTE;
/** How long a mode may say ERROR before it is taken to have ended. */
export const MODE_ERROR_GRACE_MS = 2 * MINUTE;
/** How long a mode that was entered may be missing from Spot's answers before that means anything. */
export const MODE_ABSENT_GRACE_MS = MINUTE;
/** AWS advises to wait five minutes for new tags to be seen by CodeDeploy. */
export const TAGS_SEEN_MS = 5 * MINUTE;
export const RELEASE_ATTEMPTS = 3;
/** Two looks so far apart that one late answer cannot explain both. */
export const CONFIRMATION_MS = 10_000;

/** The longest that the whole may take inside the deployment mode, so that it is us who unwind and not Spot. */
export function derivedModeTimeoutMs(waits: {
  readonly tagSettleMs: number;
  readonly readyWaitMs: number;
  readonly terminationWaitMs: number;
  readonly deregistrationDelayMs: number;
  /** Whether Spot's replacements for lost green are waited for. */
  readonly replaces: boolean;
}): number {
  const green = (1 + (waits.replaces ? REPLACEMENT_ROUNDS : 0)) * (AWAIT_GREEN_MS + waits.tagSettleMs);
  const attempts = RELEASE_ATTEMPTS * (CONFIRM_TARGETS_MS + AWAIT_WITHDRAWN_MS + waits.tagSettleMs);
  const release = codeDeployBudgetMs(waits) + waits.readyWaitMs;
  const wayBack = wayBackMs([waits]);
  return green + attempts + release + wayBack + AWAIT_BLUE_RETIRED_MS;
}

/** The longest that the way back may take before green is gone and the deployment mode left. */
export function wayBackMs(targetGroups: ReadonlyArray<{ readonly deregistrationDelayMs: number }>): number {
  const deregistrationDelayMs = Math.max(0, ...targetGroups.map((group) => group.deregistrationDelayMs));
  return BLUE_BACK_MS + AWAIT_QUIET_MS + AWAIT_BLUE_HEALTHY_MS + AWAIT_DRAINED_MS + deregistrationDelayMs;
}

/** From the start of traffic, or of the deployment where nothing waits, to its end. */
export function codeDeployBudgetMs(waits: {
  readonly terminationWaitMs: number;
  readonly deregistrationDelayMs: number;
}): number {
  return CODEDEPLOY_MS + waits.deregistrationDelayMs + waits.terminationWaitMs;
}

/** How long, once the mode is over, instances that Spot has asked EC2 for may take to show. */
export const STILL_LAUNCHING_MS = 10 * 60_000;
