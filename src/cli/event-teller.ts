import type { RolloutEvent } from '../index.js';
import type { Colours } from '../report/colours.js';
import { cleanLine } from '../report/clean-text.js';
import { dayOf, progressLine } from '../report/progress-line.js';
import type { CliStream } from './cli-context.js';
import { commandFor, type SamePlace } from './command-line.js';
import { say } from './output.js';

/** Tells the events of several rollouts, one line each, and whose they are wherever that changes. */
export function eventTeller(stream: CliStream, colours: Colours, place: SamePlace): (event: RolloutEvent) => void {
  let heading = '';
  return (event) => {
    const { rolloutId = '', at } = event;
    const line = progressLine(event, rolloutId, colours, commandFor(place));
    if (line === undefined) return;
    const next = `rollout ${cleanLine(rolloutId)}, ${dayOf(at)}, times in UTC`;
    if (next !== heading) say(stream, colours.dim(next));
    heading = next;
    say(stream, line);
  };
}
