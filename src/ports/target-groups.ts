import type { Call } from './call.js';

export type TargetState =
  | 'initial'
  | 'healthy'
  | 'unhealthy'
  | 'unhealthy.draining'
  | 'unused'
  | 'draining'
  | 'unavailable';

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly targetType: string;
  readonly port?: number | undefined;
  readonly deregistrationDelayMs: number;
  readonly loadBalancerArns: readonly string[];
}

export interface TargetHealth {
  /** The instance id, for a target group of type `instance`. */
  readonly targetId: string;
  readonly port?: number | undefined;
  /** A state that this version does not know is answered as it came. */
  readonly state: TargetState | (string & {});
  readonly reason?: string | undefined;
  readonly description?: string | undefined;
}

/** Target groups of Elastic Load Balancing v2. */
export interface TargetGroups {
  /** A name or an ARN that does not exist is an error that names it. */
  describeTargetGroups(namesOrArns: readonly string[], call?: Call): Promise<readonly TargetGroup[]>;
  targetHealth(targetGroupArn: string, call?: Call): Promise<readonly TargetHealth[]>;
  registerTargets(targetGroupArn: string, instanceIds: readonly string[], call?: Call): Promise<void>;
  /** A target that is not registered is no error. */
  deregisterTargets(targetGroupArn: string, instanceIds: readonly string[], call?: Call): Promise<void>;
}
