import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/index.js';
import type { Undocumented } from '../../src/testing/options.js';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import { closeClouds, release } from '../helpers/release.js';
import {
  withStray,
  strayOf,
  warningsOf,
  oursOf,
  expectUnnoticed,
  expectGreenUntouched,
  expectReleasedOnto,
  expectRetired,
  INTERRUPTED,
  SECOND_MS,
} from '../helpers/strays.js';

afterEach(closeClouds);

const { elastigroupId } = SHOP;

describe('a replacement that Spot launched during the release', () => {
  it.each(['unchanged', 'cleared'] as const)(
    'gets the revision by a deployment of its own and stays, where the filter is %s after success',
    async (filterAfterSuccess) => {
      const end = await release(withStray({ cloud: { undocumented: { filterAfterSuccess } } }));
      expectReleasedOnto(end);
      const { serving, elastigroups, instances } = end.cloud.snapshot();
      expect(serving).toEqual({ blue: 0, green: 3, other: 1 });
      expect(elastigroups[0]?.members).toHaveLength(4);
      // It carries green's tags from now on: the next release finds one colour of blue.
      const colours = instances.filter(({ state }) => state === 'running').map(({ tags }) => tags['Colour']);
      expect([...new Set(colours)]).toEqual([end.result.green?.tags?.['Colour']]);
    },
  );

  it('is detached where the filter is rewritten to green’s tags: all that serves would have been taken out of traffic', async () => {
    const end = await release(withStray({ cloud: { undocumented: { filterAfterSuccess: 'green' } } }));
    expectRetired(end);
    expect(oursOf(end)).toHaveLength(1);
    const warned = end.events.find(
      (event) => event.name === 'rollout:check:warned' && event.data.code === 'STRAYS_NOT_RELEASED',
    );
    expect(warned?.text).toMatch(/filter .* selects .* out of traffic/);
  });

  it('is detached where Spot gives green back the colour that the filter selects', async () => {
    const end = await release(withStray({ cloud: { undocumented: { greenTagsAfterFinish: 'rewritten' } } }));
    expectRetired(end);
    expect(oursOf(end)).toHaveLength(1);
  });

  it('is detached where blue was detached and runs on: the filter still selects it', async () => {
    const end = await release(
      withStray({ faults: [{ fault: 'blue-not-removed', finishes: true }], spec: { detach: { terminate: false } } }),
    );
    expect(end.result.outcome).toBe('succeeded');
    expect(oursOf(end)).toHaveLength(1);
    expect(warningsOf(end)).toContain('STRAYS_NOT_RELEASED');
    expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expectUnnoticed(end);
  });

  it('gets the revision in a deployment group that waits in Ready', async () => {
    const end = await release(withStray({ cloud: { deploymentGroup: { readyWaitMinutes: 60 } } }));
    expectReleasedOnto(end);
    expect(end.mutations.filter((each) => each === 'codedeploy ContinueDeployment')).toHaveLength(2);
  });

  it.each(['InProgress', 'Succeeded'] as const)(
    'gets the revision in a deployment group that terminates blue after a wait in which it says %s',
    async (statusInTerminationWait) => {
      // It stands in for a green instance: what stood in for blue would be terminated with blue.
      const end = await release({
        cloud: {
          timings: { healingMs: 10 * SECOND_MS },
          undocumented: { statusInTerminationWait },
          deploymentGroup: { terminationWaitMinutes: 5 },
        },
        spec: { strays: 'release', suspend: false },
        options: { polling: { every: '15s', urgent: '5s' } },
        onEvent: (event, cloud) => {
          if (event.name !== 'rollout:pivot:passed') return;
          const [one] = cloud.elastigroups.coloured(elastigroupId, 'green');
          cloud.ec2.terminate(one?.instanceId ?? '', INTERRUPTED);
        },
      });
      expectReleasedOnto(end);
      expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 1 });
    },
  );

  it.each(['CodeDeployDefault.HalfAtATime', 'CodeDeployDefault.OneAtATime'])(
    'gets the revision although a single instance leaves no room in %s',
    async (deploymentConfigName) => {
      expectReleasedOnto(await release(withStray({ cloud: { deploymentGroup: { deploymentConfigName } } })));
    },
  );

  it('gets the revision where Spot registers what it launches', async () => {
    expectReleasedOnto(await release(withStray({ cloud: { elastigroup: { registerAtLaunch: true } } })));
  });

  it('that serves already is not released onto: CodeDeploy would stop what users reach', async () => {
    const end = await release(
      withStray({
        onEvent: (event, cloud) => {
          if (event.name !== 'rollout:pivot:passed') return;
          const [stray] = strayOf(cloud);
          const instance = cloud.ec2.get(stray?.instanceId ?? '');
          if (instance === undefined) throw new Error('there is no stray');
          instance.application = { revision: 'by hand', healthy: true };
          cloud.loadBalancing.register(SHOP.targetGroupName, [instance.instanceId]);
        },
      }),
    );
    expectRetired(end);
    expect(oursOf(end)).toHaveLength(1);
    // What users were sent to is taken out of traffic first.
    expect(end.mutations.indexOf('elbv2 DeregisterTargets')).toBeLessThan(
      end.mutations.indexOf('spot detachInstances'),
    );
    expect(end.mutations).toContain('elbv2 DeregisterTargets');
  });

  it('leaves the way open for the next release, which finds it to be blue like the rest', async () => {
    const end = await release(withStray());
    expectReleasedOnto(end);
    const { cloud } = end;
    const colour = end.result.green?.tags?.['Colour'] ?? '';
    cloud.codeDeploy.updateDeploymentGroup(SHOP.applicationName, SHOP.deploymentGroupName, {
      ec2TagSet: [[{ Key: 'Colour', Value: colour, Type: 'KEY_AND_VALUE' }]],
    });
    cloud.advance(600 * SECOND_MS);
    const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
    const next = await (await blueGreen.start(cloud.spec())).result();
    await blueGreen.close();
    expect(next.outcome).toBe('succeeded');
    expect(next.blue?.instanceIds).toHaveLength(4);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 4, other: 0 });
  });
});

describe('under every pair of answers that the release onto strays depends on', () => {
  const rows: ReadonlyArray<Partial<Undocumented>> = [
    { filterAfterSuccess: 'green', greenTagsAfterFinish: 'rewritten' },
    { filterAfterSuccess: 'cleared', greenTagsAfterFinish: 'rewritten' },
    { filterAfterSuccess: 'unchanged', finishedMode: 'vanishes' },
    { filterAfterSuccess: 'cleared', targetDuringMode: 'doubled' },
  ];
  it.each(rows.map((row) => [JSON.stringify(row), row] as const))(
    '%s: what serves is proven, and nobody notices',
    async (_, undocumented) => {
      const end = await release(withStray({ cloud: { undocumented } }));
      expect(end.result.error).toBeUndefined();
      expect(end.result.outcome).toBe('succeeded');
      expect(end.cloud.snapshot().serving).toMatchObject({ blue: 0, green: 3 });
      expectGreenUntouched(end);
      expectUnnoticed(end);
    },
  );
});
