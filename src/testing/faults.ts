/** Which request a wire fault hits: the `nth` (default 1) matching request from now on, and `times - 1` more after it. */
export interface OnRequest {
  readonly service: 'spot' | 'codedeploy' | 'ec2' | 'elbv2' | 'cloudwatch';
  /** The service's operation, such as `CreateDeployment`; for Spot the name of the call, such as `enterDeploymentMode`. Absent: any. */
  readonly operation?: string;
  readonly nth?: number;
  readonly times?: number;
  /** Only from this simulated time on, in milliseconds since the cloud was made. */
  readonly atMs?: number;
}

/** Something that goes wrong in the simulated cloud. */
export type Fault =
  /** The service acts; the answer never arrives (the connection breaks). */
  | { readonly fault: 'lost-answer'; readonly on: OnRequest }
  /** Refused before acting: with the service's own error code and status. */
  | {
      readonly fault: 'refused';
      readonly on: OnRequest;
      readonly code: string;
      readonly message?: string;
      readonly status?: number;
    }
  /** 5xx; `acted` says whether the service had done the work. */
  | { readonly fault: 'server-error'; readonly on: OnRequest; readonly status?: number; readonly acted?: boolean }
  | { readonly fault: 'throttled'; readonly on: OnRequest }
  | { readonly fault: 'slow'; readonly on: OnRequest; readonly byMs: number }
  /** The request is taken (and acted upon if `acted`), and never answered. */
  | { readonly fault: 'no-answer'; readonly on: OnRequest; readonly acted?: boolean }
  /** 200 with a body that is not what the contract says. */
  | { readonly fault: 'malformed'; readonly on: OnRequest; readonly body?: string }
  /** A hook script fails: on the `instance`-th (0 = the first) instance of a colour (default: green), or on all of it. */
  | {
      readonly fault: 'script-fails';
      readonly colour?: 'blue' | 'green';
      readonly event?: string;
      readonly instance?: number | 'all';
      readonly errorCode?: 'ScriptMissing' | 'ScriptNotExecutable' | 'ScriptTimedOut' | 'ScriptFailed' | 'UnknownError';
      readonly scriptName?: string;
      readonly message?: string;
      readonly logTail?: string;
    }
  /** AWS takes an instance back: at a time, or when a CodeDeploy lifecycle event starts on it. */
  | {
      readonly fault: 'interruption';
      readonly colour: 'blue' | 'green';
      readonly instance?: number;
      readonly atMs?: number;
      readonly event?: string;
    }
  /**
   * The CodeDeploy agent of an instance falls silent for good: at a time (default: before its first event), or with a
   * lifecycle event. `before` (the default) it takes the event up, which then stays Pending; `in` the middle of it.
   */
  | {
      readonly fault: 'agent-dead';
      readonly colour: 'blue' | 'green';
      readonly instance?: number;
      readonly atMs?: number;
      readonly event?: string;
      readonly when?: 'before' | 'in';
    }
  /** Of the green instances this many never launch (default: all). */
  | { readonly fault: 'green-never-launches'; readonly count?: number }
  /** Spot never takes blue away, and stays in WAIT_BEFORE_TERMINATION (or says FINISHED when `finishes`). */
  | { readonly fault: 'blue-not-removed'; readonly finishes?: boolean }
  /** Stopping the mode leaves green where it is, this once. */
  | { readonly fault: 'green-left-behind' }
  /** GET answers this state for the mode, while it would be in `during` (default AWAITING_DEPLOYMENT_TO_FINISH). */
  | { readonly fault: 'unknown-state'; readonly state: string; readonly during?: string }
  /** The mode says ERROR from the moment it reaches `during`; goes on after `forMs` if given. */
  | { readonly fault: 'mode-error'; readonly during: string; readonly forMs?: number }
  /**
   * GET answers UNSTABLE_DEPLOYMENT from the moment at which the mode reaches `during`: for `forMs`, or as long as it is
   * in that state. Behind it the mode goes on; or it stands still, and goes back after `forMs` (default: one minute).
   */
  | {
      readonly fault: 'unstable-deployment';
      readonly during: string;
      readonly forMs?: number;
      readonly goesBack?: boolean;
    }
  /** The mode's own timeout fires `afterMs` after it reaches `during`. */
  | { readonly fault: 'mode-timeout'; readonly during: string; readonly afterMs?: number }
  /**
   * Somebody else starts a CodeDeploy deployment in the mode's deployment group: `afterMs` after the mode reaches
   * `during`, onto the tags of green or those that blue carries in the mode's place.
   */
  | {
      readonly fault: 'stranger-deploys';
      readonly during: string;
      readonly onto: 'green' | 'blue';
      readonly afterMs?: number;
    }
  /**
   * A CloudWatch alarm goes to ALARM: at a time (default: at once), or `afterMs` after the first time that something
   * reaches `during`: a state of the mode, a CodeDeploy lifecycle event on any instance, READY_WAIT or TERMINATION_WAIT.
   */
  | {
      readonly fault: 'alarm-fires';
      readonly alarm: string;
      readonly atMs?: number;
      readonly during?: string;
      readonly afterMs?: number;
      readonly reason?: string;
    };
