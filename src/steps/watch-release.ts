import type { StepContext } from '../engine/step.js';
import { giveWay } from '../internal/give-way.js';
import type { Json } from '../internal/json.js';
import type { PollingProgress } from '../policies/polling.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { isUrgent, observeRelease, progressOf, type ReleaseView } from './observe-release.js';
import { releaseFacts } from './release-facts.js';
import { progressOfRelease } from './release-progress.js';

/** A running release, with what is told of it while it is waited for. */
export interface WatchedRelease extends ReleaseView {
  /** In words. */
  readonly told: string;
  readonly facts: Json;
  readonly progress: PollingProgress | undefined;
  readonly urgent: boolean;
}

/** Each goes through the events of all instances, as does what is judged next: each in a turn of its own. */
export async function watchRelease(
  release: ElastigroupRelease,
  context: StepContext,
  until: 'ready' | 'end',
): Promise<WatchedRelease> {
  const view = await observeRelease(release, context);
  const progress = progressOfRelease(view, context, until);
  await giveWay(view.targets.length);
  const facts = releaseFacts(view);
  await giveWay(view.targets.length);
  const told = progressOf(view);
  const urgent = isUrgent(view);
  await giveWay(view.targets.length);
  return { ...view, told, facts, progress, urgent };
}
