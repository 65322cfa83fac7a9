import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackedProject } from './packed-project.js';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** More than this has to be a decision, not an accident. */
const MOST_LOADED_BYTES = 700_000;

const RELEASE = `
const cloud = new SimulatedCloud();
const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore() });
blueGreen.deploy(cloud.spec()).then(async (result) => {
  await blueGreen.close();
  console.log(JSON.stringify({ outcome: result.outcome, serving: cloud.snapshot().serving }));
  await cloud.close();
});
`;

const STORE_CHECK = `
checkRolloutStore(async () => new MemoryStore()).then(() => console.log('kept every promise'));
`;

describe('a project that has installed nothing else', () => {
  let project: PackedProject;
  beforeAll(() => {
    project = new PackedProject([]);
  });
  afterAll(() => project.remove());

  it.each([
    ['import', 'alone.mjs', "import { BlueGreen } from 'elastigroup-bluegreen'; console.log(typeof BlueGreen);"],
    ['require', 'alone.cjs', "console.log(typeof require('elastigroup-bluegreen').BlueGreen);"],
  ])('can %s the package: axios, the AWS clients and msw load on first use', (_how, file, text) => {
    expect(project.run(file, text)).toBe('function\n');
  });
});

describe('a project with what the package depends on', () => {
  let project: PackedProject;
  beforeAll(() => {
    project = new PackedProject([...Object.keys(manifest.dependencies), 'msw']);
  });
  afterAll(() => project.remove());

  it('sees the same names through import and through require, in both entries', () => {
    const names = (
      load: string,
    ) => `const names = (entry) => Object.keys(entry).filter((name) => name !== 'default').sort();
      ${load}
      console.log(JSON.stringify([names(root), names(testing)]));`;
    const imported = project.run(
      'names.mjs',
      names("import * as root from 'elastigroup-bluegreen'; import * as testing from 'elastigroup-bluegreen/testing';"),
    );
    const required = project.run(
      'names.cjs',
      names("const root = require('elastigroup-bluegreen'); const testing = require('elastigroup-bluegreen/testing');"),
    );
    expect(required).toBe(imported);
    expect(imported).toContain('"BlueGreen"');
    expect(imported).toContain('"SimulatedCloud"');
  });

  it.each([
    [
      'ESM',
      'release.mjs',
      `import { BlueGreen, MemoryStore } from 'elastigroup-bluegreen';
       import { SimulatedCloud } from 'elastigroup-bluegreen/testing';`,
    ],
    [
      'CommonJS',
      'release.cjs',
      `const { BlueGreen, MemoryStore } = require('elastigroup-bluegreen');
       const { SimulatedCloud } = require('elastigroup-bluegreen/testing');`,
    ],
  ])('can release onto the simulated cloud from %s', (_format, file, head) => {
    expect(JSON.parse(project.run(file, head + RELEASE))).toMatchObject({
      outcome: 'succeeded',
      serving: { blue: 0, other: 0 },
    });
  });

  it.each([
    [
      'ESM',
      'store.mjs',
      `import { MemoryStore } from 'elastigroup-bluegreen';
       import { checkRolloutStore } from 'elastigroup-bluegreen/testing';`,
    ],
    [
      'CommonJS',
      'store.cjs',
      `const { MemoryStore } = require('elastigroup-bluegreen');
       const { checkRolloutStore } = require('elastigroup-bluegreen/testing');`,
    ],
  ])('can check a store of one entry with the other from %s', (_format, file, head) => {
    expect(project.run(file, head + STORE_CHECK)).toBe('kept every promise\n');
  });

  it('recognises an error of the other format, although that is another class', () => {
    const text = `import { createRequire } from 'node:module';
      import { BlueGreenError } from 'elastigroup-bluegreen';
      const other = createRequire(import.meta.url)('elastigroup-bluegreen').BlueGreenError;
      console.log(other === BlueGreenError, BlueGreenError.is(new other('ABORTED', 'stop')));`;
    expect(project.run('formats.mjs', text)).toBe('false true\n');
  });

  it.each(['consumer.mts', 'consumer.cts'])('compiles against the types of the package: %s', (file) => {
    project.write(
      file,
      `import { BlueGreen, BlueGreenError, type RolloutResult, type ElastigroupSpec } from 'elastigroup-bluegreen';
       import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
       export async function release(spec: ElastigroupSpec): Promise<RolloutResult<'elastigroup'>> {
         const cloud = new SimulatedCloud();
         const blueGreen = new BlueGreen(cloud.options());
         try {
           const result = await blueGreen.deploy(spec);
           const outcome: 'succeeded' = result.outcome;
           console.log(outcome);
           return result;
         } catch (error) {
           if (BlueGreenError.is(error)) console.error(error.code);
           throw error;
         }
       }\n`,
    );
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext'];
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const types = [
      '--typeRoots',
      resolve('node_modules/@types'),
      '--types',
      'node',
      '--lib',
      'es2023,esnext.disposable',
    ];
    expect(project.exec(process.execPath, [tsc, ...options, ...types, file])).toBe('');
  });
});

