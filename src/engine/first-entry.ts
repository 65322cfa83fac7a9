import { fingerprintOf } from './fingerprint.js';
import type { JournalFact } from './journal.js';
import type { Plan } from './plan.js';

/** What a journal begins with. */
export function firstEntry(
  plan: Plan,
  rollout: { readonly rolloutId: string; readonly specDigest: string; readonly durable: boolean },
): JournalFact {
  const { kind, spec, targets, checks = [], policies = [] } = plan;
  return {
    type: 'rollout-started',
    ...rollout,
    kind,
    spec,
    fingerprint: fingerprintOf(plan),
    targets,
    ...(checks.length === 0 ? {} : { checks }),
    ...(policies.length === 0 ? {} : { policies }),
  };
}
