import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/internal/json.js';
import type { RolloutStore, StoredEntry } from '../../src/ports/rollout-store.js';
import { FileStore } from '../../src/stores/file-store.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import { checkRolloutStore } from '../../src/testing/contracts/check-rollout-store.js';

test('MemoryStore keeps its promises', async () => {
  await checkRolloutStore(async () => new MemoryStore());
});

test('FileStore keeps its promises, also in a directory that is in use', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'check-store-'));
  try {
    for (let time = 0; time < 3; time += 1) await checkRolloutStore(async () => new FileStore(directory));
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('closes the store, whether it is good or not', async () => {
  let closed = 0;
  class Closing extends MemoryStore {
    async close() {
      closed += 1;
    }
  }
  await checkRolloutStore(async () => new Closing());
  class Broken extends Closing {
    override async list() {
      return [];
    }
  }
  await expect(checkRolloutStore(async () => new Broken())).rejects.toThrow('store promise broken');
  expect(closed).toBe(2);
});

type Entries = readonly StoredEntry[];

/** Appends what it is given whatever the journal's length is. */
const force = async (store: RolloutStore, id: string, entries: Entries) =>
  store.append(id, (await store.read(id)).length, entries);

/** MemoryStore with one fault, by name. */
const FAULTS: Record<string, (good: MemoryStore) => Partial<RolloutStore>> = {
  'ignores expectedLength': (good) => ({ append: (id, _length, entries) => force(good, id, entries) }),
  'only refuses an expectedLength that is too small': (good) => ({
    append: async (id, length, entries) =>
      length > (await good.read(id)).length ? force(good, id, entries) : good.append(id, length, entries),
  }),
  'only checks expectedLength 0': (good) => ({
    append: async (id, length, entries) => (length === 0 ? good.append(id, 0, entries) : force(good, id, entries)),
  }),
  'refuses with another code': (good) => ({
    append: async (id, length, entries) => {
      await good.append(id, length, entries).catch(() => Promise.reject(new Error('ROLLOUT_CONFLICT')));
    },
  }),
  'swallows a conflict': (good) => ({
    append: (id, length, entries) => good.append(id, length, entries).catch(() => {}),
  }),
  'keeps the end of a late batch': (good) => ({
    append: async (id, length, entries) => {
      const found = (await good.read(id)).length;
      if (length < found) await good.append(id, found, entries.slice(found - length));
      await good.append(id, length, entries);
    },
  }),
  'loses the last entry of a batch': (good) => ({
    append: (id, length, entries) => good.append(id, length, entries.length > 1 ? entries.slice(0, -1) : entries),
  }),
  'turns a batch round': (good) => ({ append: (id, length, entries) => good.append(id, length, entries.toReversed()) }),
  'keeps only the last append': (good) => {
    const lengths = new Map<string, number>();
    return {
      read: async (id, from = 0) =>
        (await good.read(id)).map((entry, n) => (n < (lengths.get(id) ?? 0) ? { lost: true } : entry)).slice(from),
      append: async (id, length, entries) => {
        await good.append(id, length, entries);
        lengths.set(id, length);
      },
    };
  },
  'checks the length, then waits, then writes': (good) => ({
    append: async (id, length, entries) => {
      if ((await good.read(id)).length !== length) return good.append(id, length, entries);
      await new Promise((resolve) => void setImmediate(resolve));
      return force(good, id, entries);
    },
  }),
  'ignores from': (good) => ({ read: (id) => good.read(id) }),
  'counts from one': (good) => ({ read: (id, from) => good.read(id, from === undefined || from === 0 ? 0 : from - 1) }),
  'throws for what it does not know': (good) => ({
    read: async (id, from) => {
      if (!(await good.list()).includes(id)) throw new Error('unknown');
      return good.read(id, from);
    },
  }),
  'lists nothing': () => ({ list: async () => [] }),
  'lists twice': (good) => ({ list: async () => [...(await good.list()), ...(await good.list())] }),
  'lists what has no entry': (good) => {
    const seen = new Set<string>();
    return {
      list: async () => [...new Set([...(await good.list()), ...seen])],
      append: (id, length, entries) => {
        seen.add(id);
        return good.append(id, length, entries);
      },
    };
  },
  'keeps all journals in one': (good) => ({
    append: (_id, length, entries) => good.append('all', length, entries),
    read: (_id, from) => good.read('all', from),
  }),
  'ignores case in ids': (good) => ({
    append: (id, length, entries) => good.append(id.toLowerCase(), length, entries),
    read: (id, from) => good.read(id.toLowerCase(), from),
  }),
  'cuts long ids': (good) => ({
    append: (id, length, entries) => good.append(id.slice(0, 100), length, entries),
    read: (id, from) => good.read(id.slice(0, 100), from),
  }),
  'cuts large entries': (good) => ({
    append: (id, length, entries) =>
      good.append(
        id,
        length,
        entries.map((entry) => (JSON.stringify(entry).length > 65_536 ? { cut: true } : entry)),
      ),
  }),
  'replaces half characters': (good) => ({
    append: (id, length, entries) =>
      good.append(id, length, JSON.parse(JSON.stringify(entries).replaceAll('\\ud800', '?')) as Entries),
  }),
  'drops null': (good) => ({
    append: (id, length, entries) =>
      good.append(
        id,
        length,
        entries.map((entry) => Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null))),
      ),
  }),
  'gives back what it keeps': () => {
    const kept = new Map<string, StoredEntry[]>();
    return {
      append: async (id, length, entries) => {
        if ((kept.get(id) ?? []).length !== length) throw Object.assign(new Error(), { code: 'ROLLOUT_CONFLICT' });
        if (entries.length > 0) kept.set(id, [...(kept.get(id) ?? []), ...structuredClone(entries)]);
      },
      read: async (id, from = 0) => (kept.get(id) ?? []).slice(from),
      list: async () => [...kept.keys()],
    };
  },
  'compare-and-set that always succeeds': (good) => ({
    writeRecord: async (name, _revision, value) =>
      good.writeRecord(name, (await good.readRecord(name))?.revision, value),
  }),
  'compare-and-set that ignores an undefined revision': (good) => ({
    writeRecord: async (name, revision, value) =>
      good.writeRecord(name, revision ?? (await good.readRecord(name))?.revision, value),
  }),
  'compare-and-set that does not know that null is free': (good) => ({
    writeRecord: async (name, revision, value) =>
      revision === undefined && (await good.readRecord(name)) !== undefined
        ? 'conflict'
        : good.writeRecord(name, revision, value),
  }),
  'compare-and-set that takes all that is falsy for free': (good) => ({
    writeRecord: async (name, revision, value) => {
      const found = await good.readRecord(name);
      const free = revision === undefined && found !== undefined && !found.value;
      return good.writeRecord(name, free ? found.revision : revision, value);
    },
  }),
  'compare-and-set that checks, waits, then writes': (good) => ({
    writeRecord: async (name, revision, value) => {
      const found = await good.readRecord(name);
      const asExpected = revision === undefined ? (found?.value ?? null) === null : found?.revision === revision;
      if (!asExpected) return 'conflict';
      await new Promise((resolve) => void setImmediate(resolve));
      return good.writeRecord(name, (await good.readRecord(name))?.revision, value);
    },
  }),
  'writes and answers conflict': (good) => ({
    writeRecord: async (name, revision, value) => {
      const answer = await good.writeRecord(name, revision, value);
      if (answer === 'conflict') await good.writeRecord(name, (await good.readRecord(name))?.revision, value);
      return answer;
    },
  }),
  'answers the revision from before': (good) => ({
    writeRecord: async (name, revision, value) => {
      const answer = await good.writeRecord(name, revision, value);
      return answer === 'conflict' ? answer : answer - 1;
    },
  }),
  'deletes a record that becomes null, and starts over': () => {
    const kept = new Map<string, { revision: number; value: Json }>();
    return {
      readRecord: async (name) => kept.get(name),
      writeRecord: async (name, revision, value) => {
        const found = kept.get(name);
        if (found?.revision !== revision) return 'conflict';
        if (value === null) kept.delete(name);
        else kept.set(name, { revision: (found?.revision ?? 0) + 1, value });
        return (found?.revision ?? 0) + 1;
      },
    };
  },
  'revisions that wrap': (good) => ({
    readRecord: async (name) => {
      const found = await good.readRecord(name);
      return found && { revision: found.revision % 16, value: found.value };
    },
    writeRecord: async (name, revision, value) => {
      const found = await good.readRecord(name);
      const matches = revision !== undefined && found !== undefined && found.revision % 16 === revision;
      const answer = await good.writeRecord(name, matches ? found.revision : revision, value);
      return answer === 'conflict' ? answer : answer % 16;
    },
  }),
  'keeps all records in one': (good) => ({
    readRecord: () => good.readRecord('all'),
    writeRecord: (_name, revision, value) => good.writeRecord('all', revision, value),
  }),
  'lists records as rollouts': (good) => {
    const names = new Set<string>();
    return {
      list: async () => [...(await good.list()), ...names],
      writeRecord: (name, revision, value) => {
        names.add(name);
        return good.writeRecord(name, revision, value);
      },
    };
  },
  'does not say whether it is durable': () => ({ durable: undefined as unknown as boolean }),
};

describe('a store is found out that', () => {
  test.each(Object.entries(FAULTS))('%s', async (_fault, plant) => {
    const good = new MemoryStore();
    const bound: RolloutStore = {
      durable: false,
      append: good.append.bind(good),
      read: good.read.bind(good),
      list: good.list.bind(good),
      readRecord: good.readRecord.bind(good),
      writeRecord: good.writeRecord.bind(good),
    };
    await checkRolloutStore(async () => ({ ...bound }));
    await expect(checkRolloutStore(async () => ({ ...bound, ...plant(good) }))).rejects.toThrow(
      /^store promise broken: ./,
    );
  });
});
