import type { ReceiptLine } from '../engine/receipt.js';
import type { StepContext } from '../engine/step.js';
import type { ElastigroupCapacity, Suspension } from '../ports/elastigroups.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { suspendedByUs } from './suspend-processes.js';

const LISTED_LONGER_MS = 10 * 60_000;

/** The Elastigroup's capacity and suspensions beside what was captured. */
export function settingsLines(
  { spec }: ElastigroupRelease,
  context: StepContext,
  found: { readonly capacity: ElastigroupCapacity; readonly suspensions: readonly Suspension[] },
): readonly ReceiptLine[] {
  const captured = capturedBlue(context);
  const subject = spec.elastigroupId;
  const touched = [...context.state.operations.keys()].some(
    (key) => key.endsWith('/raise') || key.endsWith('/capacity'),
  );
  const kept = touched ? 'restored' : 'never-changed';
  const capacityLines = (['minimum', 'target', 'maximum'] as const).map((what): ReceiptLine => {
    const expected = captured.capacity[what];
    const is = found.capacity[what];
    if (expected === is) return { what, subject, verdict: kept };
    return {
      what,
      subject,
      verdict: 'differs',
      expected,
      found: is,
      fix: `Set the ${what} of ${subject} to ${expected} once it holds as many instances.`,
    };
  });
  const at = context.now();
  const standing = captured.suspensions.filter(
    ({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > at,
  );
  const expected = standing.map(({ process }) => process).sort();
  const is = found.suspensions.map(({ process }) => process).sort();
  const ours = suspendedByUs(context.state);
  const standsStill = ours.length > 0 ? 'restored' : 'never-changed';
  // One that has ended since may be listed a little longer; not for as long as ours would last.
  const isTheirs = ({ process, expiresAt }: Suspension): boolean => {
    const before = captured.suspensions.find((each) => each.process === process);
    if (before === undefined || !ours.includes(process) || expected.includes(process)) return before !== undefined;
    return Date.parse(expiresAt ?? '') - Date.parse(before.expiresAt ?? '') <= LISTED_LONGER_MS;
  };
  const same = expected.every((process) => is.includes(process)) && found.suspensions.every(isTheirs);
  const suspensions: ReceiptLine = same
    ? { what: 'suspended processes', subject, verdict: standsStill }
    : {
        what: 'suspended processes',
        subject,
        verdict: 'differs',
        expected,
        found: is,
        fix: `Suspend exactly ${expected.join(', ') || 'nothing'}.`,
      };
  return [...capacityLines, suspensions];
}
