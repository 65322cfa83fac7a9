// Adds one to a record many times, against other processes that do the same. Arguments: directory, record, times.
import { FileStore } from '../../../src/stores/file-store.js';

const [directory = '', name = '', times = '0'] = process.argv.slice(2);
const store = new FileStore(directory);

for (let done = 0; done < Number(times); ) {
  const found = await store.readRecord(name);
  const answer = await store.writeRecord(name, found?.revision, Number(found?.value ?? 0) + 1);
  if (answer !== 'conflict') done += 1;
}
