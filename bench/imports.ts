import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureFreshBuild, ROOT } from './fresh-build.js';
import { importCold, packagesLoadedBy, type ImportCost, type ModuleFormat } from './import-child.js';
import { median, quantile, table, type Bar } from './report.js';

const ROUNDS = 15;
const AXIOS = ['axios'];
const AXIOS_AND_AWS = [
  'axios',
  '@aws-sdk/client-codedeploy',
  '@aws-sdk/client-ec2',
  '@aws-sdk/client-elastic-load-balancing-v2',
];
const FORMATS: readonly ModuleFormat[] = ['ESM', 'CJS'];
const MUST_BE_LAZY = /^(axios|ini|@aws-sdk\/.*|@smithy\/.*)$/;

/** How long a bare import of the package takes, beside what it would load if it loaded its clients with it. */
export async function measureImports(): Promise<readonly Bar[]> {
  ensureFreshBuild();
  console.log(
    `\nImports: cold, each in a process of its own, in turns, ${ROUNDS} rounds after one that does not count\n`,
  );
  const rows: string[][] = [];
  const bars: Bar[] = [];
  for (const format of FORMATS) {
    const subjects: ReadonlyArray<readonly [string, readonly string[]]> = [
      ['nothing', []],
      ['elastigroup-bluegreen', [rootEntry(format)]],
      ['axios', AXIOS],
      ['axios + 3 AWS clients', AXIOS_AND_AWS],
    ];
    const rounds = Array.from({ length: ROUNDS + 1 }, () =>
      subjects.map(([, modules]) => importCold(format, modules)),
    ).slice(1);
    const ratioTo = (subject: number): readonly number[] =>
      rounds.map((costs) => costOf(costs, 1).ms / costOf(costs, subject).ms);
    rows.push(
      ...subjects.map(([name], subject) => {
        const ms = rounds.map((costs) => costOf(costs, subject).ms);
        return [
          `${format}  ${name}`,
          median(ms).toFixed(1),
          `${Math.min(...ms).toFixed(1)}–${Math.max(...ms).toFixed(1)}`,
          median(rounds.map((costs) => costOf(costs, subject).peakMb)).toFixed(0),
          subject < 2 ? '' : `${median(ratioTo(subject)).toFixed(3)} ×`,
          subject < 2
            ? ''
            : `${quantile(ratioTo(subject), 0.1).toFixed(2)}–${quantile(ratioTo(subject), 0.9).toFixed(2)}`,
        ];
      }),
    );
    bars.push(
      { what: `import, ${format}, beside axios`, found: median(ratioTo(2)), allowed: 0.8, unit: ' ×' },
      { what: `import, ${format}, beside axios + 3 AWS clients`, found: median(ratioTo(3)), allowed: 0.4, unit: ' ×' },
    );
  }
  console.log(table(['', 'median ms', 'range ms', 'peak MB', 'ours / it', '10–90 %'], rows));
  return [...bars, ...FORMATS.map(eagerPackages)];
}

function eagerPackages(format: ModuleFormat): Bar {
  const loaded = packagesLoadedBy(format, rootEntry(format));
  console.log(`\n${format}: a bare import loads these packages: ${loaded.length === 0 ? 'none' : loaded.join(', ')}`);
  const eager = loaded.filter((name) => MUST_BE_LAZY.test(name));
  return {
    what: `import, ${format}: packages that should wait for their use`,
    found: eager.length,
    allowed: 0,
    unit: '',
  };
}

function rootEntry(format: ModuleFormat): string {
  const path = join(ROOT, 'dist', format === 'ESM' ? 'index.js' : 'index.cjs');
  return format === 'ESM' ? pathToFileURL(path).href : path;
}

function costOf(costs: readonly ImportCost[], subject: number): ImportCost {
  const cost = costs[subject];
  if (cost === undefined) throw new RangeError(`nothing was measured for subject ${subject}`);
  return cost;
}
