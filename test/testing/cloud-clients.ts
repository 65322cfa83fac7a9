import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SimulatedCloud } from '../../src/testing/index.js';

/** The real clients, without retries of their own. */
export const ec2Client = (cloud: SimulatedCloud) => new EC2Client({ ...cloud.options().aws, maxAttempts: 1 });

export const elbClient = (cloud: SimulatedCloud) =>
  new ElasticLoadBalancingV2Client({ ...cloud.options().aws, maxAttempts: 1 });

/** What a promise was rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('It did not fail');
}
