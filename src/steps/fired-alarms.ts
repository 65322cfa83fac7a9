import type { StepContext } from '../engine/step.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { AlarmState } from '../ports/alarms.js';
import type { ElastigroupRelease } from './elastigroup-release.js';

/** The alarms of the release, whatever state they are in. */
export async function observeAlarms(
  { clouds, spec }: ElastigroupRelease,
  context: StepContext,
): Promise<readonly AlarmState[]> {
  const names = spec.alarms ?? [];
  if (names.length === 0) return [];
  return clouds.alarms.describeAlarms(names, { signal: context.signal });
}

export const firing = (alarms: readonly AlarmState[]): readonly AlarmState[] =>
  alarms.filter(({ state }) => state === 'ALARM');

export function alarmFired([alarm]: readonly AlarmState[]): BlueGreenError | undefined {
  if (alarm === undefined) return undefined;
  const { name, kind, reason, since } = alarm;
  const message = `the ${kind} alarm ${name} fired${reason === undefined ? '' : `: ${reason}`}`;
  return new BlueGreenError('ALARM_FIRED', message, {
    details: { alarm: name, kind, reason: reason ?? null, since: since ?? null },
  });
}
