import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Plan } from './plan.js';
import type { RolloutState } from './rollout-state.js';

/** Ordered `[stepId, stepVersion]`: what a journal says of the plan that wrote it. */
export type Fingerprint = ReadonlyArray<readonly [string, number]>;

export function fingerprintOf(plan: Pick<Plan, 'steps'>): Fingerprint {
  return plan.steps.map((step) => [step.id, step.version] as const);
}

/**
 * Why this plan cannot go on from the journal; undefined: it can.
 *
 * What is journalled must be how this plan begins. What comes after that may differ: a later version may have more to do.
 */
export function incompatibility(
  plan: Pick<Plan, 'steps' | 'checks' | 'policies'>,
  state: RolloutState,
  allowMissing: readonly string[] = [],
): BlueGreenError | undefined {
  const planned = fingerprintOf(plan);
  const written = new Map(state.fingerprint);
  const missing = missingHooks(plan, state);
  const forbidden = missing.filter((id) => !allowMissing.includes(hookName(id)));
  if (forbidden.length > 0) return hookMissing(state, 'hooks', forbidden.map(withoutPrefix));
  const checks = state.checks.filter((name) => !plan.checks?.includes(name) && !allowMissing.includes(name));
  if (checks.length > 0) return hookMissing(state, 'checks', checks);
  const policies = state.policies.filter(
    (name) => plan.policies?.includes(name) !== true && !allowMissing.includes(policyName(name)),
  );
  if (policies.length > 0) return hookMissing(state, 'policies', policies);
  // A hook that has spoken and is allowed to be missing now: what it said stands.
  const still = [...state.steps.keys()]
    // Upkeep interrupts the steps of the plan and is none of them.
    .filter((id) => written.has(id))
    .filter((id) => !id.startsWith(HOOK) || planned.some(([known]) => known === id));
  const journalled = still.map((id) => [id, written.get(id)] as const);
  const at = journalled.findIndex(
    ([id, version], index) => id !== planned[index]?.[0] || version !== planned[index][1],
  );
  const found = journalled[at];
  if (found === undefined) return undefined;
  const expected = planned[at];
  const message =
    `step ${at + 1} of rollout ${state.rolloutId} is ${named(found)} in its journal, ` +
    `and ${expected === undefined ? 'none' : named(expected)} in this version of the library`;
  return new BlueGreenError('PLAN_INCOMPATIBLE', message, {
    stepId: found[0],
    details: { journal: [found[0], found[1] ?? null], plan: expected ?? null },
  });
}

const HOOK = 'hook/';
/** Of `hook/<stage>/<name>`. */
const hookName = (id: string): string => id.split('/').slice(2).join('/');

/** Of `<option>/<name>`. */
const policyName = (id: string): string => id.split('/').slice(1).join('/');

/** Hooks that the rollout was started with and this process does not have; what they said already stands. */
function missingHooks(plan: Pick<Plan, 'steps'>, state: RolloutState): readonly string[] {
  return state.fingerprint
    .map(([id]) => id)
    .filter((id) => id.startsWith(HOOK) && !plan.steps.some((step) => step.id === id));
}

const withoutPrefix = (id: string): string => id.slice(HOOK.length);

function hookMissing(
  state: RolloutState,
  what: 'hooks' | 'checks' | 'policies',
  names: readonly string[],
): BlueGreenError {
  const message = `rollout ${state.rolloutId} was started with ${what} that are not given now: ${names.join(', ')}`;
  return new BlueGreenError('HOOK_MISSING', message, { details: { [what]: names } });
}

const named = ([id, version]: readonly [string, number | undefined]): string => `${id} (version ${version ?? '?'})`;
