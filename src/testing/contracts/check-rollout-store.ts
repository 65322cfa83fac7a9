import { canonicalJson, type Json } from '../../internal/json.js';
import { systemNewId } from '../../internal/system-random.js';
import type { RolloutStore, StoredEntry } from '../../ports/rollout-store.js';
import { checkRecords } from './check-records.js';
import { expectConflict, expectSame, promise } from './expectations.js';

/**
 * Says whether a store keeps the promises of `RolloutStore`: it resolves when it does, and rejects with an error that
 * names the first promise that is broken.
 *
 * It needs no test runner. It writes rollouts and records under new names and leaves them there, so give it a store that
 * can be thrown away. Nothing in it waits.
 *
 * @example
 * ```ts
 * import { FileStore } from 'elastigroup-bluegreen';
 * import { checkRolloutStore } from 'elastigroup-bluegreen/testing';
 * await checkRolloutStore(async () => new FileStore('/tmp/store-under-test'));
 * ```
 */
export async function checkRolloutStore(makeStore: () => Promise<RolloutStore>): Promise<void> {
  const store = await makeStore();
  const prefix = systemNewId();
  try {
    if (typeof store.durable !== 'boolean') throw new Error('store promise broken: `durable` is true or false');
    await checkUnknown(store, `${prefix}-unknown`);
    await checkAppend(store, `${prefix}-append`);
    await checkExpectedLength(store, `${prefix}-length`);
    await checkBatches(store, `${prefix}-batches`);
    await checkFidelity(store, `${prefix}-fidelity`);
    await checkNames(store, prefix);
    await checkConcurrentAppends(store, `${prefix}-race`);
    await checkRecords(store, prefix);
  } finally {
    await store.close?.();
  }
}

const entry = (n: number): StoredEntry => ({ kind: 'checked', n });
const range = (from: number, to: number): StoredEntry[] =>
  Array.from({ length: to - from }, (_, index) => entry(from + index));

async function checkUnknown(store: RolloutStore, id: string): Promise<void> {
  await promise('a rollout without a journal reads as an empty list', async () => {
    expectSame('read', await store.read(id), []);
    expectSame('read from 3', await store.read(id, 3), []);
  });
  await promise('a rollout without a journal is not listed', async () => {
    expectSame('list() has it', (await store.list()).includes(id), false);
  });
  await promise('a journal that does not exist has length 0', async () => {
    await expectConflict(() => store.append(id, 1, [entry(1)]));
    expectSame('read', await store.read(id), []);
    expectSame('list() has it', (await store.list()).includes(id), false);
  });
}

async function checkAppend(store: RolloutStore, id: string): Promise<void> {
  await promise('what was appended is read back, in order', async () => {
    await store.append(id, 0, [entry(0)]);
    await store.append(id, 1, [entry(1)]);
    await store.append(id, 2, [entry(2)]);
    expectSame('read', await store.read(id), range(0, 3));
  });
  await promise('read starts at the number it is given', async () => {
    expectSame('read from 0', await store.read(id, 0), range(0, 3));
    expectSame('read from 1', await store.read(id, 1), range(1, 3));
    expectSame('read from 3, the end', await store.read(id, 3), []);
    expectSame('read from 9, behind the end', await store.read(id, 9), []);
  });
  await promise('a rollout with a journal is listed once', async () => {
    const listed = (await store.list()).filter((known) => known === id);
    expectSame('times listed', listed.length, 1);
  });
  await promise('journals do not mix', async () => {
    await store.append(`${id}-b`, 0, [entry(100)]);
    expectSame('the other journal', await store.read(`${id}-b`), [entry(100)]);
    expectSame('the first journal', await store.read(id), range(0, 3));
  });
}

async function checkExpectedLength(store: RolloutStore, id: string): Promise<void> {
  await store.append(id, 0, range(0, 3));
  for (const [expectedLength, what] of [
    [0, 'as if the journal were new'],
    [2, 'by a writer that missed an entry'],
    [4, 'behind a gap'],
  ] as const) {
    await promise(`an append ${what} is refused with ROLLOUT_CONFLICT and changes nothing`, async () => {
      await expectConflict(() => store.append(id, expectedLength, [entry(9)]));
      expectSame('read', await store.read(id), range(0, 3));
    });
  }
  await promise('a late batch that is longer than what came before it is refused whole', async () => {
    await expectConflict(() => store.append(id, 1, range(90, 96)));
    expectSame('read', await store.read(id), range(0, 3));
  });
  await promise('a refused append does not stand in the way of the next one', async () => {
    await store.append(id, 3, [entry(3)]);
    expectSame('read', await store.read(id), range(0, 4));
  });
}

