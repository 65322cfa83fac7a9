import { describe, expect, it } from 'vitest';
import { BlueGreen, BlueGreenError, MemoryStore } from '../../src/index.js';
import type { BlueGreenOptions } from '../../src/index.js';
import type { Finding } from '../../src/steps/findings.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import type { Fault } from '../../src/testing/faults.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { adopted, modeOf, mutationsSince, startByHand, type Told } from '../helpers/adopted.js';
import { CrashStore } from '../helpers/crash-store.js';
import { notAsBefore } from '../helpers/rollback.js';

const { elastigroupId, applicationName, deploymentGroupName } = SHOP;
const OURS = { applicationName, deploymentGroupName };

function findingsOf({ result }: Told): readonly Finding[] {
  expect(result.outcome).toBe('refused');
  return (result.error?.details as { findings?: readonly Finding[] } | undefined)?.findings ?? [];
}

describe('a deployment mode that a person started with the green tags', () => {
  it.each([
    'STARTING',
    'VALIDATE_TAGS',
    'LAUNCHING_NEW_INSTANCES',
    'AWAITING_INSTANCES_LAUNCH',
    'TAG_INSTANCES_WITH_GREEN_TAG',
    'AWAITING_USER_DEPLOYMENT',
  ])('in %s is taken over, and released onto', async (from) => {
    await adopted({ mode: {}, from }, ({ result, cloud, mutations, before }) => {
      expect(result.outcome).toBe('succeeded');
      expect(mutations).toEqual(['CreateDeployment']);
      const blue = before.elastigroups[0]?.members ?? [];
      // Green that had been launched by then is not taken for blue.
      expect([...(result.blue?.instanceIds ?? [])].sort()).toEqual([...blue].sort());
      expect(result.green?.instanceIds).toHaveLength(2);
      expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
      expect(cloud.elastigroups.deploymentModes(elastigroupId)).toHaveLength(1);
      expect(cloud.traffic.failed).toBe(0);
    });
  });

  it('is taken over where Spot raised the target for it, and where green registers at launch', async () => {
    const cloud: SimulatedCloudOptions = {
      undocumented: { targetDuringMode: 'doubled' },
      elastigroup: { registerAtLaunch: true },
    };
    await adopted({ cloud, mode: {} }, ({ result, cloud: after, before }) => {
      expect(result.outcome).toBe('succeeded');
      expect([...(result.blue?.instanceIds ?? [])].sort()).toEqual([...(before.elastigroups[0]?.members ?? [])].sort());
      expect(after.snapshot().elastigroups[0]?.capacity).toEqual(before.elastigroups[0]?.capacity);
    });
  });

  it('with one of two alternate values decides which of them is green', async () => {
    const spec = { green: { tagKey: 'Colour', alternate: ['white', 'green'] } };
    await adopted({ mode: {}, spec }, ({ result }) => {
      expect(result.outcome).toBe('succeeded');
      expect(result.green?.tags).toEqual({ Colour: 'green' });
    });
  });

  it('with a short limit is taken over with a warning, and the status says when Spot ends it at the latest', async () => {
    await adopted({ mode: { timeoutMs: 3_600_000 } }, ({ result, warnings, spotExpiresAt }) => {
      expect(result.outcome).toBe('succeeded');
      expect(warnings).toContain('ADOPTED_MODE_MAY_END');
      expect(Date.parse(spotExpiresAt ?? '') - Date.parse(result.startedAt)).toBeGreaterThan(3_500_000);
    });
    await adopted({ mode: {} }, ({ warnings }) => {
      expect(warnings).not.toContain('ADOPTED_MODE_MAY_END');
    });
  });

  it('does not take an instance that stands in for a lost one for blue', async () => {
    const meanwhile = (cloud: SimulatedCloud): void => {
      const [one] = cloud.elastigroups.coloured(elastigroupId, 'blue');
      cloud.ec2.terminate(one?.instanceId ?? '', { code: 'Server.SpotInstanceTermination', message: 'gone' });
      cloud.advance(300_000);
    };
    await adopted({ cloud: { blue: 3 }, mode: {}, meanwhile }, ({ result }) => {
      expect(result.blue?.instanceIds).toHaveLength(2);
      expect(result.outcome).toBe('succeeded');
    });
  });
});

