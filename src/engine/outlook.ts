import type { CloudRequest } from '../ports/cloud-requests.js';
import type { LifecycleStage } from './stages.js';

/** What a plan foresees once its first looks are done: for showing, never for driving. */
export interface Outlook {
  /** Empty where they are not known before the first looks are done. */
  readonly greenTags: Readonly<Record<string, string>>;
  /** The clouds' own limit for the whole, in milliseconds. */
  readonly modeTimeoutMs?: number;
  /** How many instances are to stand beside blue: from the end of one step, by its id, to the end of another. */
  readonly extraInstances?: { readonly count: number; readonly after: string; readonly until: string };
  /** Whether a no counts at a stage, and why not; undefined while the first looks are not done. */
  readonly holding: (
    stage: LifecycleStage,
  ) => { readonly holds: true } | { readonly holds: false; readonly because: string } | undefined;
  /** How long a stage can be held before a limit of a cloud's comes near, in milliseconds; undefined: without end. */
  readonly heldAtMostMs: (stage: LifecycleStage) => number | undefined;
  /** What a step would send by one of its `calls`; none where it is known that it will not. */
  readonly sendings: (stepId: string, call: string) => readonly ForeseenSending[];
  /**
   * What a step reads: once, or, where it waits, at every look; at least nothing where it may be skipped. Lists are taken to
   * fit on one page. Absent while the first looks are not done.
   */
  readonly reads?: (stepId: string) => ForeseenReads;
  /** What the credentials must allow, for the way there and the way back. */
  readonly permissions: ForeseenPermissions;
}

/** A call that would change something, as far as it can be told. */
export interface ForeseenSending {
  readonly request: CloudRequest;
  /** Fields of the body that are null in it because they are known only later, and ids in the route that are. */
  readonly notKnownYet: ReadonlyArray<{ readonly field: string; readonly because: string }>;
  /** It depends on what happens whether it is sent. */
  readonly ifNeeded: boolean;
}

/** How often each operation is asked, by its service and name, such as `ec2 DescribeInstances`. */
export interface ForeseenReads {
  readonly least: Readonly<Record<string, number>>;
  readonly most: Readonly<Record<string, number>>;
}

export interface ForeseenPermissions {
  /** An IAM policy document. */
  readonly iam: IamPolicy;
  /** Spot's own permissions: each call with its route, and a policy document that allows them. */
  readonly spot: {
    readonly calls: ReadonlyArray<{ readonly call: string; readonly route: string }>;
    readonly policy: SpotPolicy;
  };
}

export interface IamPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: ReadonlyArray<{
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
  }>;
}

export interface SpotPolicy {
  readonly statements: ReadonlyArray<{
    readonly effect: 'ALLOW';
    readonly actions: readonly string[];
    readonly resources: readonly string[];
  }>;
}

/** Something in a cloud that a rollout set up and that still stands there. */
export interface Leftover {
  /** In words, such as `green instance` or `deployment mode`. */
  readonly what: string;
  /** Its id, or the id of what it belongs to. */
  readonly subject: string;
  /** Epoch milliseconds at which the rollout set it up, as far as its journal tells. */
  readonly since: number;
  /** Healthy in a production target group now. */
  readonly serving: boolean;
  readonly remedy: string;
}
