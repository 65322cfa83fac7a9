/** What no source says about the real services, each with the behaviours that are plausible. The first is the default. */
export const UNDOCUMENTED = {
  /** Spot, when the CodeDeploy deployment on green fails or is stopped, or the mode's own timeout fires. */
  whenDeploymentFails: ['rolls-back-itself', 'only-removes-green', 'does-nothing'],
  /** Spot, when the mode is told to stop. */
  stopMode: ['removes-green', 'leaves-green'],
  /** Spot, a mode in FINISHED, FINISHED_STOPPED or FINISHED_ERROR. */
  finishedMode: ['listed', 'vanishes'],
  /** Spot, an instance lost from outside during the mode. */
  healingDuringMode: ['replaces', 'does-not-replace'],
  /** Spot, instances that launch into an Elastigroup with target groups of its own during the mode. */
  registersAtLaunchDuringMode: ['registers', 'does-not-register'],
  /** Spot, the tags of green after FINISHED: kept, or rewritten to the values that blue carried. */
  greenTagsAfterFinish: ['kept', 'rewritten'],
  /** Spot, the unit of the mode's `timeout`. */
  modeTimeoutUnit: ['seconds', 'minutes'],
  /** Spot, `capacity.target` while the mode runs. */
  targetDuringMode: ['unchanged', 'doubled'],
  /** Spot, launching green beyond `capacity.maximum`. */
  maximumDuringMode: ['bypassed', 'enforced'],
  /** Spot, a detach without decrement from an Elastigroup that still holds at least `capacity.target` instances. */
  detachWithoutDecrement: ['fills-up-to-target', 'always-replaces'],
  /** Spot, a POST while another mode runs: refused, or a second mode beside the first. */
  secondMode: ['refused', 'accepted'],
  /** Spot, a CodeDeploy deployment onto green that failed or was stopped before Spot looked for one. */
  failedBeforeSpotLooks: ['ignored', 'counts'],
  /** Spot, the suspensions of the Elastigroup in REMOVE_ALL_SUSPENSIONS: all of them lifted, or those that people set left. */
  suspensionsAfterMode: ['lifted', 'left'],
  /** CodeDeploy, the deployment group's own filter after a blue/green success. */
  filterAfterSuccess: ['unchanged', 'green', 'cleared'],
  /** CodeDeploy, the deployment's status during the termination wait. */
  statusInTerminationWait: ['InProgress', 'Succeeded'],
  /** CodeDeploy, how it says that a deployment group is busy: two wordings are known from public reports. */
  busyWording: ['already-has', 'already-deploying'],
  /** CodeDeploy, the status of a target whose agent has not taken up its first event. */
  targetOfSilentAgent: ['InProgress', 'Pending'],
} as const;

export type Undocumented = { readonly [K in keyof typeof UNDOCUMENTED]: (typeof UNDOCUMENTED)[K][number] };

/** How long things take in the simulated cloud; milliseconds of simulated time. */
export interface SimulatedTimings {
  /** Spot: from POST or a decision until the next state of the mode is reached (each of the short states). */
  readonly modeStateMs: number;
  /** Spot: how often it looks at EC2 and CodeDeploy. */
  readonly spotPollMs: number;
  /** Spot: how long a new or changed thing may be missing from Spot's own answers. */
  readonly spotReadAfterWriteMs: number;
  /** Spot: from asking EC2 for an instance until it has an id. */
  readonly spotFulfilMs: number;
  /** Spot: stay in WAIT_BEFORE_TERMINATION. */
  readonly waitBeforeTerminationMs: number;
  /** Spot: until an instance that was lost is replaced. */
  readonly healingMs: number;
  /** EC2: pending → running. */
  readonly launchMs: number;
  /** EC2: running → the CodeDeploy agent answers. */
  readonly bootMs: number;
  /** EC2: shutting-down → terminated. */
  readonly terminationMs: number;
  /** EC2: until its API shows a new tag. */
  readonly tagVisibleInEc2Ms: number;
  /** CodeDeploy: until it sees a new tag. */
  readonly tagVisibleInCodeDeployMs: number;
  /** CodeDeploy: Created → InProgress, and the targets decided. */
  readonly deploymentStartMs: number;
  /** CodeDeploy: until ListDeployments shows a new deployment. */
  readonly codeDeployReadAfterWriteMs: number;
  /** CodeDeploy: how often an agent asks for work. */
  readonly agentPollMs: number;
  /** CodeDeploy: each lifecycle event that runs a script, unless named in `eventMs`. */
  readonly scriptMs: number;
  readonly eventMs: Readonly<Record<string, number>>;
  /** CodeDeploy: until a rollback deployment is created after a failure or a stop. */
  readonly rollbackCreatedMs: number;
  /** ELB: registered → first verdict of the health checks. */
  readonly healthyAfterMs: number;
  /** ELB: until a target that stopped answering is `unhealthy`. */
  readonly unhealthyAfterMs: number;
}

export const DEFAULT_TIMINGS: SimulatedTimings = Object.freeze({
  modeStateMs: 5_000,
  spotPollMs: 10_000,
  spotReadAfterWriteMs: 2_000,
  spotFulfilMs: 20_000,
  waitBeforeTerminationMs: 30_000,
  healingMs: 90_000,
  launchMs: 30_000,
  bootMs: 40_000,
  terminationMs: 30_000,
  tagVisibleInEc2Ms: 3_000,
  tagVisibleInCodeDeployMs: 20_000,
  deploymentStartMs: 4_000,
  codeDeployReadAfterWriteMs: 2_000,
  agentPollMs: 5_000,
  scriptMs: 4_000,
  eventMs: Object.freeze({ DownloadBundle: 6_000, Install: 8_000 }),
  rollbackCreatedMs: 8_000,
  healthyAfterMs: 20_000,
  unhealthyAfterMs: 20_000,
});
