import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore, renderPlan } from '../../src/index.js';
import type { ElastigroupSpec, RolloutEvent, RolloutPlan } from '../../src/index.js';
import { SHOP, SimulatedCloud } from '../../src/testing/index.js';
import type { CloudRequest } from '../../src/testing/index.js';
import { callOf, isAsTold } from '../helpers/as-told.js';
import { EVERY_CALL } from '../helpers/every-call.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';

const READS = /^(list|read|describe|get|batchget)/i;
const ID = 'bg-7';
const PREFIX: Readonly<Record<string, string>> = { elbv2: 'elasticloadbalancing' };

afterEach(closeClouds);

async function planFor(story: ReleaseStory = {}): Promise<RolloutPlan> {
  await using cloud = new SimulatedCloud({ rateLimits: false, ...story.cloud });
  story.prepare?.(cloud);
  const access = cloud.options();
  const blueGreen = new BlueGreen({
    ...access,
    store: new MemoryStore(),
    ...story.options,
    spot: { ...access.spot, ...story.options?.spot },
  });
  const plan = await blueGreen.plan(cloud.spec(story.spec ?? {}) as ElastigroupSpec, { id: ID });
  await blueGreen.close();
  return plan;
}

interface Told {
  readonly plan: RolloutPlan;
  readonly end: ReleaseEnd;
}

const runs = new Map<ReleaseStory, Promise<Told>>();

/** The plan of a story and the release of it, with the same id; run once. */
function told(story: ReleaseStory): Promise<Told> {
  const running = runs.get(story) ?? planAndRelease(story);
  runs.set(story, running);
  return running;
}

async function planAndRelease(story: ReleaseStory): Promise<Told> {
  const plan = await planFor(story);
  const end = await release({ ...story, call: { ...story.call, id: ID } });
  return { plan, end };
}

const isChange = ({ operation }: CloudRequest): boolean => !READS.test(operation);

/** The stories in which every field of what goes out has a value somewhere, besides those that make every call. */
const STORIES: Readonly<Record<string, ReleaseStory>> = {
  ...EVERY_CALL,
  'a release in which lost green is replaced': {
    cloud: { undocumented: { healingDuringMode: 'replaces' } },
    spec: { onInterruption: 'replace' },
    onEvent: (event, cloud) => {
      if (event.name !== 'step:run:observed' || event.data.step !== 'await-green') return;
      const [first] = cloud.elastigroups.coloured(SHOP.elastigroupId, 'green');
      const gone = cloud.ec2.all().some(({ state }) => state === 'terminated');
      const because = { code: 'Server.SpotInstanceTermination', message: 'Spot took it' };
      if (event.data.saw.includes('tags settling') && first !== undefined && !gone)
        cloud.ec2.terminate(first.instanceId, because);
    },
  },
  'a release with everything that a deployment can carry': {
    cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
    spec: {
      alarms: ['shop-5xx'],
      modeTimeout: '20h',
      green: { tags: { Colour: 'te*al' } },
      codeDeploy: {
        applicationName: SHOP.applicationName,
        deploymentGroupName: SHOP.deploymentGroupName,
        revision: { s3: { bucket: SHOP.bucket, key: 'shop-412.zip', version: 'v1', eTag: 'e' } },
        deploymentConfigName: 'CodeDeployDefault.OneAtATime',
        description: 'the spring release',
        fileExistsBehavior: 'OVERWRITE',
        ignoreApplicationStopFailures: true,
      },
    },
    prepare: (cloud) => void cloud.alarms.createAlarm({ name: 'shop-5xx' }),
  },
};

