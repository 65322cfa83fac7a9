import { gateStep } from '../engine/gates.js';
import { hookStep } from '../engine/hooks.js';
import { STAGES, type LifecycleStage } from '../engine/stages.js';
import type { Step } from '../engine/step.js';
import { parseDuration } from '../policies/duration.js';
import type { ElastigroupRelease } from '../steps/elastigroup-release.js';
import { canHold, holdAt } from '../steps/hold-release.js';
import { hookFacts } from '../steps/hook-facts.js';
import type { GateSpec } from '../specs/common-schemas.js';

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

/** How much longer than without them the whole may take: without end where a gate stays open until somebody answers. */
export function heldForMs({ spec, hooks }: ElastigroupRelease): number {
  const gatesMs = (spec.gates ?? []).map((gate) =>
    gate.onExpiry === 'hold' ? Number.POSITIVE_INFINITY : Math.max(DAY_MS, expiresInMs(gate)),
  );
  return gatesMs.reduce((sum, ms) => sum + ms, hooks.length * DAY_MS);
}

const expiresInMs = ({ name, expiresIn }: GateSpec): number =>
  expiresIn === undefined ? DAY_MS : parseDuration(expiresIn, `gates.${name}.expiresIn`);

const isHook = (step: Step): boolean => step.id.startsWith('hook/');
const indexOf = (stage: LifecycleStage): number => STAGES.indexOf(stage);

function gatesOf(release: ElastigroupRelease): readonly Stop[] {
  return (release.spec.gates ?? []).map((gate) => {
    const { name, before, onExpiry = 'unwind', evidence = 'optional' } = gate;
    const hold = holdAt(release, before);
    return { stage: before, step: gateStep({ name, before, withinMs: expiresInMs(gate), onExpiry, evidence, hold }) };
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
      holds: (context) => canHold(stage, context),
      hold: holdAt(release, stage),
      facts: (context) => hookFacts(release, context),
    }),
  }));
}
