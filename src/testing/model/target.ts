import type { SimulatedTargetState } from './parts.js';

export interface TargetHealthReason {
  readonly reason?: string;
  readonly description?: string;
}

/** One registered instance, as a target group keeps it. */
export interface Target {
  readonly instanceId: string;
  registeredAt: number;
  state: SimulatedTargetState;
  reason: TargetHealthReason;
  /** The verdict that the checks in progress will come to unless the instance changes again. */
  awaiting?: 'healthy' | 'unhealthy' | undefined;
  timer?: { cancel(): void } | undefined;
}

export const NO_REASON: TargetHealthReason = {};

export const IN_REGISTRATION: TargetHealthReason = {
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};

export const FAILED_CHECKS: TargetHealthReason = {
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
};

export const DRAINING: TargetHealthReason = {
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
};

export const NOT_IN_USE: TargetHealthReason = {
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
};

export const NOT_REGISTERED: TargetHealthReason = {
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
};

export const invalidState = (state: string): TargetHealthReason => ({
  reason: 'Target.InvalidState',
  description: `Target is in the ${state} state`,
});
