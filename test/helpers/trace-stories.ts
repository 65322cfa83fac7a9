import { BlueGreen, MemoryStore, type CloudTrace } from '../../src/index.js';
import { SHOP, SimulatedCloud, type Undocumented } from '../../src/testing/index.js';
import { closeClouds, release, type ReleaseStory } from './release.js';
import { WIRES } from './wires.js';

/** One rollout under the given answers: what it left as its trace, and which questions came up. */
export type Telling = (answers: Partial<Undocumented>) => Promise<Told>;

export interface Told {
  readonly trace: CloudTrace;
  readonly outcome: string;
  readonly asked: readonly string[];
}

const { elastigroupId, applicationName, deploymentGroupName } = SHOP;
const OFTEN = { polling: { every: '5s', urgent: '5s' }, logger: false } as const;

const told =
  (make: ReleaseStory | (() => ReleaseStory)): Telling =>
  async (answers) => {
    const story = typeof make === 'function' ? make() : make;
    const end = await release({
      ...story,
      wire: 'short',
      cloud: {
        blue: 3,
        requestsPerSecond: 1,
        ...story.cloud,
        undocumented: { ...story.cloud?.undocumented, ...answers },
      },
      options: { ...OFTEN, ...story.options },
    });
    const trace = await end.blueGreen.trace(end.result.id);
    const asked = [...end.cloud.questionsAsked];
    await closeClouds();
    return { trace, outcome: end.result.outcome, asked };
  };

/** Ends the release by an order once a step has seen this. */
const abortedAt = (step: string, says: string): Pick<ReleaseStory, 'onEvent'> => {
  let ordered = false;
  return {
    onEvent: (event, _cloud, blueGreen) => {
      if (ordered || event.name !== 'step:run:observed' || event.rolloutId === undefined) return;
      const data = event.data as { readonly stepId?: string };
      if (!JSON.stringify(data).includes(step) || !event.text.includes(says)) return;
      ordered = true;
      void blueGreen.abort(event.rolloutId, { by: 'test', reason: 'told to' }).catch(() => undefined);
    },
  };
};

/** Two releases, one after the other: the trace is the second one's. */
const twice: Telling = async (answers) => {
  const wire = WIRES.short;
  const cloud = cloudOf(answers);
  const blueGreen = new BlueGreen({ ...wire.options(cloud), ...OFTEN, store: new MemoryStore() });
  const deploy = async () => {
    const rollout = await blueGreen.start(cloud.spec({}));
    return rollout.result();
  };
  await deploy();
  cloud.advance(10 * 60_000);
  const result = await deploy();
  const trace = await blueGreen.trace(result.id);
  await blueGreen.close();
  const asked = [...cloud.questionsAsked];
  await cloud.close();
  return { trace, outcome: result.outcome, asked };
};

/** Nobody drives for longer than the mode's own time; then somebody goes on. */
const leftAlone: Telling = async (answers) => {
  const wire = WIRES.short;
  const cloud = cloudOf(answers);
  const store = new MemoryStore();
  const driver = () => new BlueGreen({ ...wire.options(cloud), ...OFTEN, store });
  const first = driver();
  const rollout = await first.start(cloud.spec({ tagSettle: '5m' }));
  const { id } = rollout;
  for await (const event of rollout.events()) if (event.text.includes('settling')) break;
  await first.close();
  cloud.advance(6 * 3_600_000);
  const second = driver();
  const result = await (await second.resume(id)).result();
  const trace = await second.trace(id);
  await second.close();
  const asked = [...cloud.questionsAsked];
  await cloud.close();
  return { trace, outcome: result.outcome, asked };
};

const cloudOf = (undocumented: Partial<Undocumented>): SimulatedCloud =>
  new SimulatedCloud({ rateLimits: false, blue: 2, requestsPerSecond: 1, clock: WIRES.short.clock(), undocumented });

/** Somebody enters a mode in the same moment: Spot's list does not show it yet. */
const enterAnother = (cloud: SimulatedCloud): void => {
  cloud.elastigroups.enterDeploymentMode(elastigroupId, {
    timeout: 7_200,
    tags: [{ tagKey: 'Colour', tagValue: 'theirs' }],
    deploymentGroups: [{ applicationName, deploymentGroupName }],
  });
};

