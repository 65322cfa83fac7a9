import type { SimulatedTimings, Undocumented } from '../options.js';
import { randomText } from './chance.js';
import type { FaultBoard } from './fault-board.js';
import type { Chance, CodeDeployModel, Ec2Model, LoadBalancingModel, Timers } from './parts.js';

/** What the simulated Spot stands on. */
export interface ElastigroupParts {
  readonly timers: Timers;
  readonly chance: Chance;
  readonly timings: SimulatedTimings;
  readonly undocumented: Undocumented;
  readonly ec2: Ec2Model;
  readonly loadBalancing: LoadBalancingModel;
  readonly codeDeploy: CodeDeployModel;
  readonly faults: FaultBoard;
}

/** Spot's ids: a prefix and eight hexadecimal digits. */
export function spotId(prefix: 'cdbg' | 'sbgd' | 'sir', chance: Chance): string {
  return `${prefix}-${randomText(chance, 8)}`;
}

/** Why EC2 says an instance went when Spot terminated it with the account's own role. */
export const TERMINATED_BY_SPOT = Object.freeze({
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
});
