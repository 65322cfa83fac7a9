import { gateStep } from '../engine/gates.js';
import { hookStep } from '../engine/hooks.js';
import { STAGES, type LifecycleStage } from '../engine/stages.js';
import type { Step, StepContext } from '../engine/step.js';
import { parseDuration } from '../policies/duration.js';
import { READY_MARGIN_MS } from '../steps/budgets.js';
import type { ElastigroupRelease } from '../steps/elastigroup-release.js';
import { hookFacts } from '../steps/hook-facts.js';
import { PREFLIGHT, type PreflightFacts } from '../steps/preflight.js';
import { whyItDoesNotHold } from '../steps/preflight-gates.js';

const DAY_MS = 24 * 3_600_000;

interface Stop {
  readonly stage: LifecycleStage;
  readonly step: Step;
}

/** Puts every gate before its stage, and every hook at it: before the first step of the stage, or of a later one. */
export function withStops(release: ElastigroupRelease, steps: readonly Step[]): readonly Step[] {
  const stops = [...gatesOf(release), ...hooksOf(release)].sort((a, b) => indexOf(a.stage) - indexOf(b.stage));
  return stops.reduceRight<readonly Step[]>((planned, { stage, step }) => {
    // What a hook at the first stage is told is only known once that stage's own steps have looked.
    const afterItsStage = stage === 'RECONCILE_SERVICE' && isHook(step);
    const found = planned.findIndex(
      (each) => indexOf(each.stage) > indexOf(stage) || (each.stage === stage && (!afterItsStage || isHook(each))),
    );
    const at = found === -1 ? planned.length : found;
    return [...planned.slice(0, at), step, ...planned.slice(at)];
  }, steps);
}

/** How much longer than without them the whole may take. */
export function heldForMs({ spec, hooks }: ElastigroupRelease): number {
  return ((spec.gates ?? []).length + hooks.length) * DAY_MS;
}

const isHook = (step: Step): boolean => step.id.startsWith('hook/');
const indexOf = (stage: LifecycleStage): number => STAGES.indexOf(stage);

function gatesOf({ spec }: ElastigroupRelease): readonly Stop[] {
  return (spec.gates ?? []).map((gate) => {
    const ownMs = gate.expiresIn === undefined ? DAY_MS : parseDuration(gate.expiresIn, `gates.${gate.name}.expiresIn`);
    const withinMs = (context: StepContext): number => Math.min(ownMs, heldAtMostMs(gate.before, context));
    return { stage: gate.before, step: gateStep({ name: gate.name, before: gate.before, withinMs }) };
  });
}

function hooksOf(release: ElastigroupRelease): readonly Stop[] {
  const { clock, logger } = release;
  return release.hooks.map(({ stage, entry }) => ({
    stage,
    step: hookStep({
      stage,
      entry,
      clock,
      logger,
      holds: (context) => whyItDoesNotHold(stage, { readyWaitMs: readyWaitMs(context) }) === undefined,
      heldAtMostMs: (context) => heldAtMostMs(stage, context),
      facts: (context) => hookFacts(release, context),
    }),
  }));
}

/** In Ready CodeDeploy itself gives up one day: until then less a margin. */
function heldAtMostMs(stage: LifecycleStage, context: StepContext): number {
  const waitMs = readyWaitMs(context);
  const inReady = indexOf(stage) > indexOf('SCALE_UP');
  return inReady && waitMs !== undefined ? Math.max(0, waitMs - READY_MARGIN_MS) : Number.POSITIVE_INFINITY;
}

function readyWaitMs(context: StepContext): number | undefined {
  return context.output<PreflightFacts>(PREFLIGHT)?.readyWaitMs ?? undefined;
}
