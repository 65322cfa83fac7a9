import { describe, expect, it } from 'vitest';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import { StoreWithOurErrors } from '../../src/stores/store-errors.js';
import { checkRolloutStore } from '../../src/testing/index.js';
import { rejection } from '../helpers/release.js';

describe('a user’s store', () => {
  it('works as before', async () => {
    await checkRolloutStore(async () => new StoreWithOurErrors(new MemoryStore()));
    expect(new StoreWithOurErrors(new MemoryStore()).durable).toBe(false);
  });

  it.each(['append', 'read', 'list', 'readRecord', 'writeRecord', 'close'] as const)(
    'fails with STORE_FAILED in %s, whatever its database throws',
    async (method) => {
      const throws = { [method]: () => Promise.reject(new TypeError('throughput exceeded')) };
      const under: RolloutStore = Object.assign(new MemoryStore(), throws);
      const store = new StoreWithOurErrors(under);
      const calls = {
        append: () => store.append('r', 0, []),
        read: () => store.read('r'),
        list: () => store.list(),
        readRecord: () => store.readRecord('x'),
        writeRecord: () => store.writeRecord('x', undefined, 1),
        close: () => store.close(),
      };
      const error = await rejection(calls[method]());
      expect(error.code).toBe('STORE_FAILED');
      expect(error.message).toBe(`the store failed to ${method}: TypeError: throughput exceeded`);
    },
  );

  it('keeps an error of ours as it is', async () => {
    const under = new MemoryStore();
    const ours = new BlueGreenError('STORE_CORRUPT', 'line 3');
    under.read = () => Promise.reject(ours);
    expect(await rejection(new StoreWithOurErrors(under).read('r'))).toBe(ours);
  });
});
