import type { RolloutEvent } from '../events/events.js';
import { cleanLine } from './clean-text.js';
import { propertyOf } from './unknown-values.js';

/** How many instances of each colour stood, from `at` on, as far as events tell. */
export interface FleetPoint {
  readonly at: number;
  readonly blue?: number;
  readonly green?: number;
  /** Of green: those that carry the release. */
  readonly released?: number;
  /** How many green instances are wanted. */
  readonly wanted?: number;
}

export const EMPTY_FLEETS: FleetPoint = Object.freeze({ at: 0 });

/** The same object when the event tells nothing new. */
export function fleetsAfter(before: FleetPoint, event: RolloutEvent, at: number): FleetPoint {
  const told = toldBy(event);
  const isNews = Object.entries(told).some(([name, count]) => before[name as keyof FleetPoint] !== count);
  return isNews ? { ...before, ...told, at } : before;
}

type Counts = Omit<FleetPoint, 'at'>;

function toldBy(event: RolloutEvent): Counts {
  if (event.name === 'step:run:completed') return toldByOutput(event.data.step, event.data.output);
  if (event.name === 'step:run:observed') return toldByWords(event.data.saw);
  return {};
}

function toldByOutput(step: string, output: unknown): Counts {
  const count = (name: string): number | undefined => {
    const list = propertyOf(output, name);
    return Array.isArray(list) ? list.length : undefined;
  };
  switch (isAwaitGreen(step) ? 'await-green' : step) {
    case 'capture-blue':
      return given('blue', count('instanceIds'));
    case 'await-green':
      return { ...given('green', count('instanceIds')), ...given('wanted', count('instanceIds')) };
    case 'await-blue-retired':
      return given('blue', count('left'));
    case 'await-blue-gone':
      return { blue: 0 };
    case 'await-green-gone':
      return { green: 0, released: 0 };
    case 'prove-release':
    case 'take-stock':
      return { ...given('green', count('proven')), ...given('released', count('proven')) };
    default:
      return {};
  }
}

/** The first wait for green, or one for replacements. */
const isAwaitGreen = (step: string): boolean => /^await-green(\/\d+)?$/.test(step);

/** What the steps say while they wait. Words may change: what is not understood tells nothing. */
function toldByWords(saw: string): Counts {
  const [, green, wanted] = /\bgreen (\d+)\/(\d+)/.exec(saw) ?? [];
  const [, released, of] = /\b(\d+)\/(\d+) succeeded/.exec(saw) ?? [];
  const [, left] = /\bblue left (\d+)/.exec(saw) ?? [];
  return {
    ...given('green', numberOf(green ?? of)),
    ...given('wanted', numberOf(wanted)),
    ...given('released', numberOf(released)),
    ...given('blue', numberOf(left)),
  };
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function given(name: keyof Counts, count: number | undefined): Counts {
  return count === undefined ? {} : { [name]: count };
}

/** The ids of a colour, where an event tells them. */
export function idsToldBy(event: RolloutEvent): {
  readonly blueIds?: readonly string[];
  readonly greenIds?: readonly string[];
} {
  if (event.name !== 'step:run:completed') return {};
  const ids = propertyOf(event.data.output, 'instanceIds');
  if (!Array.isArray(ids)) return {};
  const cleaned = ids.filter((id): id is string => typeof id === 'string').map(cleanLine);
  if (event.data.step === 'capture-blue') return { blueIds: cleaned };
  return isAwaitGreen(event.data.step) ? { greenIds: cleaned } : {};
}
