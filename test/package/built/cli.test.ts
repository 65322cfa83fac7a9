import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PackedProject } from './packed-project.js';

const CLI = resolve('dist/cli.js');

let folder: string;
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-processes-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  rmSync(folder, { recursive: true });
});

/** A command line in a process of its own. */
function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [CLI, ...argv], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 100_000,
  });
  children.push(child);
  const said = { out: '', err: '' };
  const waiting = new Set<() => void>();
  const heard = (where: 'out' | 'err') => (text: string) => {
    said[where] += text;
    for (const look of waiting) look();
  };
  child.stdout.setEncoding('utf8').on('data', heard('out'));
  child.stderr.setEncoding('utf8').on('data', heard('err'));
  const ended = new Promise<number | null>((settle) => void child.on('close', (code) => settle(code)));
  return {
    said,
    ended,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    says: (text: string) =>
      new Promise<void>((settle, fail) => {
        const look = (): void => {
          if (said.out.includes(text)) settle();
        };
        waiting.add(look);
        look();
        void ended.then((code) => fail(new Error(`ended with ${code}, without "${text}":\n${said.out}${said.err}`)));
      }),
  };
}

/** Runs a command line to its end. */
async function end(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const { ended, said } = run(argv, env);
  return { code: await ended, ...said };
}

it('releases onto a simulated cloud of another process; third processes look, answer and watch', async () => {
  const cloud = run(['simulate', '--speed', '60', '--blue', '2', '--spec', 'shop.yaml', '--json']);
  await cloud.says('\n');
  const env = JSON.parse(cloud.said.out) as Record<string, string>;
  appendFileSync(join(folder, 'shop.yaml'), 'gates: [{ name: qa, before: PRE_PRODUCTION_TRAFFIC_SHIFT }]\n');
  writeFileSync(join(folder, 'fast.mjs'), "export default { polling: { every: '300ms', urgent: '100ms' } };\n");

  const release = run(['deploy', 'shop.yaml', '--id', 'shop-412', '--config', 'fast.mjs'], env);
  await release.says('wait until somebody answers the gate "qa"');
  const status = await end(['status', 'shop-412'], env);
  expect(status).toMatchObject({ code: 0, err: '' });
  expect(status.out).toMatch(/elastigroup-bluegreen approve shop-412 qa( --evidence \w+)?\n/);
  expect(await end(['approve', 'shop-412', 'qa', '--by', 'Ada'], env)).toMatchObject({ code: 0, err: '' });

  expect(await release.ended, release.said.out + release.said.err).toBe(0);
  expect(release.said.out).toContain('shop-412 succeeded');
  const watched = await end(['watch', 'shop-412', '--json'], env);
  expect(watched.code).toBe(0);
  expect(JSON.parse(watched.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ outcome: 'succeeded' });
  cloud.signal('SIGINT');
  expect(await cloud.ended).toBe(0);
  expect(cloud.said.err).toContain(' 0 failed; serving at the end: 0 blue, 2 green, 0 other');
});

it('is suspended by a signal to its process, and resumed by another', async () => {
  const cloud = run(['simulate', '--speed', '60', '--blue', '1', '--spec', 'shop.yaml', '--json']);
  await cloud.says('\n');
  const env = JSON.parse(cloud.said.out) as Record<string, string>;
  writeFileSync(join(folder, 'fast.mjs'), "export default { polling: { every: '300ms', urgent: '100ms' } };\n");
  const release = run(['deploy', 'shop.yaml', '--id', 'shop-412', '--config', 'fast.mjs'], env);
  await release.says('wait until Spot has launched');
  release.signal('SIGTERM');
  expect(await release.ended, release.said.out + release.said.err).toBe(6);
  expect(release.said.out).toContain('elastigroup-bluegreen resume shop-412 --config fast.mjs');
  const resumed = await end(['resume', 'shop-412', '--config', 'fast.mjs'], env);
  expect(resumed.code, resumed.out + resumed.err).toBe(0);
});

it('is what npm links for a project that installs the package', () => {
  const project = new PackedProject([]);
  try {
    const bin = join(project.folder, 'node_modules/elastigroup-bluegreen/dist/cli.js');
    expect(statSync(bin).mode & 0o111).not.toBe(0);
    expect(project.exec(bin, ['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(project.exec(bin, ['status', '--json'])).toBe('[]\n');
  } finally {
    project.remove();
  }
});
