import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/shop.js';
import { at, ourDeployment } from '../helpers/moments.js';
import { closeClouds, release, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const MINUTE_MS = 60_000;
const PAGE = fileURLToPath(new URL('../../docs/runbook.md', import.meta.url));
const TABLE = /<!-- trouble in minutes -->\n[\s\S]*?<!-- end -->/;

type Story = Pick<ReleaseStory, 'cloud' | 'faults' | 'spec' | 'prepare'>;

interface Trouble {
  readonly what: string;
  readonly story: Story;
  /** An error that takes the release back, or a warning. */
  readonly says: string;
  /** When it went wrong, in the time of the cloud: told by the cloud itself. */
  readonly cause: (cloud: SimulatedCloud) => number | undefined;
}

/** When an instance was taken. */
const taken = (cloud: SimulatedCloud): number | undefined => notes.get(cloud)?.takenAt;
/** When green turned ill. */
const ill = (cloud: SimulatedCloud): number | undefined => notes.get(cloud)?.illAt;
/** When the named event was the next of that green instance. */
const turnOf = (event: string, instance: number) => (cloud: SimulatedCloud) => {
  const deployment = ourDeployment(cloud);
  const target = deployment?.targets.filter(({ label }) => label === 'Green')[instance];
  const index = target?.events.findIndex(({ name }) => name === event) ?? -1;
  return target?.events[index - 1]?.endedAt ?? deployment?.startedAt;
};
/** When the script of that event had failed. */
const failedIn = (event: string) => (cloud: SimulatedCloud) =>
  ourDeployment(cloud)
    ?.targets.flatMap(({ events }) => events)
    .find(({ name, status }) => name === event && status === 'Failed')?.endedAt;

interface Notes {
  takenAt?: number;
  illAt?: number;
  modeAt?: number;
}

const notes = new WeakMap<SimulatedCloud, Notes>();

/** Writes down when things happen that a look at the end does not tell. */
function note(cloud: SimulatedCloud): void {
  const taking: Notes = {};
  notes.set(cloud, taking);
  cloud.ec2.onChange(({ stateReason }) => {
    if (stateReason?.code === 'Server.SpotInstanceTermination') taking.takenAt ??= cloud.clock.now();
  });
  cloud.faults.onReached((point) => {
    if (point === 'AWAITING_DEPLOYMENT_TO_FINISH') taking.modeAt ??= cloud.clock.now();
  });
}

function greenTurnsIll(cloud: SimulatedCloud): void {
  at(cloud, 'allowing', () => {
    notes.set(cloud, { ...notes.get(cloud), illAt: cloud.clock.now() });
    for (const instance of cloud.elastigroups.coloured(SHOP.elastigroupId, 'green')) {
      if (instance.application === undefined) continue;
      instance.application = { ...instance.application, healthy: false };
      cloud.ec2.changed(instance);
    }
  });
}

const TROUBLES: readonly Trouble[] = [
  {
    what: 'the agent of a green instance never takes up its first event',
    story: { faults: [{ fault: 'agent-dead', colour: 'green', instance: 1 }] },
    says: 'AGENT_NOT_RESPONDING',
    cause: turnOf('ApplicationStop', 1),
  },
  {
    what: 'the agent of a green instance falls silent between two events',
    story: { faults: [{ fault: 'agent-dead', colour: 'green', instance: 1, event: 'AfterInstall' }] },
    says: 'AGENT_NOT_RESPONDING',
    cause: turnOf('AfterInstall', 1),
  },
  {
    what: 'a green instance is reclaimed in the middle of a script',
    story: { faults: [{ fault: 'interruption', colour: 'green', instance: 1, event: 'Install' }] },
    says: 'INSTANCE_LOST',
    cause: taken,
  },
  {
    what: 'a script of the previous revision fails',
    story: { faults: [{ fault: 'script-fails', event: 'ApplicationStop', instance: 1 }] },
    says: 'RELEASE_FAILED',
    cause: failedIn('ApplicationStop'),
  },
  {
    what: 'green does not get healthy in the target group',
    story: { prepare: greenTurnsIll },
    says: 'GREEN_UNHEALTHY',
    cause: ill,
  },
  {
    what: 'a blue instance is reclaimed while it is deregistered',
    story: { faults: [{ fault: 'interruption', colour: 'blue', instance: 1, event: 'BlockTraffic' }] },
    says: 'BLUE_LOST',
    cause: taken,
  },
  {
    what: 'a blue instance is reclaimed in the middle of a script before or after that',
    story: { faults: [{ fault: 'interruption', colour: 'blue', instance: 1, event: 'BeforeBlockTraffic' }] },
    says: 'BLUE_LOST',
    cause: taken,
  },
  {
    what: 'Spot calls the deployment unstable',
    story: { faults: [{ fault: 'unstable-deployment', during: 'AWAITING_DEPLOYMENT_TO_FINISH' }] },
    says: 'DEPLOYMENT_UNSTABLE',
    cause: (cloud) => notes.get(cloud)?.modeAt,
  },
];

const story = (trouble: Trouble): ReleaseStory => ({
  ...trouble.story,
  cloud: { blue: 3, ...trouble.story.cloud },
  options: { polling: { every: '15s', urgent: '2s' } },
  prepare: (cloud) => {
    note(cloud);
    trouble.story.prepare?.(cloud);
  },
});

const isSaid = (event: RolloutEvent, code: string): boolean =>
  (event.name === 'rollout:unwind:started' && event.data.error.code === code) ||
  (event.name === 'rollout:check:warned' && event.data.code === code);

/** Milliseconds from the cause until the library says so. */
async function untilSaid(trouble: Trouble): Promise<number> {
  let saidAt = Number.NaN;
  const end = await release({
    ...story(trouble),
    onEvent: (event, _, blueGreen) => {
      if (!isSaid(event, trouble.says) || !Number.isNaN(saidAt)) return;
      saidAt = Date.parse(event.at);
      if (event.name === 'rollout:check:warned')
        void blueGreen.abort(event.rolloutId ?? '', { by: 'me', reason: 'enough was seen' });
    },
  });
  expect(end.result.outcome).toBe('rolled-back');
  return saidAt - (trouble.cause(end.cloud) ?? Number.NaN);
}

/** Milliseconds until CodeDeploy says it of the instance, with nobody to stop it; undefined: it never does. */
async function untilCodeDeploySays(trouble: Trouble): Promise<number | undefined> {
  const stop = new AbortController();
  const { cloud, result } = await release({
    ...story(trouble),
    call: { signal: stop.signal, onSignal: 'suspend' },
    onEvent: (event) => {
      if (event.name === 'step:run:completed' && event.data.step === 'confirm-targets/1') stop.abort();
    },
  });
  expect(result.outcome).toBe('suspended');
  cloud.advance(3 * 60 * MINUTE_MS);
  const failed = ourDeployment(cloud)
    ?.targets.flatMap(({ events }) => events)
    .flatMap(({ status, endedAt }) => (status === 'Failed' && endedAt !== undefined ? [endedAt] : []));
  if (failed === undefined || failed.length === 0) return undefined;
  return Math.min(...failed) - (trouble.cause(cloud) ?? Number.NaN);
}

const inMinutes = (ms: number | undefined): string => {
  if (ms === undefined) return 'never';
  return ms < MINUTE_MS ? 'less than 1' : String(Math.floor(ms / MINUTE_MS));
};

describe('from the cause to the diagnosis, in simulated minutes', () => {
  const rows: string[] = [];

  for (const trouble of TROUBLES)
    it(trouble.what, async () => {
      const ours = await untilSaid(trouble);
      const theirs = await untilCodeDeploySays(trouble);
      expect(ours).toBeGreaterThanOrEqual(0);
      // One look, every fifteen seconds, is all that anything but an agent's silence takes.
      expect(ours).toBeLessThan(trouble.says === 'AGENT_NOT_RESPONDING' ? 4.25 * MINUTE_MS : MINUTE_MS);
      if (theirs !== undefined && theirs >= MINUTE_MS) expect(ours).toBeLessThan(theirs);
      rows.push(`| ${trouble.what} | \`${trouble.says}\` | ${inMinutes(ours)} | ${inMinutes(theirs)} |`);
    });

  it('are the figures of the runbook', async () => {
    expect(rows).toHaveLength(TROUBLES.length);
    const page = readFileSync(PAGE, 'utf8');
    expect(page).toMatch(TABLE);
    const head = '| what goes wrong | the library says | after, min | CodeDeploy says it of the instance after, min |';
    const table = ['<!-- trouble in minutes -->', head, '|---|---|---|---|', ...rows, '<!-- end -->'].join('\n');
    await expect(page.replace(TABLE, table)).toMatchFileSnapshot(PAGE);
  });
});
