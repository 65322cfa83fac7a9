// Its warning on old Node versions would be printed between our lines, and only this variable silences it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

import { parseArgs } from 'node:util';
import { knownSeeds } from '../regressions/known.js';
import { shrinkStory } from './shrink-story.js';
import { inOneSentence, tellSeeds, type ToldSeed } from './tell-seeds.js';
import { writeStory } from './write-story.js';

const PROGRESS_EVERY_MS = 30_000;
/** Making a story small takes as long as telling a hundred. */
const MOST_SHRUNK = 3;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    // Stops at the first story that breaks a rule, and leaves it as it is.
    first: { type: 'boolean', default: false },
    // Seeds to leave out, with commas between them.
    skip: { type: 'string', default: '' },
  },
});
const count = Number(values.seeds);
const from = Number(values.from);
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(from)) {
  console.error('usage: npm run chaos -- [--seeds N] [--from S] [--first] [--skip S,S]');
  process.exit(2);
}

const startedAt = performance.now();
const seconds = (): number => (performance.now() - startedAt) / 1000;
const told: ToldSeed[] = [];
let saidAt = startedAt;

const hear = (one: ToldSeed): void => {
  told.push(one);
  if (one.violations.length > 0) {
    console.log(`seed ${one.seed} (${one.outcome}) broke:\n${one.violations.map((what) => `  ${what}`).join('\n')}`);
    if (values.first) finish();
  }
  if (performance.now() - saidAt < PROGRESS_EVERY_MS) return;
  saidAt = performance.now();
  console.log(`${told.length} of ${count} stories told after ${Math.round(seconds())} s`);
};

function finish(): never {
  console.log(inOneSentence(told, seconds()));
  process.exit(told.some(({ violations }) => violations.length > 0) ? 1 : 0);
}

const known = knownSeeds();
const skipped = new Set(values.skip.split(',').map(Number));
const seeds = Array.from({ length: count }, (_, index) => from + index).filter((seed) => {
  if (known.has(seed)) console.log(`seed ${seed} is left out: ${known.get(seed)}`);
  return !known.has(seed) && !skipped.has(seed);
});
if (seeds.length === 0) finish();
await tellSeeds(seeds, hear);
for (const { seed, violations } of told.filter((one) => one.violations.length > 0).slice(0, MOST_SHRUNK)) {
  const story = await shrinkStory(writeStory(seed), violations[0] ?? '');
  console.log(`the smallest story that breaks what seed ${seed} broke:\n${JSON.stringify(story)}`);
}
finish();
