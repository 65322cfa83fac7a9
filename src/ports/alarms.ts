import type { Call } from './call.js';

/** What a CloudWatch alarm says now. */
export interface AlarmState {
  readonly name: string;
  readonly kind: 'metric' | 'composite';
  /** A state that this version does not know is answered as it came. */
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' | (string & {});
  readonly reason?: string | undefined;
  /** ISO time of the last change of state. */
  readonly since?: string | undefined;
}

/** CloudWatch alarms, metric and composite. */
export interface Alarms {
  /** The alarms of these names; a name that does not exist is missing from the answer. */
  describeAlarms(names: readonly string[], call?: Call): Promise<readonly AlarmState[]>;
}
