import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import type { Fault, OnRequest } from '../../src/testing/faults.js';
import { at, ourDeployment } from '../helpers/moments.js';
import { watchInvariants, type Watch } from '../helpers/invariants.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from '../helpers/release.js';
import { abortAt, notAsBefore } from '../helpers/rollback.js';

afterEach(closeClouds);

/** A story in which the library makes this call, and how it ends when nothing is wrong with the wire. */
interface Tale {
  readonly on: Pick<OnRequest, 'service' | 'operation'>;
  readonly story: ReleaseStory;
  readonly ends: 'succeeded' | 'rolled-back';
  /** How it ends when the service says no for good. */
  readonly refused: 'succeeded' | 'rolled-back' | 'failed';
}

const spot = (operation: string) => ({ service: 'spot', operation }) as const;
const codedeploy = (operation: string) => ({ service: 'codedeploy', operation }) as const;

const blueKept: ReleaseStory = { faults: [{ fault: 'blue-not-removed', finishes: true }] };
/** Somebody stops the deployment while blue leaves traffic, and there is nothing to roll back to: blue is ours to register. */
const blueLeftOut: ReleaseStory = {
  cloud: { deploymentGroup: { hasLastDeployment: false }, undocumented: { whenDeploymentFails: 'does-nothing' } },
  prepare: (cloud) =>
    at(cloud, 'blocking', () => {
      cloud.codeDeploy.stopDeployment(ourDeployment(cloud)?.deploymentId ?? '', false);
    }),
};