/** The files that importing an entry loads at once: what it imports, and what that imports. */
function loadedBy(entry: string): Map<string, number> {
  const loaded = new Map<string, number>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.set(file, statSync(file).size);
    const text = readFileSync(file, 'utf8');
    const links = text.matchAll(/^(?:import|export)\b[^;'"]*?(?:from )?["'](\.[^"']+)["']/gm);
    for (const [, path = ''] of links) visit(join(dirname(file), path));
  };
  visit(entry);
  return loaded;
}

describe('what is shipped', () => {
  const packed = (
    JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', stdio: 'pipe' }),
    ) as [{ readonly files: readonly { readonly path: string }[] }]
  )[0].files.map(({ path }) => path);

  it('is the build, the licence, the changelog and what npm adds', () => {
    const outside = packed.filter((path) => !path.startsWith('dist/')).sort();
    expect(outside).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].filter((path) => existsSync(path)),
    );
  });

  it.each(['js', 'cjs'])('has one copy of every class, whichever entry asks for it: .%s', (end) => {
    const text = packed.filter((path) => path.endsWith(`.${end}`)).map((path) => readFileSync(path, 'utf8'));
    const times = (marker: RegExp): number => text.join('\n').match(marker)?.length ?? 0;
    expect(times(/Symbol\.for\(["']elastigroup-bluegreen\/error["']\)/g)).toBe(1);
    expect(times(/CloudError = class\b|class CloudError\b/g)).toBe(1);
  });

  it('names no machine and holds no secret', () => {
    const home = resolve('.');
    for (const path of packed) expect(readFileSync(path, 'utf8').includes(home), path).toBe(false);
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved"/);
  });

  it(`loads at most ${MOST_LOADED_BYTES} bytes when it is imported`, () => {
    const files = loadedBy('dist/index.js');
    expect(files.size).toBeGreaterThan(1);
    expect([...files.values()].reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_LOADED_BYTES);
  });

  it('imports nothing that it does not ask npm to install', () => {
    const wanted = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
    const asked = packed
      .filter((path) => /\.(?:js|cjs|d\.ts|d\.cts)$/.test(path))
      .flatMap((path) => [
        ...readFileSync(path, 'utf8').matchAll(
          /^(?:import|export)\b[^;'"]*?["']([^."'][^"']*)["']|(?:require|import)\(["']([^."'][^"']*)["']\)/gm,
        ),
      ])
      .map(([, a, b]) => (a ?? b ?? '').split('/', (a ?? b ?? '').startsWith('@') ? 2 : 1).join('/'))
      .filter(
        (name) =>
          !/^node:|^(?:child_process|fs|os|path|util|stream|crypto|http|https|net|tls|events|url|process|tty|module|timers|zlib|buffer|string_decoder)$/.test(
            name,
          ),
      );
    expect([...new Set(asked)].filter((name) => !wanted.has(name))).toEqual([]);
  });
});
