import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore, type RolloutResult } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Undocumented } from '../../src/testing/options.js';
import { SHOP } from '../../src/testing/index.js';
import { soleFinding } from '../helpers/refusal.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId, applicationName, deploymentGroupName } = SHOP;
const POLLING = { every: '30s', urgent: '10s' } as const;
const FILTER = 'deployment group’s filter';

const releases = (story: ReleaseStory = {}): Promise<ReleaseEnd> =>
  release({ ...story, options: { polling: POLLING, ...story.options } });

const lineOf = ({ receipt }: RolloutResult, what: string) => receipt.lines.find((line) => line.what === what);

const warnings = ({ events }: ReleaseEnd): readonly string[] =>
  events.flatMap(({ name, data }) => (name === 'rollout:check:warned' ? [data.code] : []));

/** The next release onto what the last one left, by another process. */
async function next(cloud: SimulatedCloud): Promise<RolloutResult> {
  cloud.advance(10 * 60_000);
  cloud.resetTraffic();
  const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore(), polling: POLLING });
  const result = await (await blueGreen.start(cloud.spec())).result();
  await blueGreen.close();
  return result;
}

describe('the proof says whether the next release would be accepted, and it is so', () => {
  type Answers = Pick<Undocumented, 'filterAfterSuccess' | 'greenTagsAfterFinish'>;
  const ACCEPTED: ReadonlyArray<readonly [Answers, verdict: string]> = [
    [{ filterAfterSuccess: 'green', greenTagsAfterFinish: 'kept' }, 'restored'],
    [{ filterAfterSuccess: 'unchanged', greenTagsAfterFinish: 'rewritten' }, 'never-changed'],
  ];
  for (const [undocumented, verdict] of ACCEPTED) {
    const { filterAfterSuccess, greenTagsAfterFinish } = undocumented;
    it(`accepted: the filter is ${filterAfterSuccess}, green’s tags are ${greenTagsAfterFinish}`, async () => {
      const first = await releases({ cloud: { undocumented } });
      expect(first.result.outcome).toBe('succeeded');
      expect(lineOf(first.result, FILTER)?.verdict).toBe(verdict);
      expect(warnings(first)).not.toContain('NEXT_RELEASE_REFUSED');
      const second = await next(first.cloud);
      expect(second.outcome).toBe('succeeded');
      expect([...(second.blue?.instanceIds ?? [])].sort()).toEqual([...(first.result.green?.instanceIds ?? [])].sort());
      expect(first.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
      expect(first.cloud.traffic.failed).toBe(0);
    });
  }

  const REFUSED: readonly Answers[] = [
    { filterAfterSuccess: 'unchanged', greenTagsAfterFinish: 'kept' },
    { filterAfterSuccess: 'cleared', greenTagsAfterFinish: 'kept' },
    { filterAfterSuccess: 'green', greenTagsAfterFinish: 'rewritten' },
  ];
  for (const undocumented of REFUSED) {
    const { filterAfterSuccess, greenTagsAfterFinish } = undocumented;
    it(`refused until what the receipt says is done: the filter is ${filterAfterSuccess}, green’s tags are ${greenTagsAfterFinish}`, async () => {
      const first = await releases({ cloud: { undocumented } });
      expect(first.result.outcome).toBe('succeeded');
      expect(warnings(first)).toContain('NEXT_RELEASE_REFUSED');
      const second = await next(first.cloud);
      expect(second).toMatchObject({ outcome: 'refused', error: { code: 'PREFLIGHT_REFUSED' } });
      expect(second.error?.message).toMatch(/filter .* does not select blue/);

      obey(first.cloud, lineOf(first.result, FILTER));
      const third = await next(first.cloud);
      expect(third.outcome).toBe('succeeded');
      expect(first.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
      expect(first.cloud.traffic.failed).toBe(0);
    });
  }

  it('refused while blue that was detached and left running is selected besides', async () => {
    const first = await releases({
      cloud: { undocumented: { filterAfterSuccess: 'unchanged', greenTagsAfterFinish: 'rewritten' } },
      faults: [{ fault: 'blue-not-removed', finishes: true }],
      spec: { detach: { terminate: false } },
    });
    const line = lineOf(first.result, FILTER);
    expect(line?.verdict).toBe('differs');
    for (const id of first.result.blue?.instanceIds ?? []) expect(JSON.stringify(line)).toContain(id);
    const second = await next(first.cloud);
    expect(second).toMatchObject({ outcome: 'refused', error: { code: 'PREFLIGHT_REFUSED' } });
    expect(second.error?.message).toMatch(/selects instances of others/);
  });

  /** Does what the receipt's `aws deploy update-deployment-group` would do. */
  function obey(cloud: SimulatedCloud, line: ReturnType<typeof lineOf>): void {
    if (line?.verdict !== 'differs') throw new Error('the receipt has nothing to mend');
    expect(line.fix).toContain(
      `--application-name ${applicationName} --current-deployment-group-name ${deploymentGroupName}`,
    );
    const { ec2TagSetList } = JSON.parse(/--ec2-tag-set '(.*)'/.exec(line.fix)?.[1] ?? '') as {
      ec2TagSetList: ReadonlyArray<ReadonlyArray<{ Key: string; Value: string; Type: string }>>;
    };
    cloud.codeDeploy.updateDeploymentGroup(applicationName, deploymentGroupName, { ec2TagSet: ec2TagSetList });
  }
});

describe('the proof', () => {
  it('reports a target that somebody moved during the release, and leaves it', async () => {
    const end = await releases({
      onEvent: (event, cloud) => {
        if (event.name !== 'rollout:pivot:passed') return;
        cloud.elastigroups.update(elastigroupId, { capacity: { minimum: 1, target: 2, maximum: 6 } });
      },
    });
    expect(end.result.outcome).toBe('succeeded');
    expect(warnings(end)).toContain('TARGET_MOVED');
    expect(lineOf(end.result, 'target')).toMatchObject({ verdict: 'differs', expected: 3, found: 2 });
    expect(end.mutations).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
    expect(end.cloud.snapshot().elastigroups[0]?.capacity).toMatchObject({ minimum: 1, target: 2, maximum: 6 });
  });

  it('fails where something that nobody released onto is healthy in the target group, and names it', async () => {
    let foreign = '';
    const end = await releases({
      onEvent: (event, cloud) => {
        if (event.name !== 'rollout:pivot:passed') return;
        foreign = register(cloud);
      },
    });
    const { cloud, result, mutations } = end;
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'PROOF_FAILED' } });
    const served = lineOf(result, 'served by proven green');
    expect(served).toMatchObject({ verdict: 'differs', found: { healthyGreen: 3, others: [foreign] } });
    expect(mutations).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 1 });
    expect(cloud.traffic.failed).toBe(0);
  });

  it('could never hold where something foreign serves from the start: the release is refused', async () => {
    let foreign = '';
    const finding = await soleFinding({ prepare: (cloud) => void (foreign = register(cloud)) });
    expect(finding.check).toBe('target group');
    expect(finding.found).toContain(foreign);
    expect(finding.fix).toMatch(/target group of its own/);
  });

  /** An instance of nobody's Elastigroup, healthy among those that serve. */
  function register(cloud: SimulatedCloud): string {
    const application = { revision: 's3://releases/other-1.zip', healthy: true };
    const { instanceId } = cloud.ec2.launch({ tags: { App: 'other' }, launchMs: 0, application });
    cloud.loadBalancing.register(SHOP.targetGroupName, [instanceId]);
    cloud.loadBalancing.finishChecks(SHOP.targetGroupName);
    return instanceId;
  }
});

