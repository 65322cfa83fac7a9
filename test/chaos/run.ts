// Its warning on old Node versions would be printed between our lines, and only this variable silences it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

import { parseArgs } from 'node:util';
import { knownSeeds } from '../regressions/known.js';
import { shrinkStory } from './shrink-story.js';
import { inOneSentence, type ToldSeed } from './tell-seed.js';
import { tellSeeds } from './tell-seeds.js';
import { writeStory } from './write-story.js';

const PROGRESS_EVERY_MS = 30_000;
/** Making a story small takes as long as telling a hundred. */
const MOST_SHRUNK = 3;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    // Of these, the first so many are told over the wire as well, through the AWS SDK, axios and sockets.
    'over-wire': { type: 'string', default: '0' },
    // Stops at the first story that breaks a rule, and leaves it as it is.
    first: { type: 'boolean', default: false },
    // Seeds to leave out, with commas between them.
    skip: { type: 'string', default: '' },
  },
});
const count = Number(values.seeds);
const from = Number(values.from);
const wired = Number(values['over-wire']);
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(from) || !Number.isInteger(wired)) {
  console.error('usage: npm run chaos -- [--seeds N] [--from S] [--over-wire N] [--first] [--skip S,S]');
  process.exit(2);
}

const startedAt = performance.now();
const seconds = (): number => (performance.now() - startedAt) / 1000;
const told: ToldSeed[] = [];
let saidAt = startedAt;

const hear = (one: ToldSeed): boolean => {
  told.push(one);
  const broke = one.violations.length > 0;
  if (broke)
    console.log(`seed ${one.seed} (${one.outcome}) broke:\n${one.violations.map((what) => `  ${what}`).join('\n')}`);
  if (performance.now() - saidAt >= PROGRESS_EVERY_MS) {
    saidAt = performance.now();
    console.log(`${told.length} of ${count} stories told after ${Math.round(seconds())} s`);
  }
  return broke && values.first;
};

const known = knownSeeds();
const skipped = new Set(values.skip.split(',').map(Number));
const seeds = Array.from({ length: count }, (_, index) => from + index).filter((seed) => {
  if (known.has(seed)) console.log(`seed ${seed} is left out: ${known.get(seed)}`);
  return !known.has(seed) && !skipped.has(seed);
});
await tellSeeds(
  seeds.map((seed, index) => ({ seed, overTheWire: index < wired })),
  hear,
);
const broken = told.filter(({ violations }) => violations.length > 0);
for (const { seed, violations } of values.first ? [] : broken.slice(0, MOST_SHRUNK)) {
  const story = await shrinkStory(writeStory(seed), violations[0] ?? '');
  console.log(`the smallest story that breaks what seed ${seed} broke:\n${JSON.stringify(story)}`);
}
console.log(inOneSentence(told, seconds()));
process.exit(broken.length > 0 ? 1 : 0);