const LOST_BLUE = [{ fault: 'interruption', colour: 'blue', atMs: 130_000 }] as const;

export const TELLINGS: Readonly<Record<string, Telling>> = {
  'a release': told({ prepare: (cloud) => cloud.elastigroups.suspend(elastigroupId, 'AUTO_SCALE') }),
  'a release with little polling': told({ options: { polling: undefined } }),
  'a release after another one': twice,
  'a release with a bake': told({ cloud: { deploymentGroup: { terminationWaitMinutes: 10 } }, spec: { bake: '2m' } }),
  'a release that fails': told({ faults: [{ fault: 'script-fails', instance: 'all' }] }),
  'a release that fails with little polling': told({
    options: { polling: undefined },
    faults: [{ fault: 'script-fails', instance: 'all' }],
  }),
  'a release that fails with traffic on green': told({
    faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic', instance: 'all' }],
  }),
  'a release that fails at once, while Spot looks seldom': told({
    cloud: { timings: { spotPollMs: 60_000 } },
    faults: [{ fault: 'script-fails', event: 'ApplicationStop', instance: 'all' }],
  }),
  'a release that is stopped before it is begun': told(() => abortedAt('await-green', 'settling')),
  'a release that is stopped under way': told(() => abortedAt('await-codedeploy', 'Install')),
  'a release of which the mode’s time is up': told({
    faults: [{ fault: 'mode-timeout', during: 'AWAITING_USER_DEPLOYMENT', afterMs: 20_000 }],
  }),
  'a release of which the mode’s time is up under way': told({
    faults: [{ fault: 'mode-timeout', during: 'AWAITING_DEPLOYMENT_TO_FINISH', afterMs: 20_000 }],
  }),
  'a release with an agent that is silent': told({ faults: [{ fault: 'agent-dead', colour: 'green', instance: 1 }] }),
  'a release one at a time, with an agent that is silent': told({
    cloud: { deploymentGroup: { deploymentConfigName: 'CodeDeployDefault.OneAtATime' } },
    faults: [{ fault: 'agent-dead', colour: 'green', instance: 1 }],
  }),
  'a release into a group that is busy': told({
    cloud: { timings: { eventMs: { Install: 5 * 60_000 } } },
    faults: [{ fault: 'stranger-deploys', during: 'AWAITING_USER_DEPLOYMENT', onto: 'blue', afterMs: 30_000 }],
  }),
  'a release while somebody enters a mode': told({ prepare: enterAnother }),
  'a release of which Spot leaves blue': told({ faults: [{ fault: 'blue-not-removed' }] }),
  'a release of which Spot leaves blue, detached without a decrement': told({
    faults: [{ fault: 'blue-not-removed', finishes: true }],
    spec: { detach: { decrementTargetCapacity: false } },
    // What Spot launches instead shows a while after the order.
    options: { polling: { every: '30s', urgent: '30s' } },
  }),
  'a release into an Elastigroup that is nearly full': told({ cloud: { elastigroup: { maximum: 4 } } }),
  'a release while blue is taken back': told({
    cloud: { timings: { scriptMs: 60_000 }, deploymentGroup: { readyWaitMinutes: 30 } },
    faults: LOST_BLUE,
  }),
  'a release into an Elastigroup with a target group': told({ cloud: { elastigroup: { registerAtLaunch: true } } }),
  'a release that nobody drove for hours': leftAlone,
};

const failing = { fault: 'script-fails', instance: 'all' } as const;

