import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import { AWAIT_GREEN_MS } from './budgets.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { refusalOf } from './refusal-of.js';
import { straysIn } from './settle-strays.js';
import { lastingObstacle, observeStrays, passingObstacle, type StrayView } from './stray-obstacles.js';
import { awaitStraysMarkedId, markStraysId, strayMarker, type MarkedStrays } from './stray-release.js';
import { tagInstances } from './tag-instances.js';

/** Gives strays a tag of their own, by which CodeDeploy can be told to take exactly them. */
export function markStrays(release: ElastigroupRelease, round: number): EffectStep {
  return {
    type: 'effect',
    id: markStraysId(round),
    version: 1,
    stage: 'CLEAN_UP',
    title: 'mark instances that are neither blue nor green, to release onto them',
    when: (state) => straysIn(state, round).length > 0,
    calls: ['ec2 createTags'],
    run: async (context): Promise<MarkedStrays> => {
      const marked = straysIn(context.state, round);
      try {
        await tagInstances(release, context, {
          key: markStraysId(round),
          instanceIds: marked,
          tags: [strayMarker(release, round)],
        });
      } catch (error) {
        return refusalOf(error);
      }
      return { marked };
    },
  };
}

/** Waits until exactly they are found by their marker, for long enough that CodeDeploy finds them too, and nothing else is in the way. */
export function awaitStraysMarked(release: ElastigroupRelease, round: number): WaitStep<StrayView> {
  return {
    type: 'wait',
    id: awaitStraysMarkedId(round),
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until those instances run and are found by their mark',
    when: (state) => wereMarked(state.steps.get(markStraysId(round))?.output as MarkedStrays | undefined),
    within: () => AWAIT_GREEN_MS + release.tagSettleMs,
    observe: (context: StepContext) => observeStrays(release, context, round, straysIn(context.state, round)),
    judge: (view, look) => {
      const lasting = lastingObstacle(view);
      if (lasting !== undefined) return { ready: { because: lasting } satisfies MarkedStrays };
      const marked = view.strays.map(({ instanceId }) => instanceId).sort();
      const passing = passingObstacle(view);
      if (passing !== undefined && look.last) return { ready: { because: passing } satisfies MarkedStrays };
      if (passing !== undefined) return { pending: passing };
      const memo = (look.memo ?? {}) as { readonly marked?: readonly string[]; readonly since?: number };
      const same = memo.since !== undefined && JSON.stringify(memo.marked) === JSON.stringify(marked);
      const since = same ? (memo.since ?? look.at) : look.at;
      const leftMs = since + release.tagSettleMs - look.at;
      if (same && leftMs <= 0) return { ready: { marked } satisfies MarkedStrays };
      if (look.last) return { ready: { because: 'their marks never settled' } satisfies MarkedStrays };
      return { pending: 'marks settling', memo: { marked, since }, lookAgainInMs: Math.max(leftMs, 0) };
    },
  };
}

function wereMarked(output: MarkedStrays | undefined): boolean {
  return output !== undefined && 'marked' in output;
}
