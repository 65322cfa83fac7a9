import { cleanLine } from './clean-text.js';
import { entriesOf, propertyOf, textOf } from './unknown-values.js';

/** One instance in a running release, as CodeDeploy told. */
export interface InstanceTold {
  readonly id: string;
  readonly colour: 'blue' | 'green';
  readonly status: string;
  readonly event?: string;
  readonly eventStatus?: string;
}

export interface ColourTold {
  readonly [name: string]: number;
}

/** Of a wait's facts, what a reader of the release asks. Facts of other versions may lack anything. */
export interface ReleaseTold {
  readonly codeDeploy?: { readonly id: string; readonly status: string };
  readonly mode?: string;
  readonly green: ColourTold;
  readonly blue: ColourTold;
  readonly instances: readonly InstanceTold[];
}

/** Undefined where the facts are not of a running release. */
export function releaseTold(facts: unknown): ReleaseTold | undefined {
  const instances = propertyOf(facts, 'instances');
  if (!Array.isArray(instances)) return undefined;
  const codeDeploy = propertyOf(facts, 'codeDeploy');
  const id = textOf(codeDeploy, 'id');
  const mode = textOf(facts, 'mode');
  return {
    ...(id === undefined
      ? {}
      : { codeDeploy: { id: cleanLine(id), status: cleanLine(textOf(codeDeploy, 'status') ?? '') } }),
    ...(mode === undefined ? {} : { mode: cleanLine(mode) }),
    green: countsOf(propertyOf(facts, 'green')),
    blue: countsOf(propertyOf(facts, 'blue')),
    instances: instances.flatMap((each: unknown) => instanceTold(each) ?? []),
  };
}

function instanceTold(told: unknown): InstanceTold | undefined {
  const id = textOf(told, 'id');
  if (id === undefined) return undefined;
  const event = textOf(told, 'event');
  const eventStatus = textOf(told, 'eventStatus');
  return {
    id: cleanLine(id),
    colour: textOf(told, 'colour') === 'blue' ? 'blue' : 'green',
    status: cleanLine(textOf(told, 'status') ?? ''),
    ...(event === undefined ? {} : { event: cleanLine(event) }),
    ...(eventStatus === undefined ? {} : { eventStatus: cleanLine(eventStatus) }),
  };
}

/** When a bake ends, epoch milliseconds. */
export function bakeEndTold(facts: unknown): number | undefined {
  const at = Date.parse(textOf(facts, 'bakeEndsAt') ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/** The hash that an answer to a gate has to name. */
export function evidenceHashTold(facts: unknown): string | undefined {
  const hash = textOf(facts, 'hash');
  return hash === undefined ? undefined : cleanLine(hash);
}

/** Healthy instances of each colour: of several target groups the one in which there are fewest. */
export function healthTold(facts: unknown): { readonly blue: number; readonly green: number } | undefined {
  const health = propertyOf(facts, 'health');
  if (!Array.isArray(health) || health.length === 0) return undefined;
  const least = (colour: string): number =>
    Math.min(...health.map((each: unknown) => countsOf(propertyOf(each, colour))['healthy'] ?? 0));
  return { blue: least('blue'), green: least('green') };
}

function countsOf(told: unknown): ColourTold {
  return Object.fromEntries(
    entriesOf(told).flatMap(([name, count]) =>
      typeof count === 'number' && Number.isFinite(count) ? [[name, count] as const] : [],
    ),
  );
}
