import type { DeploymentMode, Tag } from '../ports/elastigroups.js';

/** States in which nothing more happens. Spot publishes the list of states, not which of them are final: our reading. */
const ENDED: ReadonlySet<string> = new Set(['FINISHED', 'FINISHED_STOPPED', 'FINISHED_ERROR']);

/** Between the start and the point at which the release is waited for. */
const ON_ITS_WAY: ReadonlySet<string> = new Set([
  'STARTING',
  'VALIDATE_TAGS',
  'LAUNCHING_NEW_INSTANCES',
  'AWAITING_INSTANCES_LAUNCH',
  'TAG_INSTANCES_WITH_GREEN_TAG',
]);

/** Blue is being, or has been, taken away because the release is out. */
const BLUE_IS_LEAVING: ReadonlySet<string> = new Set(['WAIT_BEFORE_TERMINATION', 'REMOVE_OLD_INSTANCES', 'FINISHED']);

const GOING_BACK: ReadonlySet<string> = new Set([
  'STOPPING',
  'ROLLBACK_START',
  'ROLLBACK_CREATE_DEPLOYMENT',
  'ROLLBACK_REPLACE_OLD_NEW_INSTANCES',
  'REMOVE_NEW_INSTANCES',
  'FINISHED_STOPPED',
  'FINISHED_ERROR',
]);

/** Spot is about to start, or follows, a CodeDeploy deployment of its own that puts blue back. */
const ROLLING_BACK: ReadonlySet<string> = new Set([
  'ROLLBACK_START',
  'ROLLBACK_CREATE_DEPLOYMENT',
  'ROLLBACK_REPLACE_OLD_NEW_INSTANCES',
]);

export const hasEnded = (mode: DeploymentMode | undefined): boolean => mode === undefined || ENDED.has(mode.state);
export const blueIsLeaving = (mode: DeploymentMode | undefined): boolean =>
  mode !== undefined && BLUE_IS_LEAVING.has(mode.state);
export const isGoingBack = (mode: DeploymentMode | undefined): boolean =>
  mode !== undefined && GOING_BACK.has(mode.state);
export const isRollingBack = (mode: DeploymentMode | undefined): boolean =>
  mode !== undefined && ROLLING_BACK.has(mode.state);
/** On its way back, and past the point at which it would start a CodeDeploy deployment of its own. */
export const isTakingGreenAway = (mode: DeploymentMode | undefined): boolean =>
  isGoingBack(mode) && !isRollingBack(mode);
/** About to start a CodeDeploy deployment of its own, and not yet at it: what it has not begun it can still leave. */
export const isAboutToRollBack = (mode: DeploymentMode | undefined): boolean =>
  mode?.state === 'ROLLBACK_START' || mode?.state === 'ROLLBACK_CREATE_DEPLOYMENT';
export const isOnItsWayToAwaiting = (mode: DeploymentMode | undefined): boolean =>
  mode !== undefined && ON_ITS_WAY.has(mode.state);
export const isAwaitingDeployment = (mode: DeploymentMode | undefined): boolean =>
  mode?.state === 'AWAITING_USER_DEPLOYMENT';

/** Waits for a release to begin or to end; one that has ended since its last look it has not seen yet. */
export const awaitsARelease = (mode: DeploymentMode | undefined): boolean =>
  isAwaitingDeployment(mode) || mode?.state === 'AWAITING_DEPLOYMENT_TO_FINISH';

/** A state that nobody has published: what Spot is about to do cannot be told. */
export const isUnheardOf = (mode: DeploymentMode | undefined): boolean =>
  mode !== undefined &&
  !awaitsARelease(mode) &&
  mode.state !== 'REMOVE_ALL_SUSPENSIONS' &&
  ![ENDED, ON_ITS_WAY, BLUE_IS_LEAVING, GOING_BACK].some((states) => states.has(mode.state));

export function sameTags(a: readonly Tag[], b: readonly Tag[]): boolean {
  const text = (tags: readonly Tag[]): string => JSON.stringify(tags.map(({ key, value }) => [key, value]).sort());
  return text(a) === text(b);
}
