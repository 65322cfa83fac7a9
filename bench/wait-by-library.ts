import { RolloutJournal } from '../src/engine/rollout-journal.js';
import type { JournalFact } from '../src/engine/journal.js';
import type { StepContext } from '../src/engine/step.js';
import { waitUntil } from '../src/engine/wait-until.js';
import { BlueGreenError } from '../src/errors/blue-green-error.js';
import { adaptivePolling, MemoryStore } from '../src/index.js';
import { awaitCodeDeploy } from '../src/steps/await-codedeploy.js';
import { AWAIT_GREEN, type Green } from '../src/steps/await-green.js';
import { elastigroupRelease, type Clouds } from '../src/steps/elastigroup-release.js';
import { ENTER_DEPLOYMENT_MODE, type EnteredMode } from '../src/steps/enter-deployment-mode.js';
import { PREFLIGHT, type PreflightFacts } from '../src/steps/preflight.js';
import { releaseGreenId } from '../src/steps/release-green.js';
import { seededChance } from '../src/testing/model/chance.js';
import { SHOP_SPEC } from '../src/testing/shop.js';
import type { Timeline } from './timeline.js';
import { viewOf } from './timeline-view.js';

/** How somebody's wait for one deployment went. */
export interface WaitEnd {
  /**
   * From the end, or the failure of the target, until the first look that saw it; infinite where it was given up before. Of a
   * waiter that does not look at targets, a failure is seen once the deployment says so.
   */
  readonly lateMs: number;
  /** How often the state of the deployment was read. */
  readonly reads: number;
  /** Every request to any cloud. */
  readonly requests: number;
}

const CREATED_AT = Date.UTC(2026, 0, 1);
const DEPLOYMENT_ID = 'd-TIMELINE1';
const FAILED: ReadonlySet<string> = new Set(['RELEASE_FAILED', 'TRAFFIC_FAILED']);
const MODE_ID = 'cdbg-timeline';
const TARGET_GROUP = { arn: 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/shop/1', name: 'shop' };

/**
 * The library's own loop, step and policy: only the clouds are drawn, at the level of the ports. Time jumps from look to
 * look; a look takes none.
 */
export async function waitByLibrary(timeline: Timeline, seed: number): Promise<WaitEnd> {
  let now = CREATED_AT;
  let reads = 0;
  let requests = 0;
  let failureSeenAt: number | undefined;
  const asked = <T>(answer: T, count = 1): T => {
    requests += count;
    return answer;
  };
  const view = () => viewOf(timeline, CREATED_AT, now - CREATED_AT);
  const clouds = {
    codeDeploy: {
      readDeployment: async () => {
        reads += 1;
        return asked(view().deployment);
      },
      listTargets: async () => {
        const { targets } = view();
        if (targets.some(({ status }) => status === 'Failed')) failureSeenAt ??= now;
        return asked(targets, 1 + Math.ceil(targets.length / 25));
      },
    },
    elastigroups: {
      listDeploymentModes: async () =>
        asked([
          {
            deploymentModeId: MODE_ID,
            elastigroupId: SHOP_SPEC.elastigroupId,
            state: 'AWAITING_DEPLOYMENT_TO_FINISH',
            tags: [],
            deploymentGroups: [],
          },
        ]),
    },
    instances: {
      describeInstances: async (ids: readonly string[]) =>
        asked(ids.map((instanceId) => ({ instanceId, state: 'running', tags: [] }))),
    },
    targetGroups: {
      targetHealth: async () =>
        asked(timeline.targets.map((each) => ({ targetId: each.instanceId, state: 'healthy' }))),
    },
  } as unknown as Clouds;
  const clock = { now: () => now, sleep: () => Promise.reject(new Error('the loop sleeps by itself here')) };
  const release = elastigroupRelease('bench', SHOP_SPEC, clouds, { hooks: [], clock, logger: undefined });
  const step = awaitCodeDeploy(release);
  const journal = await RolloutJournal.open(new MemoryStore(), 'bench', () => now);
  for (const fact of factsBefore(timeline, step.id)) await journal.append(fact);
  const context: StepContext = {
    rolloutId: 'bench',
    direction: 'forward',
    signal: new AbortController().signal,
    lasting: new AbortController().signal,
    now: () => now,
    get state() {
      return journal.state;
    },
    output: <T>(id: string) => journal.state.steps.get(id)?.output as T | undefined,
    effect: () => Promise.reject(new Error('nothing is changed while it waits')),
    warn: async () => {},
  };
  const until = timeline.failure?.atMs ?? timeline.totalMs;
  const end = (): WaitEnd => ({ lateMs: (failureSeenAt ?? now) - CREATED_AT - until, reads, requests });
  try {
    await waitUntil(step, {
      journal,
      context,
      withinMs: step.within(context),
      polling: adaptivePolling(),
      random: seededChance(seed),
      sleep: async (ms) => {
        now += ms;
      },
      onPivot: async () => {},
    });
    return end();
  } catch (error) {
    if (!BlueGreenError.is(error)) throw error;
    if (error.code === 'STEP_TIMED_OUT') return { ...end(), lateMs: Number.POSITIVE_INFINITY };
    // Anything else would be a wait that ended for a reason which is not in the timeline.
    if (failureSeenAt === undefined || !FAILED.has(error.code)) throw error;
    return end();
  }
}

/** What earlier steps of the rollout have written down. */
function factsBefore(timeline: Timeline, stepId: string): readonly JournalFact[] {
  const green = timeline.targets.filter(({ colour }) => colour === 'Green').map(({ instanceId }) => instanceId);
  const facts = {
    account: null,
    region: 'eu-west-1',
    greenTags: [{ key: 'Colour', value: 'bench' }],
    targetGroups: [{ ...TARGET_GROUP, deregistrationDelayMs: timeline.deregistrationDelayMs }],
    registeredAtLaunch: [],
    readyWaitMs: null,
    terminationWaitMs: null,
    modeTimeoutMs: 12 * 3_600_000,
    formerModeIds: [],
    deploymentGroupId: 'bench',
    minimumHealthyHosts: { type: 'HOST_COUNT', value: green.length - timeline.atATime },
  } satisfies PreflightFacts;
  const done = (step: string, output: object): JournalFact =>
    ({ type: 'step-done', step, direction: 'forward', output }) as JournalFact;
  const key = releaseGreenId(1);
  const operation = {
    step: key,
    key,
    token: 'bench',
    settleMs: 0,
    call: 'codedeploy createDeployment',
    driver: 'bench',
  };
  return [
    {
      type: 'rollout-started',
      rolloutId: 'bench',
      kind: 'elastigroup',
      spec: null,
      specDigest: '',
      fingerprint: [],
      targets: [],
      durable: false,
    },
    { type: 'driver-started', driver: 'bench', resumed: false },
    ...started(PREFLIGHT, done(PREFLIGHT, facts)),
    ...started(ENTER_DEPLOYMENT_MODE, done(ENTER_DEPLOYMENT_MODE, { deploymentModeId: MODE_ID } satisfies EnteredMode)),
    ...started(AWAIT_GREEN, done(AWAIT_GREEN, { instanceIds: green, privateIps: {} } satisfies Green)),
    ...started(
      key,
      { type: 'operation-intended', ...operation },
      { type: 'operation-done', key, how: 'answered', result: null },
      done(key, { codeDeployDeploymentId: DEPLOYMENT_ID }),
    ),
    ...started(stepId),
  ];
}

const started = (step: string, ...facts: readonly JournalFact[]): readonly JournalFact[] => [
  { type: 'step-started', step, direction: 'forward', title: step, stage: 'SCALE_UP' },
  ...facts,
];
