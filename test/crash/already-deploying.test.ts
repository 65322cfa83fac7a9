import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileStore, MemoryStore } from '../../src/index.js';
import { sideBySide } from '../helpers/crash.js';
import { CrashStore } from '../helpers/crash-store.js';
import { Race, type Policy } from '../helpers/races.js';

const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;

/** How it ends for the one that was there first, and for the one that comes while it releases, dies around its nth write, and is resumed. */
async function told(policy: Policy, dies?: { readonly n: number; readonly when: 'before' | 'after' }) {
  await using race = new Race(READY, new MemoryStore(), 'short');
  const first = await race.enter('first', 'fail');
  await first.reaches('await-ready');
  let crashed = false;
  const store = new CrashStore(race.store, (n, when) => {
    if (n !== dies?.n || when !== dies.when) return;
    crashed = true;
    store.break();
  });
  const died = await race.enter('second', policy, { store }).catch(() => undefined);
  await died?.rollout.result();
  const known = (await race.store.list()).includes('second');
  const driver = race.driver();
  const again = known
    ? await driver.resume('second')
    : await driver.start(race.spec(policy) as never, { id: 'second' });
  const second = await again.result();
  const { outcome } = await first.rollout.result();
  const end = {
    first: outcome,
    second: second.outcome,
    serves: race.serves(),
    failed: race.cloud.traffic.failed,
    modes: race.cloud.snapshot().elastigroups[0]?.deploymentModes.length,
  };
  return { end, writes: store.writes, crashed };
}

/** Until the targets are taken, and captured blue is on the disk. */
function pointsIn(writes: readonly string[]) {
  const target = writes.findLastIndex((what, index) => what.startsWith('record target/') && index < writes.length - 4);
  return writes.slice(0, target + 8).flatMap((what, index) => {
    if (what.startsWith('record lease/') && index > 4) return [];
    // Right before a write is where right after the one before it is.
    return (index === 0 ? (['before', 'after'] as const) : (['after'] as const)).map((when) => ({
      n: index + 1,
      when,
    }));
  });
}

describe.each([
  ['wait', { first: 'succeeded', second: 'succeeded', serves: ['second'], failed: 0, modes: 2 }],
  ['supersede', { first: 'rolled-back', second: 'succeeded', serves: ['second'], failed: 0, modes: 2 }],
] as const)('a process that dies before its turn has come (%s)', (policy, expected) => {
  it('is replaced with the same end, whichever write to the store it died around', async () => {
    const { end, writes } = await told(policy);
    expect(end).toEqual(expected);
    expect(writes.slice(0, 2)).toEqual(['rollout-started', 'record turns']);
    const points = pointsIn(writes);
    expect(points.length).toBeGreaterThan(12);
    const ends = await sideBySide(points, async (point) => ({ point, ...(await told(policy, point)) }), 8);
    const wrong = ends.filter(({ end, crashed }) => !crashed || JSON.stringify(end) !== JSON.stringify(expected));
    expect(wrong.map(({ point, end, crashed }) => ({ point, end, crashed }))).toEqual([]);
  }, 300_000);
});

describe('processes that share a directory', () => {
  it('go one after the other, in the order in which they were started', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turns-'));
    try {
      // Each has a store of its own, as a process of its own would.
      await using race = new Race({}, new FileStore(directory));
      const first = await race.enter('first', 'wait');
      await first.reaches('await-green');
      const second = await race.enter('second', 'wait', { store: new FileStore(directory) });
      const third = await race.enter('third', 'wait', { store: new FileStore(directory) });
      const ends = await Promise.all([first, second, third].map(({ rollout }) => rollout.result()));
      expect(ends.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      const finished = ends.map(({ finishedAt }) => finishedAt ?? '');
      expect(finished).toEqual([...finished].sort());
      expect(race.serves()).toEqual(['third']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('the record of turns', () => {
  it('keeps no more of rollouts that have ended than is needed', async () => {
    const store = new MemoryStore();
    await using race = new Race({}, store);
    for (const id of ['one', 'two', 'three', 'four'])
      expect((await (await race.enter(id, 'wait')).rollout.result()).outcome).toBe('succeeded');
    const { tickets } = (await store.readRecord('turns'))?.value as unknown as {
      tickets: Array<{ rolloutId: string }>;
    };
    expect(tickets.map(({ rolloutId }) => rolloutId)).toEqual(['three', 'four']);
  });
});
