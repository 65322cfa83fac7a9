import { spawnSync } from 'node:child_process';
import { ROOT } from './fresh-build.js';

export type ModuleFormat = 'ESM' | 'CJS';

export interface ImportCost {
  readonly ms: number;
  readonly peakMb: number;
}

/** Imports modules, one after the other, in a process of its own; the start of Node itself is not in the time. */
export function importCold(format: ModuleFormat, modules: readonly string[]): ImportCost {
  const load = (name: string): string =>
    format === 'ESM' ? `await import(${JSON.stringify(name)});` : `require(${JSON.stringify(name)});`;
  const script = `const from = performance.now();
${modules.map(load).join('\n')}
const ms = performance.now() - from;
console.log(JSON.stringify({ ms, peakMb: process.resourceUsage().maxRSS / 1024 }));`;
  return JSON.parse(runNode(format, [], script)) as ImportCost;
}

/** The packages of `node_modules` from which a bare import of a module loads anything. */
export function packagesLoadedBy(format: ModuleFormat, module: string): readonly string[] {
  const required = 'for (const path of Object.keys(require.cache)) console.log(path);';
  if (format === 'CJS') {
    const script = `require(${JSON.stringify(module)}); ${required}`;
    return packagesAmong(runNode(format, [], script).split('\n'));
  }
  const script = `await import(${JSON.stringify(module)});
const { createRequire } = await import('node:module');
const require = createRequire(process.cwd() + '/');
${required}`;
  return packagesAmong(runNode(format, ['--import', dataUrl(TELL_WHAT_IS_LOADED)], script).split('\n'));
}

/** Out of paths and file URLs: each package's own name, however deeply it is nested. */
export function packagesAmong(paths: readonly string[]): readonly string[] {
  const names = paths.flatMap((path) => {
    const inside = path.split(/node_modules[\\/]/);
    const [first, second] = (inside.length > 1 ? (inside.at(-1) ?? '') : '').split(/[\\/]/);
    if (first === undefined || first === '') return [];
    return [first.startsWith('@') ? `${first}/${second}` : first];
  });
  return [...new Set(names)].sort();
}

const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

// ES modules stand in no cache that can be read: a hook of the loader tells. It writes by itself, because its thread
// may be gone before a message of it arrives.
const HOOK = `import { writeSync } from 'node:fs';
export async function load(url, context, next) { writeSync(1, url + '\\n'); return next(url, context); }`;
const TELL_WHAT_IS_LOADED = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(HOOK))});`;

function runNode(format: ModuleFormat, flags: readonly string[], script: string): string {
  // Whatever this process was started with (tsx, coverage, a cache of compiled code) would be measured as well.
  const { NODE_OPTIONS: _options, NODE_COMPILE_CACHE: _cache, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const type = format === 'ESM' ? 'module' : 'commonjs';
  const args = [...flags, `--input-type=${type}`, '--eval', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the process to measure failed:\n${stderr}`);
  return stdout;
}
