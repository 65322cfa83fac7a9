import { expect, test } from 'vitest';
import { MemoryStore } from '../../src/stores/memory-store.js';

test('says that everything is lost with this process', () => {
  expect(new MemoryStore().durable).toBe(false);
});

test('two stores share nothing', async () => {
  const [one, other] = [new MemoryStore(), new MemoryStore()];
  await one.append('r', 0, [{ n: 0 }]);
  await one.writeRecord('lock', undefined, 'held');
  expect(await other.read('r')).toEqual([]);
  expect(await other.list()).toEqual([]);
  expect(await other.readRecord('lock')).toBeUndefined();
});

test('a conflict names the rollout and both lengths', async () => {
  const store = new MemoryStore();
  await store.append('r', 0, [{ n: 0 }]);
  await expect(store.append('r', 5, [{ n: 1 }])).rejects.toMatchObject({
    code: 'ROLLOUT_CONFLICT',
    details: { rolloutId: 'r', expectedLength: 5, length: 1 },
  });
});
