/**
 * Everything that a change has to pass: `npm run verify`; with `--quick`, what can be known in half a minute.
 *
 * What passes says so in one line, what fails shows its whole output, and nothing is left out because something else
 * failed. The last line counts checks and tests.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** Its output is worth reading even when it passes. */
  readonly shown?: boolean;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = 'node_modules/.cache/verify';
const COUNTS = `${CACHE}/tests.json`;

const check = (name: string, command: string, shown = false): Check => ({ name, command: command.split(' '), shown });

const QUICK = [
  [check('format', 'npm run -s format:check'), check('lint', 'npm run -s lint'), check('types', 'npm run -s types')],
];
const FULL = [
  ...QUICK,
  [check('build', 'npm run -s build'), check('unused code (knip)', 'npx --no-install knip')],
  [
    check('package (publint)', 'npx --no-install publint --strict'),
    check('types of the package (attw)', 'npx --no-install attw --pack . --format ascii --no-emoji'),
  ],
  [check('chaos', 'npm run -s chaos -- --seeds 3000 --over-wire 200', true)],
  [check('tests', `npx --no-install vitest run --reporter=default --reporter=json --outputFile.json=${COUNTS}`, true)],
];

const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', NO_COLOR: '1' };
// Together they make node warn about each other.
delete (env as Partial<Record<string, string>>).FORCE_COLOR;

function run({ command, shown }: Check): Promise<{ readonly passed: boolean; readonly output: string }> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (shown === true ? process.stdout.write(chunk) : chunks.push(chunk)));
    child.on('error', (error) => resolve({ passed: false, output: error.message }));
    child.on('close', (code) => resolve({ passed: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}

async function pass(one: Check): Promise<boolean> {
  const startedAt = performance.now();
  const { passed, output } = await run(one);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${one.name} (${seconds} s)\n`);
  if (!passed && output !== '') process.stdout.write(`${output.trimEnd()}\n`);
  return passed;
}

function countTests(): { readonly passed: number; readonly failed: number } {
  try {
    const counts = JSON.parse(readFileSync(`${ROOT}${COUNTS}`, 'utf8')) as Record<string, number>;
    return { passed: counts.numPassedTests ?? 0, failed: counts.numFailedTests ?? 0 };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

rmSync(`${ROOT}${COUNTS}`, { force: true });
mkdirSync(`${ROOT}${CACHE}`, { recursive: true });
const results: boolean[] = [];
// What stands in one row runs at once.
for (const row of process.argv.includes('--quick') ? QUICK : FULL) results.push(...(await Promise.all(row.map(pass))));

const tests = countTests();
const failedChecks = results.filter((passed) => !passed).length;
process.stdout.write(
  `\n${tests.passed + results.length - failedChecks} passed, ${tests.failed + failedChecks} failed\n`,
);
process.exitCode = failedChecks > 0 ? 1 : 0;
