import type { SimulatedCloud } from '../../src/testing/index.js';
import type { CloudSnapshot } from '../../src/testing/snapshot.js';
import { SHOP } from '../../src/testing/shop.js';
import { watchInvariants, type Watch } from './invariants.js';
import type { Undocumented } from '../../src/testing/options.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { underEveryAnswer, type Answers } from './open-questions.js';
import { at, type Moment } from './moments.js';
import { closeClouds, release, type ReleaseEnd, type ReleaseStory } from './release.js';

/** Why a user may have noticed. Nothing else excuses a failed request. */
export type Cause =
  /** EC2 took an instance back while it served. */
  | 'reclaimed-instance'
  /** A rollback of CodeDeploy's or Spot's own redeployed blue, and took the application down on it. */
  | 'restarted-blue'
  /** Spot took green away by itself, with traffic on it. */
  | 'green-taken-by-spot'
  /** A release ran on green that Spot had put into traffic at launch. */
  | 'released-in-traffic';

type Ending = 'rolled-back' | 'succeeded' | 'failed';

export interface RollbackEnd extends ReleaseEnd {
  readonly watch: Watch;
  readonly answers: Undocumented;
}

export interface RollbackScenario extends ReleaseStory {
  /** What the error must say; checked in every run. */
  readonly code?: string | readonly string[];
  readonly usersMayNotice?: readonly Cause[] | ((answers: Undocumented) => readonly Cause[]);
  /** Where the rules leave no way back: the outcome in that run. Absent: `rolled-back`. */
  readonly outcome?: (answers: Undocumented) => Ending | readonly Ending[];
  readonly also?: (end: RollbackEnd) => readonly string[];
}

const LATER_MS = 6 * 3_600_000;

/** Plays a scenario under every answer to the open questions; throws with every run that did not end as it was. */
export async function rollsBack(scenario: RollbackScenario): Promise<number> {
  const wrong: string[] = [];
  let first = true;
  const stories = await underEveryAnswer(scenario.cloud?.undocumented ?? {}, async (answers) => {
    let watch: Watch | undefined;
    const end = await release({
      ...scenario,
      // The first of them through the real clients; that both are the same story is shown with chaos.
      wire: first ? 'near' : 'short',
      options: { polling: { every: '20s', urgent: '10s' }, ...scenario.options },
      cloud: { blue: 2, requestsPerSecond: 2, ...scenario.cloud, undocumented: answers },
      prepare: (cloud) => {
        scenario.prepare?.(cloud);
        watch = watchInvariants(cloud);
      },
    });
    first = false;
    const asked = [...end.cloud.questionsAsked];
    if (watch === undefined) throw new Error('nothing was watched');
    const found = faultsOf(scenario, { ...end, watch, answers: resolveUndocumented(answers) });
    if (found.length > 0) wrong.push(describe(end, answers, found));
    await closeClouds();
    return asked;
  });
  if (wrong.length > 0)
    throw new Error(`${wrong.length} of ${stories} runs ended wrong:\n${wrong.slice(0, 6).join('\n')}`);
  return stories;
}

function faultsOf(scenario: RollbackScenario, end: RollbackEnd): string[] {
  const { result, cloud, watch, answers } = end;
  const endings: readonly string[] = [scenario.outcome?.(answers) ?? 'rolled-back'].flat();
  const wanted = endings.includes(result.outcome) ? result.outcome : endings[0];
  const codes = [scenario.code ?? []].flat();
  const allowed = scenario.usersMayNotice ?? [];
  const unclean = result.receipt.lines.filter(({ verdict }) => verdict === 'differs' || verdict === 'not-checked');
  const found = [
    ...(result.outcome === wanted ? [] : [`the outcome is ${result.outcome}, not ${endings.join(' or ')}`]),
    ...(codes.length === 0 || wanted === 'succeeded' || codes.includes(result.error?.code ?? '')
      ? []
      : [`the error is ${result.error?.code}`]),
    ...(wanted === 'rolled-back' && unclean.length > 0 ? [`the receipt is not clean`] : []),
    ...(wanted === 'failed' && unclean.length === 0 ? ['it failed, and the receipt names nothing'] : []),
    ...watch.violations,
    ...unexplained(typeof allowed === 'function' ? allowed(answers) : allowed, cloud, watch),
    ...(wanted === 'rolled-back' ? notAsBefore(watch.before, cloud.snapshot(), 'at the end') : []),
    ...(wanted === 'failed' && healthy(cloud) === 0 ? ['production is down'] : []),
    ...(scenario.also?.(end) ?? []),
  ];
  // Nothing that the clouds may still do by themselves undoes what was put right.
  cloud.advance(LATER_MS);
  if (wanted === 'rolled-back') found.push(...notAsBefore(watch.before, cloud.snapshot(), 'six hours later'));
  return found;
}

const healthy = (cloud: SimulatedCloud): number =>
  cloud.loadBalancing.health(SHOP.targetGroupName).filter(({ state }) => state === 'healthy').length;

