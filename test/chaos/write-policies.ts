import type { BlueGreenOptions, FixedTimeoutsOptions } from '../../src/index.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import type { Company } from './company.js';
import type { Dice } from './dice.js';

/** How long things may take, for the processes of the first so many lives; those after them take what the library derives. */
export interface TimeLimits {
  readonly lives: number;
  readonly timeouts: FixedTimeoutsOptions;
  readonly onTimeout: 'rollback' | 'fail' | 'hold';
}

const STEPS = [
  'preflight',
  'await-green',
  'await-ready',
  'await-codedeploy',
  'await-bake',
  'await-blue-retired',
  'prove-release',
] as const;
const STAGES = ['SCALE_UP', 'POST_SCALE_UP', 'PRODUCTION_TRAFFIC_SHIFT', 'CLEAN_UP'] as const;
const SHORT = ['20s', '2m', '10m'] as const;

/** Short enough to be up in the middle of things. */
export function writeTimeLimits(dice: Dice): TimeLimits {
  const limit = dice.one(SHORT);
  return {
    lives: dice.one([1, 1, 2]),
    onTimeout: dice.one(['rollback', 'fail', 'hold'] as const),
    timeouts: dice.one<() => FixedTimeoutsOptions>([
      () => ({ steps: { [dice.one(STEPS)]: limit } }),
      () => ({ stages: { [dice.one(STAGES)]: limit } }),
      () => ({ rollout: dice.one(['2m', '8m', '20m'] as const) }),
    ])(),
  };
}

/** What another rollout does about this one. */
export function writeRival(
  dice: Dice,
  rival: NonNullable<Company['rivalRollout']>,
): NonNullable<Company['rivalRollout']> {
  // Now and then both begin in the same instant.
  const atMs = dice.percent(25) ? 0 : rival.atMs;
  return { atMs, ...dice.maybe(60, () => ({ onAlreadyDeploying: dice.one(['wait', 'supersede'] as const) })) };
}

/** What the spec says about losses, silent agents and rollouts of others. */
export function writePolicies(dice: Dice): Partial<ElastigroupSpec> & Busy {
  return {
    ...dice.maybe(25, () => ({ onInterruption: dice.one(['replace', 'replace', 'tolerate', 'unwind'] as const) })),
    ...dice.maybe(8, () => ({ agentTimeout: dice.one(['90s', '10m'] as const) })),
    ...dice.maybe(12, () => ({ onAlreadyDeploying: dice.one(['wait', 'supersede'] as const) })),
  };
}

/** Of the CodeDeploy part of a spec. */
export interface Busy {
  readonly onAlreadyDeploying?: 'wait' | 'supersede';
}

/** The options of the process that lives the nth life. */
export function limitsOf(
  limits: TimeLimits | undefined,
  life: number,
): Pick<BlueGreenOptions, 'timeouts' | 'onTimeout'> {
  if (limits === undefined || life > limits.lives) return {};
  const { timeouts, onTimeout } = limits;
  return { timeouts, onTimeout };
}