describe.each(Object.entries(STORIES))('the plan of %s', (_, story) => {
  it('shows what is then sent, and how often the clouds are called', { timeout: 60_000 }, async () => {
    const { plan, end } = await told(story);
    const { cloud, events, result } = end;
    expect(plan.refusals).toEqual([]);
    const changes = cloud.requests.filter(isChange);
    expect(changes.length).toBeGreaterThan(1);

    const shown = [...plan.mutations, ...plan.unwinding];
    expect(changes.filter((request) => !shown.some((mutation) => isAsTold(request, mutation)))).toEqual([]);
    if (result.outcome === 'succeeded') {
      const sure = plan.mutations.filter(({ ifNeeded }) => ifNeeded !== true);
      expect(sure.map((mutation) => changes.filter((each) => isAsTold(each, mutation)).length)).toEqual(
        sure.map(() => 1),
      );
      const onWayBackAlone = plan.unwinding.map(({ stepId }) => stepId).filter((id) => id !== 'restore-settings');
      expect(stepsThatSent(events).filter((step) => onWayBackAlone.includes(step))).toEqual([]);
      expect(outsideOfWhatIsTold(plan, cloud.requests)).toEqual([]);
      expect(busierThanTold(plan, cloud, events)).toEqual([]);
    }
    // The policy holds whatever was called, on the way back too.
    const allowed = plan.permissions.iam.Statement.flatMap(({ Action }) => Action);
    const actions = cloud.requests.flatMap(({ service, operation }) =>
      service === 'spot' ? [] : [`${PREFIX[service] ?? service}:${operation}`],
    );
    expect(actions.filter((action) => !allowed.includes(action))).toEqual([]);
    const spotCalls = plan.permissions.spot.calls.map(({ call }) => `spot ${call}`);
    const called = cloud.requests.filter(({ service }) => service === 'spot').map(callOf);
    expect(called.filter((call) => !spotCalls.includes(call))).toEqual([]);
  });
});

describe('between them those releases', () => {
  it('send every kind of call that a plan ever tells of', { timeout: 120_000 }, async () => {
    const shown = new Set<string>();
    const sent = new Set<string>();
    for (const story of Object.values(EVERY_CALL)) {
      const { plan, end } = await told(story);
      for (const mutation of [...plan.mutations, ...plan.unwinding]) shown.add(callOf(mutation));
      for (const request of end.cloud.requests.filter(isChange)) sent.add(callOf(request));
    }
    expect([...shown].sort()).toEqual([...sent].sort());
  });
});

describe('the permissions of a plan', () => {
  const actionsOf = (plan: RolloutPlan): readonly string[] =>
    plan.permissions.iam.Statement.flatMap(({ Action }) => Action);

  it('leave out what the spec does not need', async () => {
    const [plain, all] = [
      await planFor({ spec: { suspend: false } }),
      await planFor({
        spec: { alarms: ['shop-5xx'], strays: 'release' },
        prepare: (cloud) => void cloud.alarms.createAlarm({ name: 'shop-5xx' }),
      }),
    ];
    expect(
      actionsOf(all)
        .filter((action) => !actionsOf(plain).includes(action))
        .sort(),
    ).toEqual(['cloudwatch:DescribeAlarms', 'ec2:CreateTags']);
    const callsOf = ({ permissions }: RolloutPlan): readonly string[] => permissions.spot.calls.map(({ call }) => call);
    expect(callsOf(all).filter((call) => !callsOf(plain).includes(call))).toEqual(['resumeProcesses']);
  });

  it('name what they are for, and nothing wider where AWS lets them', async () => {
    const deploymentConfigName = 'CodeDeployDefault.OneAtATime';
    const { applicationName, deploymentGroupName } = SHOP;
    const revision = { s3: { bucket: SHOP.bucket, key: 'shop-412.zip' } };
    const codeDeploy = { applicationName, deploymentGroupName, revision, deploymentConfigName };
    const { iam, spot } = (await planFor({ spec: { codeDeploy, strays: 'release' } })).permissions;
    const resources = Object.fromEntries(iam.Statement.map(({ Sid, Resource }) => [Sid, Resource]));
    const here = 'eu-west-1:123456789012';
    expect(resources).toEqual({
      DeploymentGroup: `arn:aws:codedeploy:${here}:deploymentgroup:shop/shop-prod`,
      Revisions: `arn:aws:codedeploy:${here}:application:shop`,
      DeploymentConfigs: [
        `arn:aws:codedeploy:${here}:deploymentconfig:${deploymentConfigName}`,
        `arn:aws:codedeploy:${here}:deploymentconfig:CodeDeployDefault.AllAtOnce`,
      ],
      TargetGroups: [expect.stringMatching(`^arn:aws:elasticloadbalancing:${here}:targetgroup/shop-tg/`)],
      MarkInstances: `arn:aws:ec2:${here}:instance/*`,
      CannotBeNarrowed: '*',
    });
    expect(spot.policy.statements).toEqual([
      { effect: 'ALLOW', actions: ['elastigroup:*'], resources: [SHOP.elastigroupId] },
    ]);
  });
});