/** Blue serves, green is gone, nothing is under way, every setting is what it was. */
export function notAsBefore(before: CloudSnapshot, now: CloudSnapshot, when: string): string[] {
  const { elastigroups, instances, targetGroups, codeDeployDeployments } = now;
  const [elastigroup] = elastigroups;
  const stateOf = (id: string): string | undefined =>
    targetGroups[0]?.targets.find(({ instanceId }) => instanceId === id)?.state;
  const alive = instances.filter(({ state }) => state === 'pending' || state === 'running');
  const lost = instances.filter(({ stateReason }) => stateReason === 'Server.SpotInstanceTermination').length;
  const blue = instances.filter(({ colour, stateReason }) => colour === 'blue' && stateReason === undefined);
  const blueTaken = instances.filter(
    ({ colour, stateReason }) =>
      colour === 'blue' && stateReason !== undefined && stateReason !== 'Server.SpotInstanceTermination',
  );
  const strays = alive.filter(({ colour, elastigroupId }) => colour === 'other' && elastigroupId !== undefined);
  const { capacity, suspensions, deploymentModes, members } = elastigroup ?? {};
  const was = before.elastigroups[0];
  const found = [
    ...blueTaken.map(({ instanceId }) => `blue ${instanceId} was taken`),
    ...blue
      .filter((each) => stateOf(each.instanceId) !== 'healthy' || !each.healthy || each.state !== 'running')
      .map(({ instanceId }) => `blue ${instanceId} does not serve (${stateOf(instanceId) ?? 'not registered'})`),
    ...blue
      .filter(({ instanceId }) => members?.includes(instanceId) !== true)
      .map(({ instanceId }) => `blue ${instanceId} left the Elastigroup`),
    ...alive.filter(({ colour }) => colour === 'green').map(({ instanceId }) => `green ${instanceId} is left`),
    ...(strays.length > lost ? ['the Elastigroup holds more strays than it lost instances'] : []),
    ...(deploymentModes ?? []).filter(({ running }) => running).map(({ state }) => `the mode runs: ${state}`),
    ...codeDeployDeployments
      .filter(({ status }) => !['Succeeded', 'Failed', 'Stopped'].includes(status))
      .map(({ deploymentId, status }) => `${deploymentId} is ${status}`),
    ...(same(capacity, was?.capacity) ? [] : [`the capacity is ${JSON.stringify(capacity)}`]),
    ...(same(suspensions, was?.suspensions) ? [] : [`suspended is ${JSON.stringify(suspensions)}`]),
  ];
  return found.map((what) => `${when} ${what}`);
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Requests of users that failed for another cause than those that the scenario allows. */
function unexplained(allowed: readonly Cause[], cloud: SimulatedCloud, { sent }: Watch): string[] {
  const { instances, codeDeployDeployments } = cloud.snapshot();
  const weRemove = sent.some((each) => ['spot stopDeploymentMode', 'spot detachInstances'].includes(each));
  const causeOf = (because: string): Cause | undefined => {
    const instance = instances.find(({ instanceId }) => because.includes(instanceId));
    if (instance?.stateReason === 'Server.SpotInstanceTermination') return 'reclaimed-instance';
    if (instance === undefined || instance.stateReason !== undefined)
      return weRemove ? undefined : 'green-taken-by-spot';
    if (instance.colour === 'green') return 'released-in-traffic';
    const redeployed = codeDeployDeployments.some(
      ({ description, targets }) =>
        !/#\d+( |$)/.test(description ?? '') && targets.some(({ instanceId }) => instanceId === instance.instanceId),
    );
    return redeployed ? 'restarted-blue' : undefined;
  };
  return cloud.trafficFailures
    .filter(({ because }) => !allowed.some((cause) => cause === causeOf(because)))
    .map(
      ({ count, from, because }) => `${count} requests failed from ${from}: ${because} (${causeOf(because) ?? 'ours'})`,
    );
}

function describe(
  { result, mutations, tookMs, events }: ReleaseEnd,
  answers: Answers,
  found: readonly string[],
): string {
  const receipt = result.receipt.lines.filter(({ verdict }) => verdict !== 'never-changed' && verdict !== 'restored');
  const last = events.slice(-12).map(({ text }) => text.slice(0, 160));
  return [
    JSON.stringify(answers),
    ...found.map((what) => `  ✗ ${what}`),
    `  ${result.outcome} after ${tookMs / 1000} s; ${result.error?.code}: ${result.error?.message.slice(0, 200)}`,
    `  sent: ${mutations.join(', ')}`,
    `  receipt: ${JSON.stringify(receipt)}`,
    `  last: ${last.join(' | ')}`,
  ].join('\n');
}

/** Where Spot rolls back by itself, it redeploys the last revision onto a blue that serves. */
export const spotRestartsBlue = ({ whenDeploymentFails }: Undocumented): readonly Cause[] =>
  whenDeploymentFails === 'rolls-back-itself' ? ['restarted-blue'] : [];

/** Takes the release back at that point. */
export function abortAt(moment: Moment): ReleaseStory {
  const orders = new WeakMap<SimulatedCloud, () => Promise<unknown>>();
  return {
    prepare: (cloud) => at(cloud, moment, () => void orders.get(cloud)?.()),
    onEvent: ({ rolloutId = '' }, cloud, blueGreen) => {
      orders.set(cloud, () => blueGreen.abort(rolloutId, { by: 'me', reason: 'changed my mind' }));
    },
  };
}
