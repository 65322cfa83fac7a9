import type { Json } from '../../internal/json.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import { expectSame, promise } from './expectations.js';

/** Checks what a store promises about records: compare-and-set, and numbers that never come back. */
export async function checkRecords(store: RolloutStore, prefix: string): Promise<void> {
  await checkCompareAndSet(store, `target/${prefix}/../set`);
  await checkNull(store, `target/${prefix}/null`);
  await checkGenerations(store, `target/${prefix}/generations`);
  await checkConcurrentWrites(store, `target/${prefix}/race`);
}

async function write(store: RolloutStore, name: string, expected: number | undefined, value: Json): Promise<number> {
  const revision = await store.writeRecord(name, expected, value);
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision)) {
    throw new Error(`expected a revision, found ${JSON.stringify(revision)}`);
  }
  return revision;
}

async function checkCompareAndSet(store: RolloutStore, name: string): Promise<void> {
  await promise('a record that nobody wrote is undefined', async () => {
    expectSame('is undefined', (await store.readRecord(name)) === undefined, true);
  });
  await promise('a record that does not exist has no revision to expect', async () => {
    for (const revision of [0, 1]) expectSame('answer', await store.writeRecord(name, revision, 'x'), 'conflict');
    expectSame('is undefined', (await store.readRecord(name)) === undefined, true);
  });
  await promise('a written record is read back with the revision that the write answered', async () => {
    const revision = await write(store, name, undefined, { holder: 'a', terms: [1, null] });
    expectSame('record', await store.readRecord(name), { revision, value: { holder: 'a', terms: [1, null] } });
  });
  await promise('a record that exists is not made again: the answer is conflict, and nothing changes', async () => {
    const before = await store.readRecord(name);
    expectSame('answer', await store.writeRecord(name, undefined, { holder: 'b' }), 'conflict');
    expectSame('record', await store.readRecord(name), { revision: before?.revision, value: before?.value });
  });
  await promise('a record is replaced only by a writer that knows its revision', async () => {
    const first = (await store.readRecord(name))?.revision ?? 0;
    const second = await write(store, name, first, { holder: 'b' });
    expectSame('the revision went up', second > first, true);
    for (const stale of [first, second + 1, 0]) {
      expectSame(`answer to revision ${stale}`, await store.writeRecord(name, stale, { holder: 'c' }), 'conflict');
    }
    expectSame('record', await store.readRecord(name), { revision: second, value: { holder: 'b' } });
  });
  await promise('records do not mix', async () => {
    const revision = await write(store, `${name}-b`, undefined, 'other');
    expectSame('the other record', await store.readRecord(`${name}-b`), { revision, value: 'other' });
    expectSame('the value of the first', (await store.readRecord(name))?.value, { holder: 'b' });
  });
  await promise('a record is not a rollout', async () => {
    expectSame('list() has it', (await store.list()).includes(name), false);
    expectSame('read', await store.read(name), []);
  });
}

async function checkNull(store: RolloutStore, name: string): Promise<void> {
  await promise('a record with value null is free: it can be written with and without its revision', async () => {
    const held = await write(store, name, undefined, 'held');
    const freed = await write(store, name, held, null);
    expectSame('record', await store.readRecord(name), { revision: freed, value: null });
    const heldAgain = await write(store, name, undefined, 'held again');
    expectSame('the revision went up', held < freed && freed < heldAgain, true);
    const freedAgain = await write(store, name, heldAgain, null);
    const heldOnceMore = await write(store, name, freedAgain, 'held once more');
    expectSame('record', await store.readRecord(name), { revision: heldOnceMore, value: 'held once more' });
  });
  await promise('a holder from before a record was free cannot write it', async () => {
    const now = await store.readRecord(name);
    expectSame('answer', await store.writeRecord(name, (now?.revision ?? 0) - 2, 'late'), 'conflict');
    expectSame('value', (await store.readRecord(name))?.value, 'held once more');
  });
  await promise('0, false and empty values are not null', async () => {
    for (const [index, value] of [0, false, '', [], {}].entries()) {
      await write(store, `${name}/${index}`, undefined, value);
      expectSame('answer', await store.writeRecord(`${name}/${index}`, undefined, 'x'), 'conflict');
      expectSame('value', (await store.readRecord(`${name}/${index}`))?.value, value);
    }
  });
}

async function checkGenerations(store: RolloutStore, name: string): Promise<void> {
  await promise('a revision never comes back, however often the record changes', async () => {
    const revisions: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      const revision = await write(store, name, revisions.at(-1), n);
      expectSame('the revision went up', revision > (revisions.at(-1) ?? -1), true);
      revisions.push(revision);
    }
    for (const stale of revisions.slice(0, -1)) {
      expectSame(`answer to revision ${stale}`, await store.writeRecord(name, stale, 'late'), 'conflict');
    }
    expectSame('record', await store.readRecord(name), { revision: revisions.at(-1), value: 39 });
  });
}

async function checkConcurrentWrites(store: RolloutStore, name: string): Promise<void> {
  await promise('of writes at the same time with the same revision exactly one wins', async () => {
    let known: number | undefined;
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        ['a', 'b', 'c'].map((writer) => store.writeRecord(name, known, `${round}${writer}`)),
      );
      const won = answers.flatMap((answer, index) => (answer === 'conflict' ? [] : [{ answer, index }]));
      expectSame('writes that won', won.length, 1);
      const [winner] = won;
      known = winner?.answer;
      const value = `${round}${'abc'.charAt(winner?.index ?? 0)}`;
      expectSame('record', await store.readRecord(name), { revision: known, value });
    }
  });
}
