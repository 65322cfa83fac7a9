import type { LifecycleStage } from '../engine/stages.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { parseDuration, type Duration } from './duration.js';
import type { TimeoutPolicy } from './timeout.js';

export interface FixedTimeoutsOptions {
  /**
   * One call to a cloud, each attempt by itself.
   * @defaultValue what the library chooses for the call
   */
  readonly call?: Duration | undefined;
  /**
   * Single steps, by step id. `'shift-traffic'` also holds for `'shift-traffic/50'`, unless that has its own.
   * @defaultValue `{}`
   */
  readonly steps?: Readonly<Record<string, Duration | undefined>> | undefined;
  /**
   * Every step that `steps` does not name.
   * @defaultValue what the library chooses for the step
   */
  readonly step?: Duration | undefined;
  /**
   * All steps of a lifecycle stage together: they share one deadline, from the start of the first one on. A step ends at whichever
   * comes first: its own limit, its stage's, the rollout's, or a cloud's.
   * @defaultValue `{}`: no limit
   */
  readonly stages?: Readonly<Partial<Record<LifecycleStage, Duration | undefined>>> | undefined;
  /**
   * The whole rollout.
   * @defaultValue what the library chooses for the kind
   */
  readonly rollout?: Duration | undefined;
}

/** The names, where this folder can read them; the compiler sees to it that none is missing. */
const STAGE_NAMES: Readonly<Record<LifecycleStage, true>> = {
  RECONCILE_SERVICE: true,
  PRE_SCALE_UP: true,
  SCALE_UP: true,
  POST_SCALE_UP: true,
  TEST_TRAFFIC_SHIFT: true,
  POST_TEST_TRAFFIC_SHIFT: true,
  PRE_PRODUCTION_TRAFFIC_SHIFT: true,
  PRODUCTION_TRAFFIC_SHIFT: true,
  POST_PRODUCTION_TRAFFIC_SHIFT: true,
  BAKE_TIME: true,
  CLEAN_UP: true,
};

/**
 * Sets how long things may take; what is left out stays what the library derives from the spec.
 *
 * @throws OPTIONS_INVALID for a timeout that is no duration, or nothing at all.
 * @example
 * ```ts
 * import { BlueGreen, fixedTimeouts } from 'elastigroup-bluegreen';
 * const blueGreen = new BlueGreen({ timeouts: fixedTimeouts({ call: '20s', rollout: '2h' }) });
 * await blueGreen.close();
 * ```
 */
export function fixedTimeouts(options: FixedTimeoutsOptions = {}): TimeoutPolicy {
  const callMs = timeout(options.call, 'fixedTimeouts.call');
  const stepMs = timeout(options.step, 'fixedTimeouts.step');
  const rolloutMs = timeout(options.rollout, 'fixedTimeouts.rollout');
  const stepsMs = new Map(
    Object.entries(options.steps ?? {}).map(([id, value]) => [id, timeout(value, `fixedTimeouts.steps['${id}']`)]),
  );
  const stagesMs = new Map(
    Object.entries(options.stages ?? {}).map(([stage, value]) => [
      stageName(stage),
      timeout(value, `fixedTimeouts.stages.${stage}`),
    ]),
  );

  return (question) => {
    switch (question.scope) {
      case 'call':
        return callMs ?? question.derivedMs;
      case 'step': {
        const [file = ''] = question.stepId.split('/', 1);
        return stepsMs.get(question.stepId) ?? stepsMs.get(file) ?? stepMs ?? question.derivedMs;
      }
      case 'stage':
        return stagesMs.get(question.stage) ?? question.derivedMs;
      case 'rollout':
        return rolloutMs ?? question.derivedMs;
      default:
        return question satisfies never;
    }
  };
}

function stageName(name: string): string {
  if (Object.hasOwn(STAGE_NAMES, name)) return name;
  const message = `fixedTimeouts.stages: found ${name}; allowed is one of ${Object.keys(STAGE_NAMES).join(', ')}`;
  throw new BlueGreenError('OPTIONS_INVALID', message, { details: { field: 'fixedTimeouts.stages' } });
}

function timeout(value: Duration | undefined, field: string): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(value, field);
  if (ms > 0) return ms;
  throw new BlueGreenError('OPTIONS_INVALID', `${field} is 0; allowed is a duration of at least 1 ms`, {
    details: { field },
  });
}