async function checkBatches(store: RolloutStore, id: string): Promise<void> {
  await promise('a batch is appended whole and in order', async () => {
    await store.append(id, 0, range(0, 5));
    await store.append(id, 5, range(5, 25));
    expectSame('read', await store.read(id), range(0, 25));
    await store.append(id, 25, [entry(25)]);
    expectSame('read from 23', await store.read(id, 23), range(23, 26));
  });
  await promise('an empty batch adds nothing and still checks the length', async () => {
    await store.append(id, 26, []);
    await expectConflict(() => store.append(id, 7, []));
    expectSame('read from 25', await store.read(id, 25), [entry(25)]);
  });
  await promise('an empty batch makes no journal', async () => {
    await store.append(`${id}-empty`, 0, []);
    expectSame('list() has it', (await store.list()).includes(`${id}-empty`), false);
  });
}

/** Values that serialisers, line formats and databases are known to change. */
const VALUES: readonly Json[] = [
  null,
  [true, false, 0, -1.5, 1e-7, 9_007_199_254_740_991, 1.7976931348623157e308],
  ['', ' ', '\t', '\r\n', '\u0000', '\u001e', '\u2028\u2029', '"\\', '\\n', "'", '\ud83d\ude80', 'e\u0301', '\ud800'],
  [[], {}, [[]], [{}], { a: { b: { c: [] } } }],
  { '': 1, 'a.b': 2, $set: 3, constructor: 4, toString: 5, '1': 6, length: 7 },
  JSON.parse('{"__proto__":{"x":1}}') as Json,
  '2024-02-30T00:00:00.000Z',
];

async function checkFidelity(store: RolloutStore, id: string): Promise<void> {
  await promise('every JSON value is given back unchanged', async () => {
    await store.append(
      id,
      0,
      VALUES.map((value) => ({ value })),
    );
    const found = await store.read(id);
    for (const [index, value] of VALUES.entries()) expectSame(`value ${index}`, found[index]?.value, value);
    expectSame('number of entries', found.length, VALUES.length);
  });
  await promise('members that are undefined are left out', async () => {
    await store.append(`${id}-undefined`, 0, [{ a: 1, b: undefined }]);
    expectSame('members', Object.keys((await store.read(`${id}-undefined`))[0] ?? {}), ['a']);
  });
  await promise('an entry of a megabyte is kept', async () => {
    const large = { text: 'grün 🚀\n'.repeat(100_000) };
    await store.append(`${id}-large`, 0, [entry(0), large, entry(2)]);
    expectSame(
      'what was read',
      canonicalJson(await store.read(`${id}-large`)) === canonicalJson([entry(0), large, entry(2)]),
      true,
    );
  });
  await promise('what is given back is not what is kept: changing it changes nothing', async () => {
    const given = { list: [1] };
    await store.append(`${id}-copies`, 0, [given]);
    given.list.push(2);
    const [read] = (await store.read(`${id}-copies`)) as { list: number[] }[];
    try {
      read?.list.push(3);
    } catch {
      // A store may just as well answer what cannot be changed.
    }
    expectSame('read', await store.read(`${id}-copies`), [{ list: [1] }]);
  });
}

async function checkNames(store: RolloutStore, prefix: string): Promise<void> {
  const ids = [
    `${prefix}/../up`,
    `../${prefix}`,
    `${prefix}.`,
    `.${prefix}`,
    `${prefix} ü #%2f?*:"\\`,
    `${prefix} U`,
    `${prefix} u`,
    `${prefix}-${'ü'.repeat(110)}`,
    `${prefix}-${'ü'.repeat(109)}u`,
  ];
  await promise('any string of up to 128 characters is an id, and different ids are different journals', async () => {
    for (const [index, id] of ids.entries()) await store.append(id, 0, [entry(index)]);
    for (const [index, id] of ids.entries()) expectSame(`journal ${id}`, await store.read(id), [entry(index)]);
    const listed = new Set(await store.list());
    for (const id of ids) expectSame(`list() has ${id}`, listed.has(id), true);
  });
}

async function checkConcurrentAppends(store: RolloutStore, id: string): Promise<void> {
  await promise('of appends at the same time with the same expectedLength exactly one wins', async () => {
    const winners: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      // Batches of different lengths: the end of a longer loser must not pass for the next entries.
      const batches = [[entry(round)], [entry(round + 0.25), entry(round + 0.5)]];
      const order = round % 2 === 0 ? batches : batches.toReversed();
      const length = winners.length;
      const outcomes = await Promise.allSettled(order.map((batch) => store.append(id, length, batch)));
      const won = order.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      expectSame('appends that won', won.length, 1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') await expectConflict(() => Promise.reject(outcome.reason as Error));
      }
      winners.push(...won.flat().map(({ n }) => n as number));
      expectSame('read', await store.read(id), winners.map(entry));
    }
  });
}
