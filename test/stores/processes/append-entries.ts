// Appends to one journal for as long as it is told to, against other processes that do the same, and says on standard
// output what was acknowledged. Arguments: directory, rollout id, own name, number of writes, first seed.
import { FileStore } from '../../../src/stores/file-store.js';

const [directory = '', rolloutId = '', name = '', writes = '0', size = '1'] = process.argv.slice(2);
const store = new FileStore(directory);
let known = 0;
let conflicts = 0;

for (let n = 0; n < Number(writes); ) {
  const count = 1 + ((n * 7) % 4);
  const batch = Array.from({ length: count }, (_, i) => ({ by: name, n, i, count, fill: 'x'.repeat(Number(size)) }));
  try {
    await store.append(rolloutId, known, batch);
    process.stdout.write(`${JSON.stringify({ at: known, n, count })}\n`);
    known += count;
    n += 1;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ROLLOUT_CONFLICT') throw error;
    conflicts += 1;
    // Every third time it goes on guessing, as a writer would that looked too early.
    known = conflicts % 3 === 0 ? known + 1 : (await store.read(rolloutId)).length;
  }
}
