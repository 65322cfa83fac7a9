import { BlueGreenError } from './errors/blue-green-error.js';
import { lookingContext, type LookingContext } from './engine/looking-context.js';
import type { Outlook } from './engine/outlook.js';
import type { Plan } from './engine/plan.js';
import { EMPTY_ROLLOUT } from './engine/rollout-state.js';
import type { Step } from './engine/step.js';
import { holderOfTarget } from './engine/target-locks.js';
import { expectedCalls } from './expected-calls.js';
import { toJson } from './internal/json.js';
import { mutationsOf, wayBackOf } from './planned-mutations.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { RolloutPlan, RolloutPlanStep, RolloutPlanStop } from './rollout-plan.js';
import type { Fleets } from './rollout-result.js';
import type { Kind } from './specs/parse-spec.js';
import type { Finding } from './steps/findings.js';

type Ground = Pick<ResolvedOptions, 'store' | 'clock' | 'timeout' | 'polling'>;

/** Takes the first looks of a release, with the very steps that a rollout takes them with, and tells what would follow. */
export async function makeRolloutPlan(
  rolloutId: string,
  plan: Plan,
  ground: Ground,
  signal: AbortSignal,
): Promise<RolloutPlan> {
  const { clock } = ground;
  const startedAt = clock.now();
  const context = lookingContext({
    state: { ...EMPTY_ROLLOUT, rolloutId, kind: plan.kind, startedAt, lastEntryAt: startedAt },
    now: () => clock.now(),
    signal,
  });
  const busy = await busyTargets(plan, ground);
  const waits = busy.length > 0 && plan.whenBusy !== undefined && plan.whenBusy !== 'fail';
  // What is there before its turn has come says nothing about what will be there then.
  const refusals = waits ? [] : [...busy, ...(await takeFirstLooks(plan, context))];
  if (waits)
    for (const { found } of busy) await context.warn('WOULD_WAIT', `${found}: the release would wait for its turn`);
  const outlook = plan.foresee(context);
  const skipped = knownToBeSkipped(plan, context);
  const steps = plan.steps.map((step) => toldStep(step, outlook, context, ground, skipped));
  const { blue } = plan.fleets(context.state);
  const mutations = mutationsOf(plan.steps, skipped, outlook);
  // Nothing is taken back where nothing begins.
  const unwinding = mutations.length === 0 ? [] : mutationsOf(wayBackOf(plan), new Set(), outlook);
  return {
    rolloutId,
    kind: plan.kind as Kind,
    targets: plan.targets,
    wouldStart: refusals.length === 0,
    ...(blue === undefined ? {} : { blue: blue as unknown as Fleets[Kind] }),
    greenTags: outlook.greenTags,
    steps,
    stops: steps.flatMap((step) => stopOf(step, outlook)),
    bounds: {
      ...(Number.isFinite(plan.withinMs) ? { rolloutTimeoutMs: plan.withinMs } : {}),
      ...boundsOf(steps, outlook),
    },
    mutations,
    unwinding,
    calls: expectedCalls(steps, mutations, outlook, ground.polling),
    permissions: outlook.permissions,
    warnings: context.warnings,
    refusals,
  };
}

/** Rollouts of this store that have not ended: a start would be refused before it looks at anything. */
async function busyTargets({ targets }: Plan, { store }: Ground): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const target of targets) {
    const holder = await holderOfTarget(store, target);
    if (holder === undefined || holder.is === 'finished') continue;
    findings.push({
      check: 'target',
      found: `${target} is held by rollout ${holder.rolloutId}, which has not ended`,
      fix: 'Wait until it ends, abort it, or sweep if nobody drives it any more.',
    });
  }
  return findings;
}

/** Answers what a refusal says; whatever else goes wrong is thrown as it would end a release. */
async function takeFirstLooks(plan: Plan, context: LookingContext): Promise<readonly Finding[]> {
  for (const step of plan.steps) {
    if (step.type !== 'read' || step.stage !== 'RECONCILE_SERVICE' || step.when?.(context.state) === false) continue;
    try {
      context.remember(step.id, toJson(await step.read(context)));
    } catch (error) {
      if (!BlueGreenError.is(error) || error.code !== 'PREFLIGHT_REFUSED') throw error;
      return findingsOf(error, step);
    }
  }
  return [];
}

