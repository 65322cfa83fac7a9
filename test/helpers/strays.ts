import { expect } from 'vitest';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/index.js';
import { watchInvariants, type Watch } from './invariants.js';
import type { ReleaseEnd, ReleaseStory } from './release.js';

const { elastigroupId } = SHOP;
export const INTERRUPTED = { code: 'Server.SpotInstanceTermination', message: 'Spot instance termination' };
export const SECOND_MS = 1_000;
const RELEASED = 'shop-412.zip';

const watches = new WeakMap<SimulatedCloud, Watch>();

/** EC2 takes one of blue as soon as the mode is entered; Spot replaces it, with the launch specification's tags. */
export function withStray(more: ReleaseStory = {}): ReleaseStory {
  return {
    options: { polling: { every: '15s', urgent: '5s' } },
    ...more,
    cloud: { timings: { healingMs: 60 * SECOND_MS }, ...more.cloud },
    spec: { strays: 'release', ...more.spec },
    prepare: (cloud) => {
      more.prepare?.(cloud);
      watches.set(cloud, watchInvariants(cloud));
    },
    onEvent: (event, cloud, blueGreen) => {
      more.onEvent?.(event, cloud, blueGreen);
      if (event.name !== 'step:run:completed' || event.data.step !== 'enter-deployment-mode') return;
      cloud.clock.schedule(10 * SECOND_MS, () => {
        const [one] = cloud.elastigroups.coloured(elastigroupId, 'blue');
        cloud.ec2.terminate(one?.instanceId ?? '', INTERRUPTED);
      });
    },
  };
}

export const strayOf = (cloud: SimulatedCloud) => cloud.snapshot().instances.filter(({ colour }) => colour === 'other');
export const warningsOf = ({ events }: ReleaseEnd): readonly string[] =>
  events.flatMap((event) => (event.name === 'rollout:check:warned' ? [event.data.code] : []));
const detached = ({ cloud }: ReleaseEnd): readonly unknown[] =>
  cloud.requests
    .filter(({ operation }) => operation === 'detachInstances')
    .map(({ body }) => (body as { instancesToDetach: unknown }).instancesToDetach);
/** Deployments of the rollout, in the order in which they were created. */
export const oursOf = ({ cloud }: ReleaseEnd) =>
  cloud
    .snapshot()
    .codeDeployDeployments.filter(({ description }) => description?.includes('#') === true)
    .reverse();

/** What must hold at every instant held, and users noticed nothing but that EC2 took an instance while it served. */
export function expectUnnoticed({ cloud }: ReleaseEnd, exceptFor = /^$/): void {
  expect((watches.get(cloud)?.violations ?? []).filter((each) => !exceptFor.test(each))).toEqual([]);
  const lost = cloud.snapshot().instances.filter(({ stateReason }) => stateReason === INTERRUPTED.code);
  const others = cloud.trafficFailures.filter(
    ({ because }) => !lost.some(({ instanceId }) => because.includes(instanceId)),
  );
  expect(others).toEqual([]);
}

/** No instance that serves was ever a target of the deployment onto strays. */
export function expectGreenUntouched(end: ReleaseEnd): void {
  const green = end.cloud.elastigroups.coloured(elastigroupId, 'green').map(({ instanceId }) => instanceId);
  for (const { description, targets } of oursOf(end))
    if (description?.includes('#strays-') === true)
      expect(targets.filter(({ instanceId }) => green.includes(instanceId))).toEqual([]);
}

export function expectReleasedOnto(end: ReleaseEnd): void {
  const [stray, ...others] = strayOf(end.cloud);
  expect(others).toEqual([]);
  expect(end.result.outcome).toBe('succeeded');
  expect(stray?.revision).toContain(RELEASED);
  expect(stray?.state).toBe('running');
  expect(detached(end)).toEqual([]);
  expect(end.result.strays).toEqual([]);
  expect(end.result.green?.instanceIds).toContain(stray?.instanceId);
  expect(end.result.codeDeployDeploymentIds).toHaveLength(2);
  const [, second] = oursOf(end);
  expect(second?.description).toMatch(/#strays-1$/);
  expect(second?.targets).toEqual([{ instanceId: stray?.instanceId, label: 'Green', status: 'Succeeded' }]);
  expectGreenUntouched(end);
  expectUnnoticed(end);
}

export function expectRetired(end: ReleaseEnd): void {
  expect(end.result.outcome).toBe('succeeded');
  const strays = strayOf(end.cloud).map(({ instanceId }) => instanceId);
  expect(detached(end).flat().sort()).toEqual([...strays].sort());
  expect(warningsOf(end)).toContain('STRAYS_NOT_RELEASED');
  expect(end.result.strays).toEqual([]);
  end.cloud.advance(3_600 * SECOND_MS);
  expect(end.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
  expectGreenUntouched(end);
  expectUnnoticed(end);
}
