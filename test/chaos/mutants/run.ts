import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * Plants each bug of this folder into a copy of the source, and tells stories until one breaks a rule:
 * `npx tsx test/chaos/mutants/run.ts [--seeds N] [name …]`. A mutant that survives wants a stronger generator or rule.
 */
const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COPIED = ['src', 'test', 'package.json', 'tsconfig.json'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '5000' } },
});
const patches = readdirSync(HERE).filter((name) => name.endsWith('.patch'));
const asked = patches.filter((name) => positionals.length === 0 || positionals.includes(name.replace('.patch', '')));
if (asked.length === 0) {
  console.error(`no such mutant; there are ${patches.map((name) => name.replace('.patch', '')).join(', ')}`);
  process.exit(2);
}

const tell = (cwd: string, args: readonly string[]) =>
  spawnSync('npx', ['tsx', 'test/chaos/run.ts', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });

function hunt(patch: string): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const each of COPIED) cpSync(join(ROOT, each), join(copy, each), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const applied = spawnSync('patch', ['-p1', '--no-backup-if-mismatch', '-i', join(HERE, patch)], {
      cwd: copy,
      encoding: 'utf8',
    });
    if (applied.status !== 0) throw new Error(`${patch} does not apply any more:\n${applied.stdout}`);
    const skip: string[] = [];
    for (;;) {
      const { status, stdout, stderr } = tell(copy, ['--first', '--seeds', values.seeds, '--skip', skip.join(',')]);
      if (status === 0) {
        console.log(`SURVIVED ${patch}`);
        return false;
      }
      const [, seed] = /^seed (\d+) \(/m.exec(stdout) ?? [];
      if (status !== 1 || seed === undefined) throw new Error(`${patch}: no stories were told:\n${stderr}`);
      // What breaks without the planted bug too says nothing about it.
      if (tell(ROOT, ['--seeds', '1', '--from', seed, '--first']).status === 0) {
        console.log(
          `found ${patch} by ${stdout
            .slice(stdout.indexOf(`seed ${seed}`))
            .split('\n')
            .slice(0, 2)
            .join('')}`,
        );
        return true;
      }
      skip.push(seed);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const found = asked.map(hunt).filter(Boolean).length;
console.log(`${found} of ${asked.length} planted bugs were found within ${values.seeds} stories.`);
process.exitCode = found === asked.length ? 0 : 1;
