import type { EffectStep, StepContext, WaitStep } from '../engine/step.js';
import { AWAIT_DRAINED_MS } from './budgets.js';
import { deregisterOperation } from './deregister-operation.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { tagsCarried } from './filter-line.js';
import { healthyEverywhere, observeHealth, type Health } from './observe-fleets.js';
import { isRegistered } from './observe-traffic.js';
import { preflightFacts } from './preflight.js';
import { provenGreen } from './proven-green.js';
import { refusalOf } from './refusal-of.js';
import { greenMustServe, straysIn } from './settle-strays.js';
import { tagInstances } from './tag-instances.js';
import { statesIn } from './target-states.js';

/**
 * Makes proven strays green for good, or the next release would find two colours of blue; and takes the others out of
 * traffic before they are detached, whoever registered them: Spot would end instances to which users are sent.
 */
export function tidyStrays(release: ElastigroupRelease, round: number): EffectStep {
  return {
    type: 'effect',
    id: `tidy-strays/${round}`,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'give proven instances green’s tags, and take the others out of traffic',
    when: (state) => straysIn(state, round).length > 0,
    calls: ['ec2 createTags', 'elbv2 deregisterTargets'],
    run: async (context) => {
      const strays = straysIn(context.state, round);
      const proven = await provenGreen(release, context);
      const isProven = new Set(proven);
      const released = strays.filter((id) => isProven.has(id));
      if (released.length > 0) await colour(release, context, round, { released, proven });
      const deregistered = await takeOutOfTraffic(
        release,
        context,
        round,
        strays.filter((id) => !isProven.has(id)),
      );
      return { released, deregistered };
    },
  };
}

export function awaitStraysDrained(release: ElastigroupRelease, round: number): WaitStep<Health> {
  return {
    type: 'wait',
    id: `await-strays-drained/${round}`,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'wait until what is to be detached has answered its last requests',
    when: (state) => tidied(state.steps.get(`tidy-strays/${round}`)?.output).length > 0,
    within: (context) =>
      AWAIT_DRAINED_MS +
      Math.max(0, ...preflightFacts(context).targetGroups.map((group) => group.deregistrationDelayMs)),
    observe: (context) => observeHealth(release, context),
    judge: (health, look, context) => {
      const ids = tidied(context.output(`tidy-strays/${round}`));
      const groups = statesIn(health);
      const left = ids.filter((id) => groups.some(([, states]) => states.has(id)));
      return left.length === 0 || look.last ? { ready: { left } } : { pending: `draining ${left.length}` };
    },
  };
}

/** With what green carries now: Spot may have rewritten it at the end of the deployment mode. */
async function colour(
  release: ElastigroupRelease,
  context: StepContext,
  round: number,
  { released, proven }: { readonly released: readonly string[]; readonly proven: readonly string[] },
): Promise<void> {
  const serving = healthyEverywhere(await observeHealth(release, context), proven);
  const isReleased = new Set(released);
  const green = serving.filter((id) => !isReleased.has(id));
  // Without another that serves there is nothing that they could differ from.
  const tags = await tagsCarried(release, context, green.length > 0 ? green : released);
  try {
    await tagInstances(release, context, { key: `tidy-strays/${round}/colour`, instanceIds: released, tags });
  } catch (error) {
    const { because } = refusalOf(error);
    await context.warn('STRAYS_NOT_TAGGED', `green’s tags could not be given to ${released.join(', ')}: ${because}`);
  }
}

async function takeOutOfTraffic(
  release: ElastigroupRelease,
  context: StepContext,
  round: number,
  unproven: readonly string[],
): Promise<readonly string[]> {
  const deregistered = new Set<string>();
  for (const [arn, states] of statesIn(await observeHealth(release, context))) {
    const key = `tidy-strays/${round}/${arn}`;
    const before = context.state.operations.get(key)?.token.split(',');
    const ids = before ?? unproven.filter((id) => isRegistered(states.get(id)));
    if (ids.length === 0) continue;
    const guard = (): Promise<void> => greenMustServe(release, context);
    await context.effect(deregisterOperation(release, context, { key, arn, instanceIds: ids, guard }));
    for (const id of ids) deregistered.add(id);
  }
  return [...deregistered];
}

function tidied(output: unknown): readonly string[] {
  return (output as { readonly deregistered?: readonly string[] } | undefined)?.deregistered ?? [];
}
