import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.js';
import { checkRolloutStore } from '../../src/testing/index.js';
import { cloudOf, driverOf, specOf } from '../helpers/crash.js';

type Item = { readonly pk: string; readonly sk: string; readonly [name: string]: unknown };
interface Put {
  readonly Item: Item;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}
interface Query {
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeValues: Readonly<Record<string, string>>;
  readonly ConsistentRead?: boolean;
  readonly ExclusiveStartKey?: Pick<Item, 'pk' | 'sk'>;
}

const PAGE_ITEMS = 7;
const keyOf = ({ pk, sk }: Pick<Item, 'pk' | 'sk'>): string => `${pk}\n${sk}`;
const byKey = (a: Item, b: Item): number => Buffer.compare(Buffer.from(a.sk), Buffer.from(b.sk));

const sizeOf = (item: Item): number =>
  Object.entries(item).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name) + (value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value))),
    0,
  );

function cancelled(...codes: readonly string[]): Error {
  return Object.assign(new Error('Transaction cancelled'), {
    name: 'TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

/** What DynamoDB promises of one table, and no more than that. */
class MemoryTable {
  #items = new Map<string, Item>();
  /** What a read that is not consistent answers: everything before the last write. */
  #stale = new Map<string, Item>();
  #writes = 0;

  async transactWrite({ TransactItems }: { TransactItems: ReadonlyArray<{ Put: Put }> }): Promise<unknown> {
    await Promise.resolve();
    const puts = TransactItems.map(({ Put: put }) => put);
    const sizes = puts.map(({ Item: item }) => sizeOf(item));
    if (puts.length > 100 || sizes.some((size) => size > 400_000) || sizes.reduce((a, b) => a + b, 0) > 4_000_000)
      throw Object.assign(new Error('Member must have length less than or equal to 100'), {
        name: 'ValidationException',
      });
    if (new Set(puts.map(({ Item: item }) => keyOf(item))).size < puts.length)
      throw Object.assign(new Error('two operations on one item'), { name: 'ValidationException' });
    this.#writes += 1;
    if (this.#writes % 5 === 0) throw cancelled('TransactionConflict', ...puts.slice(1).map(() => 'None'));
    const held = puts.map((put) => this.#holds(put));
    if (held.includes(false)) throw cancelled(...held.map((holds) => (holds ? 'None' : 'ConditionalCheckFailed')));
    this.#stale = new Map(this.#items);
    for (const { Item: item } of puts) this.#items.set(keyOf(item), structuredClone(item));
    return {};
  }

  async query(input: Query): Promise<{ Items: Item[]; LastEvaluatedKey?: object }> {
    await Promise.resolve();
    const { ConsistentRead = false, ExclusiveStartKey: after, ExpressionAttributeValues: values } = input;
    const { ':pk': pk, ':first': first, ':last': last } = values;
    const ranged = /^pk = :pk AND sk BETWEEN :first AND :last$/.test(input.KeyConditionExpression);
    if (!ranged) expect(input.KeyConditionExpression).toBe('pk = :pk');
    const within = ({ sk }: Item): boolean =>
      !ranged ||
      (Buffer.from(sk).compare(Buffer.from(first ?? '')) >= 0 && Buffer.from(sk).compare(Buffer.from(last ?? '')) <= 0);
    const items = ConsistentRead ? this.#items : this.#stale;
    const found = [...items.values()].filter((item) => item.pk === pk && within(item)).sort(byKey);
    const begin = after === undefined ? 0 : found.findIndex((item) => keyOf(item) === keyOf(after)) + 1;
    const page = found.slice(begin, begin + PAGE_ITEMS);
    const end = page.at(-1);
    const more = begin + PAGE_ITEMS < found.length && end !== undefined;
    return { Items: structuredClone(page), ...(more ? { LastEvaluatedKey: { pk: end.pk, sk: end.sk } } : {}) };
  }

  #holds({ Item: item, ConditionExpression: condition, ExpressionAttributeValues: values = {} }: Put): boolean {
    const found = this.#items.get(keyOf(item));
    if (condition === undefined) return true;
    if (condition === 'attribute_not_exists(pk)') return found === undefined;
    const [, attribute = ''] = /^(\w+) = :expected$/.exec(condition) ?? [];
    expect(attribute).not.toBe('');
    return found !== undefined && found[attribute] === values[':expected'];
  }
}

type Store = new (table: MemoryTable) => library.RolloutStore;

/** The class of the page, as the page has it but for what is replaced. */
function storeOfThePage(replaced = '', by = ''): Store {
  const page = readFileSync(new URL('../../docs/stores.md', import.meta.url), 'utf8');
  const [, shown = ''] = /```ts\n(.*?class DynamoStore.*?)```/s.exec(page) ?? [];
  expect(shown).toContain(replaced);
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(shown.replaceAll(replaced || '\0', by), { compilerOptions });
  const exported: { DynamoStore?: Store } = {};
  const load = (name: string): unknown => {
    expect(name).toBe('elastigroup-bluegreen');
    return library;
  };
  const run = compileFunction(outputText, ['require', 'exports']) as (load: object, exported: object) => void;
  run(load, exported);
  if (exported.DynamoStore === undefined) throw new Error('docs/stores.md shows no DynamoStore');
  return exported.DynamoStore;
}

describe('the store that docs/stores.md shows', () => {
  it('keeps what a store promises, on a table that conflicts, has pages, and answers late unless asked not to', async () => {
    const DynamoStore = storeOfThePage();
    await checkRolloutStore(async () => new DynamoStore(new MemoryTable()));
  });

  it.each([
    ['it reads what may be stale', 'ConsistentRead: true,', 'ConsistentRead: false,'],
    ['it sets without a condition', "ConditionExpression: 'attribute_not_exists(pk)'", ''],
    ['it ignores the revision', 'ConditionExpression: `${attribute} = :expected`,', ''],
    ['it reads one page', 'if (next === undefined) return items', 'return items'],
    ['it writes whole entries', 'PART_BYTES = 300_000', 'PART_BYTES = 3_000_000'],
  ])('would not if %s', async (_what, replaced, by) => {
    const DynamoStore = storeOfThePage(replaced, by);
    await expect(checkRolloutStore(async () => new DynamoStore(new MemoryTable()))).rejects.toThrow();
  });

  it('carries a rollout that one process begins and another one ends', async () => {
    await using cloud = cloudOf();
    const DynamoStore = storeOfThePage();
    const table = new MemoryTable();
    const first = driverOf(cloud, new DynamoStore(table), 1, {
      onEvent: ({ name, data }) => {
        if (name === 'step:run:started' && data.step === 'await-green') void first.suspend();
      },
    });
    expect((await (await first.start(specOf(cloud), { id: 'shop-412' })).result()).outcome).toBe('suspended');
    const second = driverOf(cloud, new DynamoStore(table), 2);
    expect((await (await second.resume('shop-412')).result()).outcome).toBe('succeeded');
    await Promise.all([first.close(), second.close()]);
  });
});
