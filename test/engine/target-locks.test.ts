import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalFact } from '../../src/engine/journal.js';
import { freeTarget, holdsTargets, lockTargets, unlockTargets } from '../../src/engine/target-locks.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import { entriesOf, startedFact } from '../helpers/engine.js';
import { rejection } from '../helpers/release.js';

const TARGETS = ['elastigroup/sig-1', 'deployment-group/shop/prod'];

describe('locks on targets', () => {
  let store: MemoryStore;
  beforeEach(() => {
    store = new MemoryStore();
  });

  const holders = async () =>
    Promise.all(TARGETS.map(async (target) => (await store.readRecord(`target/${target}`))?.value ?? null));
  const journal = async (rolloutId: string, ...facts: readonly JournalFact[]) =>
    store.append(rolloutId, 0, entriesOf([startedFact(), ...facts]) as never);

  it('are taken for every target, and given back', async () => {
    await lockTargets(store, 'r1', TARGETS);
    expect(await holders()).toEqual([{ rolloutId: 'r1' }, { rolloutId: 'r1' }]);
    await unlockTargets(store, 'r1', TARGETS);
    expect(await holders()).toEqual([null, null]);
  });

  it('are found by the rollout that holds them already', async () => {
    await lockTargets(store, 'r1', TARGETS);
    await lockTargets(store, 'r1', TARGETS);
    expect(await holders()).toEqual([{ rolloutId: 'r1' }, { rolloutId: 'r1' }]);
  });

  it('move when they are taken anew: whoever has judged them before finds that out', async () => {
    const revisions = async () =>
      Promise.all(TARGETS.map(async (target) => (await store.readRecord(`target/${target}`))?.revision ?? 0));
    await lockTargets(store, 'r1', TARGETS);
    const before = await revisions();
    await lockTargets(store, 'r1', TARGETS);
    expect(await revisions()).toEqual(before);
    await lockTargets(store, 'r1', TARGETS, { anew: true });
    expect(await revisions()).toEqual(before.map((revision) => revision + 1));
  });

  it('are all held, or it does not count', async () => {
    expect(await holdsTargets(store, 'r1', TARGETS)).toBe(false);
    await lockTargets(store, 'r1', [TARGETS[0]!]);
    expect(await holdsTargets(store, 'r1', TARGETS)).toBe(false);
    await lockTargets(store, 'r1', TARGETS);
    expect(await holdsTargets(store, 'r1', TARGETS)).toBe(true);
    expect(await holdsTargets(store, 'r2', TARGETS)).toBe(false);
  });

  it('are freed from outside only where their rollout is not under way, and holds them', async () => {
    await journal('r1');
    await lockTargets(store, 'r1', TARGETS);
    expect(await freeTarget(store, 'r1', TARGETS[0]!)).toBe(false);
    expect(await freeTarget(store, 'r2', TARGETS[0]!)).toBe(false);
    await journal('r3', { type: 'finished', outcome: 'failed', lines: [] });
    await unlockTargets(store, 'r1', TARGETS);
    await lockTargets(store, 'r3', TARGETS);
    expect(await freeTarget(store, 'r3', TARGETS[0]!)).toBe(true);
    expect(await holders()).toEqual([null, { rolloutId: 'r3' }]);
  });

  it('are refused while another rollout holds one of them, and none of the others is kept', async () => {
    await journal('r1');
    await lockTargets(store, 'r1', [TARGETS[0]!]);
    const error = await rejection(lockTargets(store, 'r2', TARGETS));
    expect(error).toMatchObject({ code: 'TARGET_BUSY', details: { target: TARGETS[0], heldBy: 'r1' } });
    expect(await holders()).toEqual([{ rolloutId: 'r1' }, null]);
  });

  it('are free once their rollout has ended, even if it died before it let go', async () => {
    await journal('r1', { type: 'finished', outcome: 'succeeded', lines: [] });
    await lockTargets(store, 'r1', TARGETS);
    await lockTargets(store, 'r2', TARGETS);
    expect(await holders()).toEqual([{ rolloutId: 'r2' }, { rolloutId: 'r2' }]);
  });

  it('are kept by a rollout that had failed and is tried again', async () => {
    await journal('r1', { type: 'finished', outcome: 'failed', lines: [] }, { type: 'taken-up-again' });
    await lockTargets(store, 'r1', TARGETS);
    expect((await rejection(lockTargets(store, 'r2', TARGETS))).code).toBe('TARGET_BUSY');
  });

  it('are kept while their rollout is suspended', async () => {
    await journal('r1', { type: 'driver-stopped', driver: 'd1', because: 'the evening' });
    await lockTargets(store, 'r1', TARGETS);
    expect((await rejection(lockTargets(store, 'r2', TARGETS))).code).toBe('TARGET_BUSY');
  });

  it('are not given back by a rollout that does not hold them', async () => {
    await lockTargets(store, 'r1', TARGETS);
    await unlockTargets(store, 'r2', TARGETS);
    expect(await holders()).toEqual([{ rolloutId: 'r1' }, { rolloutId: 'r1' }]);
  });

  it('go to exactly one of many that want them at once', async () => {
    const ids = ['r1', 'r2', 'r3', 'r4'];
    for (const id of ids) await journal(id);
    const ends = await Promise.allSettled(ids.map((id) => lockTargets(store, id, TARGETS)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [one, other] = await holders();
    expect(one).toEqual(other);
  });
});
