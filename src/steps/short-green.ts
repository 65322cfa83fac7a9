import { BlueGreenError } from '../errors/blue-green-error.js';
import type { StepContext, Verdict } from '../engine/step.js';
import type { Green } from './await-green.js';
import { REPLACEMENT_MS, REPLACEMENT_ROUNDS } from './budgets.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import type { Fleets } from './observe-fleets.js';

/** How long Spot may say that it waits for the release while too few green instances run. */
const SHORT_GRACE_MS = 5 * 60_000;

/** Green of which there is too little although Spot waits for the release. */
export interface ShortGreen {
  /** Green that runs, and how many there should be. */
  readonly ids: readonly string[];
  readonly wanted: number;
  /** Some of the rest still carries the tags: starting, or on its way out. */
  readonly unsettled: boolean;
  /** Running members that are neither blue nor green, and were not there before. */
  readonly newcomers: readonly string[];
  /** The most that were seen to run at once. */
  readonly most: number;
  readonly forMs: number;
  readonly round: number;
}

/** Whether the release can do with what is left: `wait` for more, or settle for it, or one that ends the step. */
export function judgeShortGreen(
  release: ElastigroupRelease,
  short: ShortGreen,
): 'wait' | 'settle' | { readonly replacements: readonly string[] } | Extract<Verdict, { failed: BlueGreenError }> {
  const { ids, wanted, unsettled, newcomers, most, forMs, round } = short;
  const missing = wanted - ids.length;
  if (release.onInterruption === 'replace' && round <= REPLACEMENT_ROUNDS) {
    const replacements = [...newcomers].sort().slice(0, missing);
    if (!unsettled && missing > 0 && replacements.length === missing) return { replacements };
    return forMs < REPLACEMENT_MS ? 'wait' : { failed: greenLost(short) };
  }
  const overdue = forMs >= SHORT_GRACE_MS;
  const enough = ids.length > 0 && (ids.length / fullGreen(short)) * 100 >= release.minimumHealthyPercent;
  // What was seen to run and is gone does not come back by itself; what never was may only be late.
  if (release.onInterruption === 'tolerate' && enough && !unsettled && (most >= wanted || overdue)) return 'settle';
  return overdue ? { failed: greenLost(short) } : 'wait';
}

/** How many there were to be: blue that was lost meanwhile makes none of the green that ran superfluous. */
export const fullGreen = ({ wanted, most }: Pick<ShortGreen, 'wanted' | 'most'>): number => Math.max(wanted, most);

function greenLost({ ids, wanted }: ShortGreen): BlueGreenError {
  const message = `Spot waits for the release with ${ids.length} green instances running and tagged where ${wanted} are needed`;
  return new BlueGreenError('GREEN_LOST', message, { details: { running: ids, wanted } });
}

/** What Spot launched in the place of something that was lost: with the tags of the launch specification, not green's. */
export async function newcomersAmong(
  { clouds }: ElastigroupRelease,
  context: StepContext,
  { members, green }: Fleets,
  taggedBefore: readonly string[],
): Promise<readonly string[]> {
  const captured = capturedBlue(context);
  const known = new Set([
    ...captured.instanceIds,
    ...captured.otherMembers,
    ...taggedBefore,
    ...green.map(({ instanceId }) => instanceId),
  ]);
  const others = [...members].filter((id) => !known.has(id));
  if (others.length === 0) return [];
  const described = await clouds.instances.describeInstances(others, { signal: context.signal });
  return described.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId);
}

/** How many instances green was to have, those included that were lost before the release and are done without. */
export const wantedOf = ({ instanceIds, missing = 0 }: Green): number => instanceIds.length + missing;