function findingsOf({ message, hint, details }: BlueGreenError, { id }: Step): readonly Finding[] {
  const { findings } = (details ?? {}) as { readonly findings?: readonly Finding[] };
  return findings ?? [{ check: id, found: message, fix: hint }];
}

const ASKED = { 'gate/': 'gate', 'hook/': 'hook' } as const;

function typeOf({ id, type }: Step): RolloutPlanStep['type'] {
  const asked = Object.entries(ASKED).find(([prefix]) => id.startsWith(prefix));
  return asked === undefined ? type : asked[1];
}

/** Steps up to the first that would be taken: until then nothing happens on which they could depend. */
function knownToBeSkipped(plan: Plan, { state }: LookingContext): ReadonlySet<string> {
  const skipped = new Set<string>();
  for (const { id, when } of plan.steps) {
    if (state.steps.has(id)) continue;
    if (when?.(state) !== false) break;
    skipped.add(id);
  }
  return skipped;
}

function toldStep(
  step: Step,
  outlook: Outlook,
  context: LookingContext,
  ground: Ground,
  skipped: ReadonlySet<string>,
): RolloutPlanStep {
  const { id, stage, title } = step;
  const type = typeOf(step);
  const calls = step.type === 'effect' ? (step.calls ?? []) : [];
  const ownMs = withinOf(step, context, ground);
  const heldMs = type === 'gate' || type === 'hook' ? outlook.heldAtMostMs(stage) : undefined;
  const withinMs = ownMs === undefined ? undefined : Math.min(ownMs, heldMs ?? Number.POSITIVE_INFINITY);
  return {
    id,
    stage,
    type,
    title,
    ...(calls.length === 0 ? {} : { calls }),
    ...(withinMs === undefined || !Number.isFinite(withinMs) ? {} : { withinMs }),
    ...(step.when === undefined ? {} : { conditional: true }),
    ...(skipped.has(id) ? { skipped: true } : {}),
  };
}

/** A wait may ask for what a step before it has found: as long as that has not run, its limit is open. */
function withinOf(step: Step, context: LookingContext, { timeout }: Ground): number | undefined {
  if (step.type !== 'wait') return undefined;
  try {
    return timeout({ scope: 'step', stepId: step.id, derivedMs: step.within(context) });
  } catch (error) {
    if (BlueGreenError.is(error) && error.code === 'INTERNAL') return undefined;
    throw error;
  }
}

function stopOf(step: RolloutPlanStep, { holding }: Outlook): readonly RolloutPlanStop[] {
  const { id, type, stage, withinMs } = step;
  if (type !== 'gate' && type !== 'hook') return [];
  return [
    {
      type,
      name: id.slice(type === 'gate' ? 'gate/'.length : `hook/${stage}/`.length),
      stepId: id,
      stage,
      ...holding(stage),
      ...(withinMs === undefined ? {} : { withinMs }),
    },
  ];
}

function boundsOf(
  steps: readonly RolloutPlanStep[],
  outlook: Outlook,
): Omit<RolloutPlan['bounds'], 'rolloutTimeoutMs'> {
  const { modeTimeoutMs } = outlook;
  const launched = steps.find(({ id }) => id === outlook.extraInstances?.after);
  const extraInstances = launched?.skipped === true ? undefined : outlook.extraInstances;
  const longestMs = sumOf(steps);
  const place = (id: string | undefined): number => steps.findIndex((step) => step.id === id);
  const forAtMostMs = sumOf(steps.slice(place(extraInstances?.after) + 1, place(extraInstances?.until) + 1));
  return {
    ...(modeTimeoutMs === undefined ? {} : { modeTimeoutMs }),
    ...(longestMs === undefined ? {} : { longestMs }),
    ...(extraInstances === undefined || forAtMostMs === undefined
      ? {}
      : { extraInstances: { count: extraInstances.count, forAtMostMs } }),
  };
}

/** Undefined where the limit of one of them is open. */
function sumOf(steps: readonly RolloutPlanStep[]): number | undefined {
  const waits = steps.filter(({ type, skipped }) => type !== 'read' && type !== 'effect' && skipped !== true);
  const known = waits.flatMap(({ withinMs }) => withinMs ?? []);
  return known.length < waits.length ? undefined : known.reduce((sum, ms) => sum + ms, 0);
}