describe('a plan for taking over a deployment mode', () => {
  it.each(['AWAITING_INSTANCES_LAUNCH', 'AWAITING_USER_DEPLOYMENT'])(
    'that is in %s says who is blue, and changes nothing',
    async (state) => {
      await using cloud = new SimulatedCloud({
        rateLimits: false,
        blue: 2,
        undocumented: { targetDuringMode: 'doubled' },
      });
      await startByHand(cloud, {}, state);
      const sofar = cloud.requests.length;
      const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
      const spec = cloud.spec({ green: { tagKey: 'Colour', value: 'green' }, adopt: true });
      const plan = await blueGreen.plan(spec);
      await blueGreen.close();
      expect(plan.refusals).toEqual([]);
      expect(plan.blue?.instanceIds).toHaveLength(2);
      expect(plan.greenTags).toEqual({ Colour: 'green' });
      expect(mutationsSince(cloud, sofar)).toEqual([]);
    },
  );
});

describe('the way back from a deployment mode that was taken over', () => {
  it.each(['rolls-back-itself', 'only-removes-green', 'does-nothing'] as const)(
    'stops it and leaves everything as it was before it was started, where Spot %s',
    async (whenDeploymentFails) => {
      for (const targetDuringMode of ['unchanged', 'doubled'] as const) {
        // Without a last good revision nobody redeploys blue.
        const cloud = {
          undocumented: { whenDeploymentFails, targetDuringMode },
          deploymentGroup: { hasLastDeployment: false },
        };
        const faults: readonly Fault[] = [{ fault: 'script-fails', instance: 'all' }];
        await adopted({ cloud, mode: {}, faults }, ({ result, cloud: after, before }) => {
          expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'RELEASE_FAILED' } });
          expect(notAsBefore(before, after.snapshot(), targetDuringMode)).toEqual([]);
          expect(after.traffic.failed).toBe(0);
        });
      }
    },
  );

  it('touches nothing as long as nothing was sent: the mode stays with the person who started it', async () => {
    const options: Partial<BlueGreenOptions> = {
      hooks: { PRE_SCALE_UP: { name: 'smoke', run: () => Promise.reject(new Error('not today')) } },
    };
    await adopted({ mode: {}, options }, ({ result, mutations, cloud }) => {
      expect(['refused', 'rolled-back']).toContain(result.outcome);
      expect(mutations).toEqual([]);
      expect(modeOf(cloud)?.shownState()).toBe('AWAITING_USER_DEPLOYMENT');
      expect(result.receipt.lines.every(({ verdict }) => verdict === 'never-changed')).toBe(true);
    });
  });

  it('is found when Spot ends the mode by its own limit under the release', async () => {
    await adopted({ mode: { timeoutMs: 200_000 } }, ({ result, cloud, before }) => {
      expect(result.outcome).toBe('rolled-back');
      expect(notAsBefore(before, cloud.snapshot(), 'at the end').filter((what) => !what.includes('capacity'))).toEqual(
        [],
      );
    });
  });
});

