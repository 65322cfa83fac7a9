import type { EffectStep } from '../engine/step.js';
import type { RolloutState } from '../engine/rollout-state.js';
import { awaitGreenId, type Green } from './await-green.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { preflightFacts } from './preflight.js';
import { tagInstances } from './tag-instances.js';

export const tagReplacementsId = (round: number): string => `tag-replacements/${round}`;

/** What Spot launched in the place of lost green becomes green: Spot tags only what its deployment mode launched at first. */
export function tagReplacements(release: ElastigroupRelease, round: number): EffectStep {
  return {
    type: 'effect',
    id: tagReplacementsId(round),
    version: 1,
    stage: 'SCALE_UP',
    title: 'tag green what Spot launched in the place of lost green',
    when: (state) => replacementsIn(state, round).length > 0,
    calls: ['ec2 createTags'],
    run: async (context) => {
      const tagged = replacementsIn(context.state, round);
      const { greenTags } = preflightFacts(context);
      await tagInstances(release, context, { key: tagReplacementsId(round), instanceIds: tagged, tags: greenTags });
      return { tagged };
    },
  };
}

/** Replacements that the wait before this round found; empty where green was complete. */
export function replacementsIn(state: RolloutState, round: number): readonly string[] {
  const green = state.steps.get(awaitGreenId(round))?.output as Green | undefined;
  return green?.replacements ?? [];
}