const TALES: readonly Tale[] = [
  { on: spot('enterDeploymentMode'), story: {}, ends: 'succeeded', refused: 'rolled-back' },
  { on: codedeploy('CreateDeployment'), story: {}, ends: 'succeeded', refused: 'rolled-back' },
  {
    on: codedeploy('ContinueDeployment'),
    story: { cloud: { deploymentGroup: { readyWaitMinutes: 60 } } },
    ends: 'succeeded',
    refused: 'rolled-back',
  },
  // A deployment that cannot be stopped goes on, and so does the release with it.
  { on: codedeploy('StopDeployment'), story: abortAt('installing'), ends: 'rolled-back', refused: 'succeeded' },
  { on: spot('updateCapacity'), story: blueKept, ends: 'succeeded', refused: 'failed' },
  { on: spot('detachInstances'), story: blueKept, ends: 'succeeded', refused: 'failed' },
  {
    on: spot('suspendProcesses'),
    story: { prepare: (cloud) => cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_SCALE') },
    ends: 'succeeded',
    refused: 'failed',
  },
  {
    on: { service: 'elbv2', operation: 'RegisterTargets' },
    story: blueLeftOut,
    ends: 'rolled-back',
    refused: 'failed',
  },
  {
    on: { service: 'elbv2', operation: 'DeregisterTargets' },
    story: blueLeftOut,
    ends: 'rolled-back',
    refused: 'failed',
  },
  { on: spot('stopDeploymentMode'), story: abortAt('launched'), ends: 'rolled-back', refused: 'failed' },
];

/** Beyond the library's patience with one call. */
const TOO_SLOW_MS = 45_000;

const FAULTS: ReadonlyArray<readonly [string, (on: OnRequest) => Fault]> = [
  ['its answer is lost', (on) => ({ fault: 'lost-answer', on })],
  ['it fails with 500 before it acts', (on) => ({ fault: 'server-error', on })],
  ['it fails with 500 after it has acted', (on) => ({ fault: 'server-error', on, acted: true })],
  ['it is throttled', (on) => ({ fault: 'throttled', on })],
  ['it acts later than anybody waits', (on) => ({ fault: 'slow', on, byMs: TOO_SLOW_MS })],
  ['it is never answered, and not acted upon', (on) => ({ fault: 'no-answer', on })],
  ['it is never answered, and acted upon', (on) => ({ fault: 'no-answer', on, acted: true })],
  ['its answer cannot be understood', (on) => ({ fault: 'malformed', on })],
];

/** One call of axios and one of the AWS SDK meet every fault on real sockets; the others are told to the clients. */
const isOverSockets = (fault: Fault): boolean =>
  'on' in fault && ['enterDeploymentMode', 'CreateDeployment'].includes(fault.on.operation ?? '');

async function play(story: ReleaseStory, ...faults: readonly Fault[]): Promise<ReleaseEnd & { watch: Watch }> {
  let watch: Watch | undefined;
  const end = await release({
    wire: faults.some(isOverSockets) ? 'full' : 'near',
    ...story,
    // A rollback of Spot’s own restarts blue; whether it comes in time is not what is asked here.
    cloud: { blue: 2, undocumented: { whenDeploymentFails: 'only-removes-green' }, ...story.cloud },
    options: { polling: { every: '15s', urgent: '5s' } },
    faults: [...(story.faults ?? []), ...faults],
    prepare: (cloud) => {
      story.prepare?.(cloud);
      watch = watchInvariants(cloud);
    },
  });
  if (watch === undefined) throw new Error('nothing was watched');
  // What was taken to be lost may yet act.
  end.cloud.advance(2 * TOO_SLOW_MS);
  await new Promise((resolve) => void setImmediate(resolve));
  return { ...end, watch };
}

/** The cloud's own account of how it ended; empty is right. */
function wrongWith({ cloud, result, watch }: ReleaseEnd & { watch: Watch }, ends: string): string[] {
  const { serving, elastigroups, codeDeployDeployments } = cloud.snapshot();
  const modes = elastigroups[0]?.deploymentModes ?? [];
  const markers = codeDeployDeployments.flatMap(({ description }) => /#\d+/.exec(description ?? '')?.[0] ?? []);
  const production =
    ends === 'succeeded'
      ? [
          ...(serving.green === 2 && serving.blue === 0 ? [] : [`${JSON.stringify(serving)} serve`]),
          ...(JSON.stringify(elastigroups[0]?.suspensions) === JSON.stringify(watch.before.elastigroups[0]?.suspensions)
            ? []
            : ['suspensions differ']),
        ]
      : ends === 'rolled-back'
        ? notAsBefore(watch.before, cloud.snapshot(), 'at the end')
        : serving.blue + serving.green >= 2
          ? []
          : [`${JSON.stringify(serving)} serve`];
  return [
    ...(result.outcome === ends ? [] : [`it ended ${result.outcome}: ${result.error?.code} ${result.error?.message}`]),
    ...(modes.length <= 1 ? [] : [`${modes.length} deployment modes`]),
    ...(new Set(markers).size === markers.length ? [] : [`two deployments of one attempt: ${markers.join(', ')}`]),
    ...(cloud.traffic.failed === 0 ? [] : [`${cloud.traffic.failed} requests failed`]),
    ...production,
    ...watch.violations,
    ...(result.outcome === ends
      ? []
      : [JSON.stringify(result.receipt.lines.filter(({ verdict }) => verdict === 'differs'))]),
  ];
}

describe('a call that changes something is made once, whatever becomes of it', () => {
  for (const { on, story, ends, refused } of TALES) {
    for (const [title, fault] of FAULTS) {
      it(`${on.operation}: ${title}`, async () => {
        const end = await play(story, fault(on));
        expect(end.cloud.faults.remaining().filter(({ fault: kind }) => kind !== 'blue-not-removed')).toEqual([]);
        expect(wrongWith(end, ends)).toEqual([]);
      });
    }

    it(`${on.operation}: it is refused`, async () => {
      const end = await play(story, { fault: 'refused', on, code: 'NOT_TODAY' });
      expect(wrongWith(end, refused)).toEqual([]);
    });
  }
});

const MINUTE = 60_000;

/** From that time on, for three minutes, every call to the service goes wrong in the same way. */
function trouble(
  fault: 'server-error' | 'throttled' | 'no-answer',
  service: OnRequest['service'],
  fromMs: number,
): ReleaseStory {
  return {
    prepare: (cloud) => {
      cloud.clock.schedule(fromMs, () => cloud.inject({ fault, on: { service, times: 1_000_000 } }));
      cloud.clock.schedule(fromMs + 3 * MINUTE, () => cloud.faults.clear());
    },
  };
}

/** How many requests the trouble struck. */
const goneWrong = ({ cloud }: ReleaseEnd): number =>
  cloud.requests.filter(({ status }) => status === 'unanswered' || Number(status) >= 400).length;

const SERVICES = ['spot', 'codedeploy', 'ec2', 'elbv2'] as const;
/** When a release asks that service again and again. */
const BUSY_FROM_MS = { spot: 200_000, codedeploy: 200_000, ec2: 200_000, elbv2: 60_000 } as const;
const FAILS_AFTER_TRAFFIC: Fault = { fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' };

describe('a service that cannot be asked for three minutes', () => {
  for (const service of SERVICES) {
    for (const fault of ['server-error', 'throttled', 'no-answer'] as const) {
      it(`${service} (${fault}) does not keep a release from its end`, async () => {
        const end = await play(trouble(fault, service, BUSY_FROM_MS[service]));
        expect(goneWrong(end)).toBeGreaterThan(3);
        expect(wrongWith(end, 'succeeded')).toEqual([]);
      });
    }

    it(`${service} does not keep a release from being taken back`, async () => {
      const end = await play(trouble('server-error', service, 240_000), FAILS_AFTER_TRAFFIC);
      expect(goneWrong(end)).toBeGreaterThan(3);
      expect(wrongWith(end, 'rolled-back')).toEqual([]);
    });
  }

  it('as the release is to be started, ends it before it began: nobody can say what became of the call', async () => {
    const end = await play(trouble('server-error', 'codedeploy', 100_000));
    expect(wrongWith(end, 'rolled-back')).toEqual([]);
    expect(end.cloud.snapshot().codeDeployDeployments.filter(({ creator }) => creator === 'user')).toHaveLength(1);
  });
});

describe('one answer that cannot be understood', () => {
  for (const on of [
    spot('readElastigroup'),
    spot('listInstances'),
    spot('listDeploymentModes'),
    spot('listSuspensions'),
    codedeploy('GetDeploymentGroup'),
    codedeploy('GetDeployment'),
    codedeploy('ListDeployments'),
    codedeploy('ListDeploymentTargets'),
    codedeploy('BatchGetDeploymentTargets'),
    { service: 'ec2', operation: 'DescribeInstances' },
    { service: 'elbv2', operation: 'DescribeTargetGroups' },
    { service: 'elbv2', operation: 'DescribeTargetHealth' },
  ] as const) {
    it(`of ${on.operation} changes nothing`, async () => {
      const end = await play({}, { fault: 'malformed', on }, { fault: 'malformed', on: { ...on, nth: 4 } });
      expect(wrongWith(end, 'succeeded')).toEqual([]);
    });
  }
});