describe('a release goes out', () => {
  it('as the first one of its deployment group, with nothing to roll back to', async () => {
    const { cloud, result } = await releases({ cloud: { deploymentGroup: { hasLastDeployment: false } } });
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
  });

  for (const [instances, why] of [
    [1, 'onto a single instance'],
    [30, 'onto more instances than CodeDeploy lists on a page, or answers about at a time'],
  ] as const) {
    it(why, async () => {
      const { cloud, result } = await releases({ cloud: { blue: instances } });
      expect(result.outcome).toBe('succeeded');
      expect(result.green?.instanceIds).toHaveLength(instances);
      const { serving, elastigroups, instances: all } = cloud.snapshot();
      expect(serving).toEqual({ blue: 0, green: instances, other: 0 });
      expect(elastigroups[0]?.members).toHaveLength(instances);
      expect(all.filter(({ colour, state }) => colour === 'blue' && state === 'running')).toEqual([]);
      expect(cloud.traffic.failed).toBe(0);
    });
  }

  it('behind two target groups, and the proof asks both', async () => {
    const { cloud, result } = await releases({
      prepare: (made) => {
        const { arn } = made.loadBalancing.createTargetGroup({ name: 'shop-internal', deregistrationDelayMs: 30_000 });
        made.loadBalancing.register(
          arn,
          made.elastigroups.members(elastigroupId).map(({ instanceId }) => instanceId),
        );
        made.loadBalancing.finishChecks(arn);
        made.codeDeploy.updateDeploymentGroup(applicationName, deploymentGroupName, {
          targetGroupNames: [SHOP.targetGroupName, 'shop-internal'],
        });
      },
    });
    expect(result.outcome).toBe('succeeded');
    const { targetGroups } = cloud.snapshot();
    const green = [...(result.green?.instanceIds ?? [])].sort();
    for (const { targets } of targetGroups) expect(targets.map(({ instanceId }) => instanceId).sort()).toEqual(green);
    const proven = result.receipt.lines.filter(({ what }) => what === 'served by proven green');
    expect(proven.map(({ subject, verdict }) => [subject, verdict])).toEqual(
      targetGroups.map(({ arn }) => [arn, 'restored']),
    );
    expect(cloud.traffic.failed).toBe(0);
  });
});
