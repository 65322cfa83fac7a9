import { cruise } from 'dependency-cruiser';
import type { ICruiseResult } from 'dependency-cruiser';
import { beforeAll, expect, it } from 'vitest';

/** What a folder of src may import at run time, besides itself: folders, single files, packages. Node's own modules are free. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  internal: ['p-retry'],
  errors: ['internal'],
  events: ['internal', 'errors'],
  policies: ['internal', 'errors', 'events'],
  ports: [],
  engine: ['internal', 'errors', 'events', 'policies'],
  steps: ['internal', 'errors', 'policies', 'engine'],
  plans: ['internal', 'errors', 'policies', 'engine', 'steps'],
  specs: ['internal', 'errors', 'policies', 'engine/stages.ts', 'valibot'],
  spot: ['internal', 'errors', 'policies', 'axios', 'ini', 'valibot'],
  aws: [
    'internal',
    'errors',
    'policies',
    'valibot',
    '@aws-sdk/client-cloudwatch',
    '@aws-sdk/client-codedeploy',
    '@aws-sdk/client-ec2',
    '@aws-sdk/client-elastic-load-balancing-v2',
    '@aws-sdk/client-lambda',
  ],
  stores: ['internal', 'errors', 'policies'],
  trace: ['internal', 'errors'],
  hooks: ['internal', 'errors', 'policies', 'engine', 'aws'],
  report: ['internal', 'errors', 'events', 'policies', 'engine', 'picocolors', 'log-update', 'html-escaper'],
  testing: ['internal', 'errors', 'msw'],
  // The library as its users have it, and pure functions that word and clean what is shown.
  cli: [
    'index.ts',
    'testing/index.ts',
    'report/clean-text.ts',
    'report/colours.ts',
    'report/driven-elsewhere.ts',
    'report/progress-line.ts',
    'report/receipt-words.ts',
    'report/shell-command.ts',
    'policies/duration.ts',
    'internal/system-clock.ts',
    'commander',
    'yaml',
    'cli-table3',
  ],
  // The files that stand in src itself put everything together.
  '.': [
    'internal',
    'errors',
    'events',
    'policies',
    'engine',
    'steps',
    'plans',
    'specs',
    'spot',
    'aws',
    'stores',
    'trace',
    'hooks',
    'report',
  ],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly circular: boolean;
}

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');

/** `msw/node` is msw, `@scope/name/part` is `@scope/name`. */
const packageOf = (module: string): string => module.split('/', module.startsWith('@') ? 2 : 1).join('/');

function allowed({ from, to }: Import): boolean {
  const list = MAY_IMPORT[folderOf(from)] ?? [];
  if (to.startsWith('npm:')) return list.includes(to.slice('npm:'.length));
  return folderOf(to) === folderOf(from) || list.includes(folderOf(to)) || list.includes(to);
}

let imports: readonly Import[] = [];
let files: readonly string[] = [];

beforeAll(async () => {
  // Types are gone before anything is looked at: only what is there at run time counts.
  const { output } = await cruise(['src'], {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: false,
    ruleSet: { forbidden: [{ name: 'no-circular', from: {}, to: { circular: true } }] },
    validate: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'], conditionNames: ['import', 'node', 'default'] },
  });
  const { modules } = output as ICruiseResult;
  const own = modules.filter(({ source }) => source.startsWith('src/'));
  files = own.map(({ source }) => source.slice('src/'.length));
  imports = own.flatMap(({ source, dependencies }) =>
    dependencies
      .filter(({ coreModule }) => !coreModule)
      .map(({ resolved, module, circular }) => ({
        from: source.slice('src/'.length),
        to: resolved.startsWith('src/') ? resolved.slice('src/'.length) : `npm:${packageOf(module)}`,
        circular,
      })),
  );
});

it('every folder of src has its place in the order of imports', () => {
  expect([...new Set(files.map(folderOf))].filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
});

it('what is looked at is the whole of it', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports).toContainEqual({ from: 'spot/spot-http.ts', to: 'npm:axios', circular: false });
});

it('imports go in one direction only', () => {
  const wrong = imports.filter((one) => !allowed(one)).map(({ from, to }) => `${from} imports ${to}`);
  expect(wrong).toEqual([]);
});

it('no file imports itself by way of others', () => {
  expect(imports.filter(({ circular }) => circular).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

it('the order itself has no circle, so that the rule above means something', () => {
  const reach = (folder: string, seen: ReadonlySet<string>): boolean =>
    (MAY_IMPORT[folder] ?? []).some((next) => {
      const to = next.includes('/') ? folderOf(next) : next;
      return MAY_IMPORT[to] !== undefined && (seen.has(to) || reach(to, new Set([...seen, to])));
    });
  expect(Object.keys(MAY_IMPORT).filter((folder) => reach(folder, new Set([folder])))).toEqual([]);
});
