// Appends one entry that the limit on the size of its files cuts short, and says how it went. Arguments: directory, limit.
import { execFileSync } from 'node:child_process';
import { FileStore } from '../../../src/stores/file-store.js';

const [directory = '', limit = ''] = process.argv.slice(2);
const store = new FileStore(directory);
await store.append('r', 0, [{ n: 0 }]);
// Without a listener the signal ends the process before the error can be seen.
process.on('SIGXFSZ', () => {});
execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}`]);
try {
  await store.append('r', 1, [{ n: 1 }, { n: 2, text: 'x'.repeat(Number(limit)) }]);
  process.stdout.write('appended');
} catch (error) {
  process.stdout.write(String((error as { code?: unknown }).code));
}