/** More trouble, for which the judges must not fall. */
export const TROUBLES: Readonly<Record<string, Telling>> = {
  'green that is taken back': told({ faults: [{ fault: 'interruption', colour: 'green', atMs: 100_000 }] }),
  'green that is taken back and replaced': told({
    faults: [{ fault: 'interruption', colour: 'green', atMs: 75_000 }],
    spec: { onInterruption: 'replace', minimumHealthyPercent: 50 },
  }),
  'green that never launches': told({ faults: [{ fault: 'green-never-launches', count: 1 }] }),
  'an unknown state': told({ faults: [{ fault: 'unknown-state', state: 'PONDERING' }, failing] }),
  'a mode in ERROR for a while': told({
    faults: [{ fault: 'mode-error', during: 'AWAITING_DEPLOYMENT_TO_FINISH', forMs: 60_000 }, failing],
  }),
  'an unstable mode that goes back': told({
    faults: [{ fault: 'unstable-deployment', during: 'AWAITING_DEPLOYMENT_TO_FINISH', goesBack: true }],
  }),
  'an unstable mode that goes back before the release': told({
    faults: [{ fault: 'unstable-deployment', during: 'AWAITING_USER_DEPLOYMENT', goesBack: true }],
  }),
  'somebody’s release onto green': told({
    faults: [{ fault: 'stranger-deploys', during: 'AWAITING_USER_DEPLOYMENT', onto: 'green' }],
  }),
  'somebody’s release onto green, later': told({
    faults: [
      { fault: 'stranger-deploys', during: 'AWAITING_USER_DEPLOYMENT', onto: 'green', afterMs: 30_000 },
      failing,
    ],
  }),
  'lost answers': told({
    faults: [
      { fault: 'lost-answer', on: { service: 'spot', operation: 'enterDeploymentMode' } },
      { fault: 'lost-answer', on: { service: 'codedeploy', operation: 'CreateDeployment' } },
    ],
  }),
  'blue that is taken back early': told({ faults: [{ fault: 'interruption', colour: 'blue', atMs: 20_000 }] }),
  'strays that are released onto': told({
    faults: [{ fault: 'interruption', colour: 'blue', atMs: 100_000 }],
    spec: { strays: 'release' },
  }),
  'an agent that dies at work': told({ faults: [{ fault: 'agent-dead', colour: 'green', event: 'Install' }] }),
  'one at a time': told({
    cloud: { deploymentGroup: { deploymentConfigName: 'CodeDeployDefault.OneAtATime' } },
  }),
  'a wait in Ready': told({ cloud: { deploymentGroup: { readyWaitMinutes: 30 } } }),
  'a bake during which blue is taken back': told({
    cloud: { deploymentGroup: { terminationWaitMinutes: 30 } },
    spec: { bake: '10m' },
    faults: [{ fault: 'interruption', colour: 'blue', atMs: 300_000 }],
  }),
  'looks that are far apart': told({ options: { polling: { every: '60s', urgent: '30s' } }, faults: [failing] }),
  'a slow Spot': told({
    cloud: { timings: { spotPollMs: 90_000, modeStateMs: 30_000 } },
    faults: [{ ...failing, event: 'ApplicationStop' }],
  }),
  'processes that we suspend throughout': told({
    spec: { suspend: { processes: ['AUTO_HEALING', 'AUTO_SCALE'], ttl: '2h' } },
  }),
};

/** For each question a story that answers it, and what else has to hold for that. */
export const TELLS: {
  readonly [Q in keyof Undocumented]: { readonly story: string; readonly with?: Partial<Undocumented> };
} = {
  whenDeploymentFails: { story: 'a release that fails' },
  stopMode: { story: 'a release that is stopped before it is begun' },
  finishedMode: { story: 'a release of which Spot leaves blue, detached without a decrement' },
  healingDuringMode: { story: 'a release while blue is taken back' },
  registersAtLaunchDuringMode: { story: 'a release into an Elastigroup with a target group' },
  greenTagsAfterFinish: { story: 'a release of which Spot leaves blue, detached without a decrement' },
  modeTimeoutUnit: { story: 'a release that nobody drove for hours' },
  targetDuringMode: { story: 'a release of which Spot leaves blue' },
  maximumDuringMode: { story: 'a release into an Elastigroup that is nearly full' },
  detachWithoutDecrement: { story: 'a release of which Spot leaves blue, detached without a decrement' },
  secondMode: { story: 'a release while somebody enters a mode' },
  failedBeforeSpotLooks: { story: 'a release that fails at once, while Spot looks seldom' },
  suspensionsAfterMode: { story: 'a release' },
  filterAfterSuccess: { story: 'a release' },
  statusInTerminationWait: { story: 'a release with a bake' },
  busyWording: { story: 'a release into a group that is busy' },
  targetOfSilentAgent: { story: 'a release with an agent that is silent' },
};

/** Answers that no trace tells from another one, because the library never reads what would. `docs/undocumented.md` says so. */
export const CANNOT_BE_TOLD: { readonly [Q in keyof Undocumented]?: readonly string[] } = {};
