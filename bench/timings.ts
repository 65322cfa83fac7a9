import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { distribution } from './distribution.js';

/** What the bars name: deployments of about so many seconds. */
export const CLASSES = ['60', '300', '900', '3600'] as const;
export type DurationClass = (typeof CLASSES)[number];

export const EVENTS = {
  install: [
    'ApplicationStop',
    'DownloadBundle',
    'BeforeInstall',
    'Install',
    'AfterInstall',
    'ApplicationStart',
    'ValidateService',
  ],
  allow: ['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'],
  block: ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'],
} as const;

const NAMES = [...EVENTS.install, ...EVENTS.allow, ...EVENTS.block];
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50));

const timings = v.strictObject({
  about: v.optional(v.string()),
  durations: v.strictObject({ '60': distribution, '300': distribution, '900': distribution, '3600': distribution }),
  instances: v.pipe(v.array(count), v.minLength(1)),
  atATime: v.pipe(v.array(v.picklist(['all', 'half', 'one'])), v.minLength(1)),
  queued: distribution,
  events: v.objectWithRest({ other: distribution }, distribution),
  amongInstances: distribution,
  drainedAfter: distribution,
});

export type Timings = v.InferOutput<typeof timings>;

/** Reads a file in the format of `bench/timings/README.md`; throws an error that names the field. */
export function readTimings(path: string): Timings {
  const result = v.safeParse(timings, JSON.parse(readFileSync(path, 'utf8')));
  if (!result.success) {
    const [issue] = result.issues;
    throw new Error(`${path}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  }
  const unknown = Object.keys(result.output.events).find(
    (name) => name !== 'other' && !NAMES.some((each) => each === name),
  );
  if (unknown !== undefined)
    throw new Error(`${path}: events.${unknown}: no lifecycle event; there are ${NAMES.join(', ')}`);
  return result.output;
}
