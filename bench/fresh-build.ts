import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

/** What users import is measured, not the sources: builds it where it is missing or older than any of them. */
export function ensureFreshBuild(): void {
  const built = ['dist/index.js', 'dist/index.cjs'].map((path) => join(ROOT, path));
  const builtAt = Math.min(...built.map((path) => (existsSync(path) ? statSync(path).mtimeMs : 0)));
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(ROOT, 'src', path));
  const inputs = [...sources, ...['package.json', 'tsup.config.ts'].map((path) => join(ROOT, path))];
  if (inputs.every((path) => statSync(path).mtimeMs <= builtAt)) return;
  console.log('the build is missing or older than the sources: building');
  const { status, stderr } = spawnSync('npm', ['run', '-s', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed:\n${stderr}`);
}
