import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MemoryStore, renderReport, type RolloutEvent } from '../../src/index.js';
import type { StoredEntry } from '../../src/ports/rollout-store.js';
import { cloudOf, driverOf, mutates, ROLLOUT_ID } from '../helpers/crash.js';
import { answerGates, GOLDEN_STORIES, journalOf, tellGolden } from '../helpers/golden-journals.js';

// Written by the version that first had them, and never again: a later version must still read, resume and abort these.
const FOLDER = new URL('../fixtures/journals/', import.meta.url);
const golden = (name: string): StoredEntry[] => journalOf(readFileSync(new URL(`${name}.jsonl`, FOLDER), 'utf8'));

async function storeOf(entries: readonly StoredEntry[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.append(ROLLOUT_ID, 0, entries);
  return store;
}

/** What each journal says, in a few words. */
const SAYS = {
  succeeded: { outcome: 'succeeded', direction: 'forward', step: 'prove-release' },
  'gate-and-bake': { outcome: 'succeeded', direction: 'forward', step: 'prove-release' },
  'rolled-back': { outcome: 'rolled-back', direction: 'undo', step: 'verify-restored' },
  failed: { outcome: 'failed', direction: 'forward' },
  'suspended-before-green': { outcome: 'suspended', direction: 'forward', step: 'await-green' },
  'suspended-at-gate': { outcome: 'suspended', direction: 'forward', step: 'gate/qa', openGates: ['qa'] },
  'suspended-in-release': { outcome: 'suspended', direction: 'forward', step: 'await-codedeploy' },
  'suspended-in-bake': { outcome: 'suspended', direction: 'forward', step: 'await-bake' },
  'suspended-past-pivot': { outcome: 'suspended', direction: 'forward', step: 'await-blue-retired' },
  'suspended-going-back': { outcome: 'suspended', direction: 'undo', step: 'leave-deployment-mode' },
  'killed-before-mode': { outcome: 'running', direction: 'forward', step: 'enter-deployment-mode' },
  'killed-before-release': { outcome: 'running', direction: 'forward', step: 'release-green/1' },
  'killed-after-release': { outcome: 'running', direction: 'forward', step: 'release-green/1' },
} as const satisfies Record<string, object>;

it('there is a journal for every story, and a story for every journal', () => {
  const kept = readdirSync(FOLDER).map((file) => file.replace('.jsonl', ''));
  expect(kept.sort()).toEqual(Object.keys(SAYS).sort());
  expect(Object.keys(GOLDEN_STORIES).sort()).toEqual(Object.keys(SAYS).sort());
});

it('no journal tells of the machine on which it was written', () => {
  for (const name of Object.keys(SAYS))
    expect(JSON.stringify(golden(name))).not.toMatch(/\/(home|work|tmp|Users|usr)\/|[A-Z]:\\\\/);
});

describe.each(Object.entries(SAYS))('the journal %s', (name, says) => {
  const entries = golden(name);

  it('is read: its status, its events and its report', async () => {
    await using cloud = cloudOf();
    const blueGreen = driverOf(cloud, await storeOf(entries), 2);
    const status = await blueGreen.status(ROLLOUT_ID);
    expect(status).toMatchObject({ id: ROLLOUT_ID, kind: 'elastigroup', ...says });
    expect(await blueGreen.list()).toEqual([status]);

    await using rollout = await blueGreen.watch(ROLLOUT_ID);
    const events: RolloutEvent[] = [];
    for await (const event of rollout.events()) if (events.push(event) === entries.length) break;
    expect(events.map(({ at }) => Date.parse(at))).toEqual(entries.map(({ at }) => at));
    expect(events.every(({ text }) => text !== '' && !text.includes('undefined'))).toBe(true);

    const html = await renderReport(rollout);
    expect(html).toContain(ROLLOUT_ID);
    for (const { step } of entries as readonly { readonly step?: string }[])
      if (step === 'capture-blue') expect(html).toMatch(/i-[0-9a-f]+/);
    await blueGreen.close();
  });
});

const unfinished = Object.entries(SAYS).filter(([, { outcome }]) => outcome === 'suspended' || outcome === 'running');

/** The same story in a cloud of its own, and the kept journal in place of the one that this version has written. */
async function standIn(name: string) {
  const { cloud } = await tellGolden(GOLDEN_STORIES[name] ?? {});
  const entries = golden(name);
  // Without this the journal would speak of another cloud, and the rest would mean nothing.
  const known = JSON.stringify(cloud.snapshot());
  for (const [id] of JSON.stringify(entries).matchAll(/\b(?:i-[0-9a-f]{17}|d-[0-9A-Z]{9})\b/g))
    expect(known).toContain(id);
  const store = await storeOf(entries);
  const blueGreen = driverOf(cloud, store, 2, { onEvent: (event) => answerGates(blueGreen, event) });
  return { cloud, blueGreen };
}

/** Blue goes, or has gone by the time that a call in doubt must show: what was sent is looked for only then. */
const TOO_LATE: readonly string[] = ['suspended-past-pivot', 'killed-after-release'];
const ONCE = ['enterDeploymentMode', 'CreateDeployment', 'StopDeployment', 'stopDeploymentMode', 'detachInstances'];

describe.each(unfinished)('the unfinished journal %s', (name, { direction }) => {
  it('is resumed to its end, and nothing is done twice', async () => {
    const { cloud, blueGreen } = await standIn(name);
    await using _open = cloud;
    const result = await (await blueGreen.resume(ROLLOUT_ID)).result();
    expect(result).toMatchObject({ outcome: direction === 'undo' ? 'rolled-back' : 'succeeded' });
    const { blue, green, other } = cloud.snapshot().serving;
    expect([blue, green, other]).toEqual(direction === 'undo' ? [2, 0, 0] : [0, 2, 0]);
    const changed = cloud.requests.filter(mutates).map(({ operation }) => operation);
    for (const operation of ONCE) expect(changed.filter((each) => each === operation).length).toBeLessThan(2);
    expect(changed).toContain('CreateDeployment');
    expect(cloud.traffic.failed).toBe(0);
    await blueGreen.close();
  });

  it('is aborted by the rules', async () => {
    const { cloud, blueGreen } = await standIn(name);
    await using _open = cloud;
    const pastPivot = TOO_LATE.includes(name);
    const resumed = await blueGreen.resume(ROLLOUT_ID);
    expect(await resumed.abort({ by: 'ada', reason: 'of another version' })).toBe(pastPivot ? 'too-late' : 'unwinding');
    expect(await resumed.result()).toMatchObject({ outcome: pastPivot ? 'succeeded' : 'rolled-back' });
    expect(cloud.snapshot().serving).toMatchObject(pastPivot ? { green: 2 } : { blue: 2, green: 0 });
    await blueGreen.close();
  });
});

describe('a journal of a plan that this version does not have', () => {
  const otherPlan = (entries: readonly StoredEntry[]): StoredEntry[] =>
    entries.map((entry) => {
      if (entry['type'] !== 'rollout-started') return entry;
      const fingerprint = entry['fingerprint'] as ReadonlyArray<readonly [string, number]>;
      return { ...entry, fingerprint: fingerprint.map(([step, version]) => [step, version + 1]) };
    });

  it('is not gone on with, and can still be taken back', async () => {
    const { cloud } = await tellGolden(GOLDEN_STORIES['suspended-in-release'] ?? {});
    await using _open = cloud;
    const blueGreen = driverOf(cloud, await storeOf(otherPlan(golden('suspended-in-release'))), 2);
    const before = cloud.requests.filter(mutates).length;
    const refused = await (await blueGreen.resume(ROLLOUT_ID)).result();
    expect(refused).toMatchObject({ outcome: 'suspended', error: { code: 'PLAN_INCOMPATIBLE' } });
    expect(cloud.requests.filter(mutates)).toHaveLength(before);

    void blueGreen.abort(ROLLOUT_ID, { by: 'ada', reason: 'of another version' });
    const back = await (await blueGreen.resume(ROLLOUT_ID)).result();
    expect(back.outcome).toBe('rolled-back');
    expect(cloud.snapshot().serving).toMatchObject({ blue: 2, green: 0 });
    await blueGreen.close();
  });
});
