import { TIMEOUT_ACTIONS, type TimeoutDecider } from './engine/decide-timeout.js';
import { invalid } from './option-checks.js';
import type { BlueGreenOptions } from './options.js';

const DEFAULT = 'rollback';

/**
 * Who decides when a time is up, with the name that stands in the journal.
 *
 * @throws OPTIONS_INVALID for anything but an action or a function, and for `hold` where nothing is kept to resume from
 */
export function givenDecider({ onTimeout = DEFAULT, store }: BlueGreenOptions): TimeoutDecider {
  // Whoever gives a store, be it one in memory, can keep it for as long as the rollout is held.
  const canHold = store !== undefined;
  if (typeof onTimeout === 'function') return { decide: onTimeout, name: nameOf('onTimeout', onTimeout), canHold };
  if (!TIMEOUT_ACTIONS.includes(onTimeout))
    throw invalid(
      'onTimeout',
      JSON.stringify(onTimeout) ?? typeof onTimeout,
      `${TIMEOUT_ACTIONS.join(', ')}, a function`,
    );
  if (onTimeout === 'hold' && !canHold)
    throw invalid('onTimeout', 'hold without a store', 'it with a store that can be resumed from');
  return { decide: onTimeout, name: 'onTimeout', canHold };
}

/**
 * The policies whose verdicts decide how a rollout ends, as they stand in its journal: functions with a name. What `fixedTimeouts`
 * makes has none.
 */
export function namedPolicies({ onTimeout, timeouts }: BlueGreenOptions): readonly string[] {
  return Object.entries({ onTimeout, timeouts }).flatMap(([option, policy]) =>
    typeof policy === 'function' && policy.name !== '' ? [`${option}/${policy.name}`] : [],
  );
}

const nameOf = (option: string, { name }: { readonly name: string }): string =>
  name === '' || name === option ? option : `${option} ${name}`;
