import { afterEach, describe, it } from 'vitest';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import type { Undocumented } from '../../src/testing/options.js';
import { closeClouds } from '../helpers/release.js';
import { rollsBack, type Cause, type RollbackEnd } from '../helpers/rollback.js';

afterEach(closeClouds);

/** Nobody but EC2 took an instance of blue, and the receipt says so of exactly that one. */
function oneLost({ result, cloud }: RollbackEnd): string[] {
  const taken = cloud
    .snapshot()
    .instances.filter(
      ({ colour, stateReason }) => colour === 'blue' && stateReason === 'Server.SpotInstanceTermination',
    )
    .map(({ instanceId }) => instanceId);
  const lost = result.receipt.lines.filter(({ verdict }) => verdict === 'lost-to-cloud').map(({ subject }) => subject);
  return JSON.stringify(lost) === JSON.stringify(taken) && lost.length === 1
    ? []
    : [`lost to the cloud: ${lost.join(', ')}; taken: ${taken.join(', ')}`];
}

/** Where Spot takes green away by itself, it does so while traffic is still on it. */
const causes = ({ whenDeploymentFails }: Undocumented): readonly Cause[] =>
  whenDeploymentFails === 'does-nothing' ? ['reclaimed-instance'] : ['reclaimed-instance', 'green-taken-by-spot'];

describe('EC2 takes a blue instance while CodeDeploy takes blue out of traffic', () => {
  for (const event of ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'])
    for (const hasLastDeployment of [true, false])
      for (const whenDeploymentFails of ['rolls-back-itself', 'does-nothing'] as const) {
        const rollback = hasLastDeployment ? 'CodeDeploy rolls back' : 'CodeDeploy has nothing to roll back to';
        it(`in ${event}; ${rollback}; Spot ${whenDeploymentFails}`, async () => {
          await rollsBack({
            cloud: {
              blue: 3,
              deploymentGroup: { hasLastDeployment },
              undocumented: resolveUndocumented({ whenDeploymentFails }),
            },
            options: { polling: { every: '60s', urgent: '60s' } },
            faults: [{ fault: 'interruption', colour: 'blue', event }],
            // In the middle of a script CodeDeploy only sees an agent that does not come back.
            code:
              event === 'BlockTraffic'
                ? ['TRAFFIC_FAILED', 'INSTANCE_LOST']
                : ['AGENT_NOT_RESPONDING', 'INSTANCE_LOST'],
            // Two of blue are left, and three of green serve. Where nobody else takes green out, we may not.
            outcome: () => (whenDeploymentFails === 'does-nothing' && !hasLastDeployment ? 'failed' : 'rolled-back'),
            usersMayNotice: causes,
            also: oneLost,
          });
        });
      }
});
