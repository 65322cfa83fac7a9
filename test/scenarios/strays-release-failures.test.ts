import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/index.js';
import { closeClouds, release } from '../helpers/release.js';
import {
  withStray,
  strayOf,
  warningsOf,
  oursOf,
  expectUnnoticed,
  expectReleasedOnto,
  expectRetired,
  INTERRUPTED,
} from '../helpers/strays.js';

afterEach(closeClouds);

const { elastigroupId } = SHOP;

describe('a release onto strays that fails costs the strays, and not the rollout', () => {
  it.each(['BeforeInstall', 'ValidateService', 'BeforeAllowTraffic', 'AfterAllowTraffic'])(
    'in %s: they are taken out of traffic and detached, and CodeDeploy rolls nothing back',
    async (failing) => {
      const end = await release(
        withStray({
          onEvent: (event, cloud) => {
            if (event.name === 'step:run:completed' && event.data.step === 'await-strays-marked/1')
              cloud.inject({ fault: 'script-fails', event: failing, instance: 'all' });
          },
        }),
      );
      expectRetired(end);
      expect(oursOf(end).map(({ status }) => status)).toEqual(['Succeeded', 'Failed']);
      // None but ours and the one from before.
      expect(end.cloud.snapshot().codeDeployDeployments).toHaveLength(3);
      expect(warningsOf(end)).toContain('STRAYS_NOT_RELEASED');
    },
  );

  it('because EC2 refuses to tag them', async () => {
    const end = await release(
      withStray({
        faults: [
          {
            fault: 'refused',
            on: { service: 'ec2', operation: 'CreateTags' },
            code: 'UnauthorizedOperation',
            status: 403,
          },
        ],
      }),
    );
    expectRetired(end);
    expect(oursOf(end)).toHaveLength(1);
  });

  it('because it is lost before it is released onto', async () => {
    const end = await release(
      withStray({
        cloud: { undocumented: { filterAfterSuccess: 'cleared' } },
        onEvent: (event, cloud) => {
          if (event.name !== 'step:run:completed' || event.data.step !== 'mark-strays/1') return;
          cloud.ec2.terminate(strayOf(cloud)[0]?.instanceId ?? '', INTERRUPTED);
        },
      }),
    );
    expect(end.result.error).toBeUndefined();
    expect(end.result.outcome).toBe('succeeded');
    expect(end.cloud.snapshot().serving.green).toBe(3);
    expectUnnoticed(end);
  });

  it('because the filter comes to select what serves after it was sent: it is stopped before traffic moves', async () => {
    const end = await release(
      withStray({
        cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
        onEvent: (event, cloud) => {
          if (event.name !== 'operation:send:completed' || event.data.key !== 'release-strays/1') return;
          const [green] = cloud.elastigroups.coloured(elastigroupId, 'green');
          cloud.codeDeploy.updateDeploymentGroup(SHOP.applicationName, SHOP.deploymentGroupName, {
            ec2TagSet: [[{ Key: 'Colour', Value: green?.tags.get('Colour') ?? '', Type: 'KEY_AND_VALUE' }]],
          });
        },
      }),
    );
    expect(end.result.error).toBeUndefined();
    expect(end.result.outcome).toBe('succeeded');
    expect(oursOf(end).map(({ status }) => status)).toEqual(['Succeeded', 'Stopped']);
    const blueTargets = oursOf(end)[1]?.targets.filter(({ label }) => label === 'Blue') ?? [];
    expect(blueTargets.length).toBeGreaterThan(0);
    expect(warningsOf(end)).toContain('STRAYS_NOT_RELEASED');
    expect(end.cloud.snapshot().serving.green).toBe(3);
    // What is stopped is not the release, but the deployment that would have taken green out of traffic.
    expectUnnoticed(end, /^StopDeployment .* after the pivot$/);
  });
});

describe('answers that get lost on the way', () => {
  it.each([
    ['ec2', 'CreateTags'],
    ['codedeploy', 'CreateDeployment'],
  ] as const)('%s %s: nothing is done twice', async (service, operation) => {
    const end = await release(
      withStray({
        onEvent: (event, cloud) => {
          if (event.name === 'step:run:completed' && event.data.step === 'find-strays/1')
            cloud.inject({ fault: 'lost-answer', on: { service, operation } });
        },
      }),
    );
    expectReleasedOnto(end);
  });
});