describe('a plan that would be refused', () => {
  it('sends nothing, and names what it would need all the same', async () => {
    const plan = await planFor({ spec: { green: { tagKey: 'Colour', value: 'blue' } } });
    expect([plan.wouldStart, plan.mutations, plan.unwinding, plan.calls]).toEqual([false, [], [], []]);
    const [group] = plan.permissions.iam.Statement;
    // Nothing has told the account yet.
    expect(group).toMatchObject({ Sid: 'DeploymentGroup', Resource: '*' });
    expect(renderPlan(plan)).toContain('codedeploy:CreateDeployment');
  });
});

describe('a hostile spec', () => {
  it('does not get out of what is shown', async () => {
    const evil = 'x\u001b[2J\r\nIt would start.\u202e\u2028';
    const { applicationName, deploymentGroupName } = SHOP;
    const revision = { s3: { bucket: SHOP.bucket, key: 'shop-412.zip' } };
    const plan = await planFor({
      spec: { codeDeploy: { applicationName, deploymentGroupName, revision, description: evil } },
    });
    expect(plan.mutations.find(({ operation }) => operation === 'CreateDeployment')?.body).toMatchObject({
      description: `${ID}#1 ${evil}`,
    });
    const text = renderPlan(plan);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}\u2028]/u);
    expect(text.split('\n').filter((line) => line.trim() === 'It would start.')).toHaveLength(1);
  });
});

function stepsThatSent(events: readonly RolloutEvent[]): readonly string[] {
  return events.flatMap(({ name, data }) =>
    name === 'operation:send:intended' ? [(data as { readonly step: string }).step] : [],
  );
}

/** Operations that were called more or less often than the plan said, or that it did not tell of. */
function outsideOfWhatIsTold({ calls }: RolloutPlan, requests: readonly CloudRequest[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const request of requests) counts.set(callOf(request), (counts.get(callOf(request)) ?? 0) + 1);
  const untold = [...counts.keys()].filter((call) => !calls.some((each) => callOf(each) === call));
  const wrong = calls.flatMap((each) => {
    const { atLeast, atMost = Number.POSITIVE_INFINITY } = each;
    const count = counts.get(callOf(each)) ?? 0;
    return count < atLeast || count > atMost ? [`${callOf(each)}: ${count} of ${atLeast}…${atMost}`] : [];
  });
  return [...untold, ...wrong];
}

/** Operations that a wait called more often in one of its minutes than the plan said. */
function busierThanTold(
  { calls }: RolloutPlan,
  { requests }: SimulatedCloud,
  events: readonly RolloutEvent[],
): readonly string[] {
  // When the cloud's own count of time began: told by the one call that every release makes.
  const intended = events.find(
    ({ name, data }) =>
      name === 'operation:send:intended' && (data as { call: string }).call.includes('createDeployment'),
  );
  const created = requests.find(({ operation }) => operation === 'CreateDeployment');
  const startedAt = Date.parse(intended?.at ?? '') - (created?.atMs ?? 0);
  const spans = events.flatMap(({ name, at, data }, index) => {
    const { step } = data as { readonly step?: string };
    if (name !== 'step:run:started' || step?.startsWith('await-') !== true) return [];
    const end = events
      .slice(index)
      .find((each) => each.name === 'step:run:completed' && (each.data as { step?: string }).step === step);
    return end === undefined ? [] : [{ from: Date.parse(at) - startedAt, to: Date.parse(end.at) - startedAt }];
  });
  expect(spans.length).toBeGreaterThan(2);
  const busy = new Set<string>();
  for (const { from, to } of spans) {
    const inside = requests.filter((each) => !isChange(each) && each.atMs > from && each.atMs < to);
    for (const first of inside) {
      const minute = inside.filter(
        (each) => callOf(each) === callOf(first) && each.atMs >= first.atMs && each.atMs < first.atMs + 60_000,
      );
      const most = calls.find((each) => callOf(each) === callOf(first))?.perMinuteOfWaiting;
      // At the edges of a wait the steps beside it read what no wait does.
      if (most !== undefined && minute.length > most) busy.add(`${callOf(first)}: ${minute.length} of ${most}`);
    }
  }
  return [...busy];
}
