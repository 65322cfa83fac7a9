/** The states of Spot's published list, in the order in which a mode passes them. */
export const DEPLOYMENT_MODE_STATES = [
  'STARTING',
  'VALIDATE_TAGS',
  'LAUNCHING_NEW_INSTANCES',
  'AWAITING_INSTANCES_LAUNCH',
  'TAG_INSTANCES_WITH_GREEN_TAG',
  'AWAITING_USER_DEPLOYMENT',
  'AWAITING_DEPLOYMENT_TO_FINISH',
  'WAIT_BEFORE_TERMINATION',
  'REMOVE_OLD_INSTANCES',
  'REMOVE_ALL_SUSPENSIONS',
  'FINISHED',
  'STOPPING',
  'FINISHED_STOPPED',
  'ROLLBACK_START',
  'ROLLBACK_CREATE_DEPLOYMENT',
  'ROLLBACK_REPLACE_OLD_NEW_INSTANCES',
  'REMOVE_NEW_INSTANCES',
  'FINISHED_ERROR',
  'UNSTABLE_DEPLOYMENT',
  'ERROR',
] as const;

export type DeploymentModeState = (typeof DEPLOYMENT_MODE_STATES)[number];

export type TerminalState = 'FINISHED' | 'FINISHED_STOPPED' | 'FINISHED_ERROR';

const TERMINAL: readonly DeploymentModeState[] = ['FINISHED', 'FINISHED_STOPPED', 'FINISHED_ERROR'];
const TOO_LATE_TO_STOP: readonly DeploymentModeState[] = ['REMOVE_OLD_INSTANCES', 'REMOVE_ALL_SUSPENSIONS'];
const BLUE_MAY_GO: readonly DeploymentModeState[] = ['WAIT_BEFORE_TERMINATION', ...TOO_LATE_TO_STOP];
const ENDING: readonly DeploymentModeState[] = ['STOPPING', 'REMOVE_NEW_INSTANCES'];
const ROLLING_BACK: readonly DeploymentModeState[] = [
  'ROLLBACK_START',
  'ROLLBACK_CREATE_DEPLOYMENT',
  'ROLLBACK_REPLACE_OLD_NEW_INSTANCES',
];

export const isTerminal = (state: DeploymentModeState): state is TerminalState => TERMINAL.includes(state);
export const isTooLateToStop = (state: DeploymentModeState): boolean => TOO_LATE_TO_STOP.includes(state);
/** Green is on its way out. */
export const isEnding = (state: DeploymentModeState): boolean => ENDING.includes(state);
/** CodeDeploy has succeeded: Spot expects blue to go. */
export const isBlueDispensable = (state: DeploymentModeState): boolean => BLUE_MAY_GO.includes(state);
/** The mode's own timeout still means something. */
export const canTimeOut = (state: DeploymentModeState): boolean =>
  !isTerminal(state) && !isTooLateToStop(state) && !isEnding(state) && !ROLLING_BACK.includes(state);
