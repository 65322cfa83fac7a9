import type { StepContext } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import type { Tag } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';

/** What the steps that release onto strays answer: how far it went, or why it goes no further. */
export type Refusal = { readonly because: string };
export type MarkedStrays = { readonly marked: readonly string[] } | Refusal;
export type ReleasedOntoStrays = { readonly codeDeployDeploymentId: string } | Refusal;
export type ConfirmedStrays = { readonly onCourse: true } | Refusal;

export const markStraysId = (round: number): string => `mark-strays/${round}`;
export const awaitStraysMarkedId = (round: number): string => `await-strays-marked/${round}`;
export const releaseStraysId = (round: number): string => `release-strays/${round}`;
export const confirmStraysId = (round: number): string => `confirm-strays/${round}`;
export const awaitStraysReleasedId = (round: number): string => `await-strays-released/${round}`;

/**
 * A tag of their own, by which CodeDeploy takes exactly them. By green's tags it would take every instance that serves
 * too, and stop the application there. Both halves are made of what every AWS service allows in a tag.
 */
export function strayMarker({ rolloutId }: ElastigroupRelease, round: number): Tag {
  return { key: 'elastigroup-bluegreen:release', value: `${rolloutId}/strays-${round}` };
}

/** At the start of the deployment's description, as the numbers of the attempts are in those onto green. */
export function strayDescription({ rolloutId }: ElastigroupRelease, round: number): string {
  return `${rolloutId}#strays-${round}`;
}

/** The strays that CodeDeploy is to release onto in this round; empty where nothing may be released. */
export function markedIn(state: RolloutState, round: number): readonly string[] {
  const output = state.steps.get(awaitStraysMarkedId(round))?.output as MarkedStrays | undefined;
  return output !== undefined && 'marked' in output ? output.marked : [];
}

export function strayDeploymentIn(state: RolloutState, round: number): string | undefined {
  const output = state.steps.get(releaseStraysId(round))?.output as ReleasedOntoStrays | undefined;
  return output !== undefined && 'codeDeployDeploymentId' in output ? output.codeDeployDeploymentId : undefined;
}

/** Every deployment onto strays of this rollout, whether or not its step has ended. */
export function strayDeploymentIds(state: RolloutState): readonly string[] {
  return [...state.operations].flatMap(([key, { status, result }]) =>
    key.startsWith('release-strays/') && status === 'done' && typeof result === 'string' ? [result] : [],
  );
}

/** Why the strays of this round were not all released onto, if that was tried. */
export function whyNotReleased(context: Pick<StepContext, 'output'>, round: number): string | undefined {
  for (const id of [
    markStraysId(round),
    awaitStraysMarkedId(round),
    releaseStraysId(round),
    confirmStraysId(round),
    awaitStraysReleasedId(round),
  ]) {
    const output = context.output<Partial<Refusal>>(id);
    if (output?.because !== undefined) return output.because;
  }
  return undefined;
}