describe('without a mode that can be taken over', () => {
  it('the release starts one, as ever', async () => {
    await adopted({}, ({ result, mutations }) => {
      expect(result.outcome).toBe('succeeded');
      expect(mutations).toEqual(['enterDeploymentMode', 'CreateDeployment']);
    });
  });

  it.each([
    ['other tags', { mode: { value: 'purple' } }, /its tags are Colour=purple, and the spec says Colour=green/],
    ['another deployment group', { mode: { group: 'shop-other' } }, /its deployment groups are shop\/shop-other/],
    [
      'a limit shorter than modeTimeout asks for',
      { mode: { timeoutMs: 7_200_000 }, spec: { modeTimeout: '20h' } },
      /limit is 7200000 ms, and modeTimeout is 72000000 ms/,
    ],
  ] as const)('%s: it is refused, and told what differs', async (_, story, found) => {
    await adopted(story, (told) => {
      const adoption = findingsOf(told).filter(({ check }) => check === 'adopt');
      expect(adoption.map((each) => each.found)).toEqual([expect.stringMatching(found)]);
      expect(told.mutations).toEqual([]);
      expect(modeOf(told.cloud)?.isRunning).toBe(true);
    });
  });

  it('a release is under way on it already: it is refused', async () => {
    const meanwhile = (cloud: SimulatedCloud): void => {
      cloud.codeDeploy.createDeployment({
        ...OURS,
        revision: { revisionType: 'S3', s3Location: { bucket: 'releases', key: 'other.zip', bundleType: 'zip' } },
        targetInstances: { tagFilters: [{ Key: 'Colour', Value: 'green', Type: 'KEY_AND_VALUE' }] },
      });
      while (modeOf(cloud)?.shownState() !== 'AWAITING_DEPLOYMENT_TO_FINISH') cloud.advance(1_000);
    };
    await adopted({ mode: {}, meanwhile: (cloud) => (cloud.advance(60_000), meanwhile(cloud)) }, (told) => {
      expect(findingsOf(told).map(({ found }) => found)).toContainEqual(
        expect.stringMatching(/AWAITING_DEPLOYMENT_TO_FINISH.*neither waits for a release/),
      );
      expect(told.mutations).toEqual([]);
    });
  });

  it('the spec leaves the value out: it is refused, and told which field', async () => {
    await adopted({ mode: {}, spec: { green: { tagKey: 'Colour' } } }, (told) => {
      expect(findingsOf(told).map(({ found }) => found)).toContainEqual(expect.stringContaining('green.value'));
    });
  });

  it('it ends while it is waited for: it is refused, and nothing was touched', async () => {
    const meanwhile = (cloud: SimulatedCloud): void => void cloud.clock.schedule(20_000, () => modeOf(cloud)?.stop());
    await adopted({ mode: {}, from: 'LAUNCHING_NEW_INSTANCES', meanwhile }, ({ result, mutations }) => {
      expect(result).toMatchObject({ outcome: 'refused', error: { code: 'DEPLOYMENT_MODE_FAILED' } });
      expect(mutations).toEqual([]);
    });
  });

  it('what the target was before cannot be told: it is refused', async () => {
    const meanwhile = (cloud: SimulatedCloud): void => {
      cloud.elastigroups.update(elastigroupId, { capacity: { minimum: 1, target: 3, maximum: 6, unit: 'instance' } });
    };
    await adopted({ mode: {}, meanwhile }, ({ result, mutations }) => {
      expect(result).toMatchObject({ outcome: 'refused', error: { code: 'PREFLIGHT_REFUSED' } });
      expect(result.error?.message).toMatch(/cannot be told/);
      expect(mutations).toEqual([]);
    });
  });
});

describe('a process that dies after preflight', () => {
  it('leaves a rollout that goes on with the same mode', async () => {
    await using cloud = new SimulatedCloud({ rateLimits: false, blue: 2 });
    await startByHand(cloud, {}, 'LAUNCHING_NEW_INSTANCES');
    const under = new MemoryStore();
    const dying: CrashStore = new CrashStore(under, (n, when) => {
      // Preflight is the first step that ends.
      if (when === 'after' && dying.writes[n - 1]?.includes('step-done') === true) dying.break();
    });
    const spec = cloud.spec({ green: { tagKey: 'Colour', value: 'green' }, adopt: true });
    const first = new BlueGreen({ ...cloud.options(), store: dying });
    const abandoned = await first.start(spec as never, { id: 'taken-over' });
    expect((await abandoned.result()).outcome).toBe('suspended');
    await first.close().catch((error: unknown) => {
      if (!BlueGreenError.is(error)) throw error;
    });
    const second = new BlueGreen({ ...cloud.options(), store: under });
    const result = await (await second.resume('taken-over')).result();
    await second.close();
    expect(result.outcome).toBe('succeeded');
    expect(result.blue?.instanceIds).toHaveLength(2);
    expect(cloud.elastigroups.deploymentModes(elastigroupId)).toHaveLength(1);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 2, other: 0 });
  });
});
