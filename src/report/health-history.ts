import type { RolloutEvent } from '../events/events.js';
import { bakeEndTold, healthTold, releaseTold } from './told-facts.js';
import { entriesOf, propertyOf } from './unknown-values.js';

/** How many instances of each colour carried the load, from `at` on. */
export interface HealthPoint {
  readonly at: number;
  readonly blue?: number;
  readonly green?: number;
  /** `target-group`: healthy in every target group, as these said. `codedeploy`: in traffic by its own events, between two such looks. */
  readonly source: 'target-group' | 'codedeploy';
  /** The colours that were looked at; the other is as it was before. */
  readonly looked: ReadonlyArray<'blue' | 'green'>;
}

type Told = Pick<HealthPoint, 'blue' | 'green' | 'source'>;

/** What an event tells of who carries the load; undefined where it tells nothing. */
export function healthTo(before: HealthPoint | undefined, event: RolloutEvent, at: number): HealthPoint | undefined {
  const told = toldBy(event) ?? blueIsOut(before, event);
  if (told === undefined) return undefined;
  return {
    ...before,
    ...told,
    at,
    looked: (['blue', 'green'] as const).filter((colour) => told[colour] !== undefined),
  };
}

function toldBy(event: RolloutEvent): Told | undefined {
  if (event.name === 'step:run:completed') return toldByOutput(event.data.step, event.data.output);
  if (event.name !== 'step:run:observed') return undefined;
  const { facts } = event.data;
  const health = healthTold(facts) ?? healthTold(propertyOf(facts, 'evidence'));
  if (health !== undefined) return { ...health, source: 'target-group' };
  const serving = propertyOf(facts, 'serving');
  if (bakeEndTold(facts) !== undefined && typeof serving === 'number')
    return { green: serving, source: 'target-group' };
  const release = releaseTold(facts);
  const green = release?.green['inTraffic'];
  const blue = release?.blue['inTraffic'];
  // Before it lists its targets it tells of nobody.
  if (green === undefined || blue === undefined || release?.green['total'] === 0) return undefined;
  return { green, ...(release?.blue['total'] === 0 ? {} : { blue }), source: 'codedeploy' };
}

/** CodeDeploy is through with moving the traffic: what it took out of traffic, among it every blue target that it had. */
function blueIsOut(before: HealthPoint | undefined, event: RolloutEvent): Told | undefined {
  if (event.name !== 'step:run:completed' || event.data.step !== 'await-codedeploy') return undefined;
  return before?.source === 'codedeploy' && before.blue !== undefined ? { blue: 0, source: 'codedeploy' } : undefined;
}

function toldByOutput(step: string, output: unknown): Told | undefined {
  switch (step) {
    case 'capture-blue': {
      const counts = numbersOf(propertyOf(output, 'healthyCount'));
      return counts.length === 0 ? undefined : { blue: Math.min(...counts), green: 0, source: 'target-group' };
    }
    case 'await-blue-healthy':
    case 'await-blue-healthy/again': {
      const alive = propertyOf(output, 'alive');
      return Array.isArray(alive) ? { blue: alive.length, source: 'target-group' } : undefined;
    }
    case 'drain-green':
      // Deregistered: no new request reaches it, whatever it still answers.
      return entriesOf(propertyOf(output, 'deregistered')).length > 0
        ? { green: 0, source: 'target-group' }
        : undefined;
    case 'prove-release':
    case 'take-stock': {
      const healthy = propertyOf(output, 'healthy');
      if (!Array.isArray(healthy)) return undefined;
      // Only the proof says that nobody else serves.
      const blue = step === 'prove-release' ? { blue: 0 } : {};
      return { ...blue, green: healthy.length, source: 'target-group' };
    }
    default:
      return undefined;
  }
}

function numbersOf(value: unknown): readonly number[] {
  return entriesOf(value).flatMap(([, each]) => (typeof each === 'number' ? [each] : []));
}
