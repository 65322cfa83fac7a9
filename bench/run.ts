// Its warning on old Node versions would be printed between our tables, and only this variable silences it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

import { parseArgs } from 'node:util';
import { measureCalls } from './calls.js';
import { measureFleet } from './fleet.js';
import { measureImports } from './imports.js';
import { measureJournal } from './journal.js';
import { measureLargeRelease } from './large-release.js';
import { barLine, isMet, type Bar } from './report.js';
import { measureLimits } from './limits.js';
import { measureResume } from './resume.js';
import { measureRollout } from './rollout.js';
import { measureWaiting } from './waiting.js';

const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { timings: { type: 'string', multiple: true } },
});

/** Each prints what it measures, and answers the bars that it was measured against. */
const PARTS: Readonly<Record<string, () => Promise<readonly Bar[]>>> = {
  imports: measureImports,
  waiting: () => measureWaiting(values.timings),
  rollout: measureRollout,
  calls: measureCalls,
  journal: measureJournal,
  resume: measureResume,
  fleet: measureFleet,
  limits: measureLimits,
  large: measureLargeRelease,
};

const unknown = asked.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}

const bars: Bar[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length === 0 || asked.includes(name)) bars.push(...(await measure()));
}
console.log(`\n${bars.map(barLine).join('\n')}`);
process.exitCode = bars.every(isMet) ? 0 : 1;
