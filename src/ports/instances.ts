import type { Call } from './call.js';
import type { Tag } from './elastigroups.js';

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** One EC2 instance. */
export interface Instance {
  readonly instanceId: string;
  readonly state: InstanceState;
  /** EC2's own word on why it left `running`, such as `Server.SpotInstanceTermination`. */
  readonly stateReason?: string | undefined;
  readonly privateIp?: string | undefined;
  readonly tags: readonly Tag[];
}

/** One condition on a tag; without `value` any value will do. */
export interface TagCondition {
  readonly key: string;
  readonly values?: readonly string[] | undefined;
}

/** EC2 instances. Terminated instances are only ever answered by `describeInstances`. */
export interface Instances {
  /** What EC2 still knows of these ids, in any state; an id that EC2 does not know is missing from the answer. */
  describeInstances(instanceIds: readonly string[], call?: Call): Promise<readonly Instance[]>;
  /** Every instance that is not terminated and meets all the conditions, asked with `tag:` filters, as CodeDeploy looks. */
  findByTags(all: readonly TagCondition[], call?: Call): Promise<readonly Instance[]>;

  /** Gives every one of the instances the tags, in place of what they carry under the same keys: all of them, or none. */
  createTags(instanceIds: readonly string[], tags: readonly Tag[], call?: Call): Promise<void>;
}
