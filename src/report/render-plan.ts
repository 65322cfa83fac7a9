import { formatDuration } from '../policies/duration.js';
import type { RolloutPlan, RolloutPlanStep, RolloutPlanStop } from '../rollout-plan.js';
import { cleanLine, cleanText } from './clean-text.js';
import { planCalls } from './render-plan-calls.js';
import { listed, rows, section } from './text-block.js';

/**
 * A plan as plain text: what happens stage by stage, where somebody can say no, how long and how much it may become, what
 * would be sent, which permissions that needs, and what speaks against it. Escape sequences and control characters in texts that came from outside are removed.
 *
 * @example
 * ```ts
 * import { BlueGreen, renderPlan, type ElastigroupSpec } from 'elastigroup-bluegreen';
 * async function show(blueGreen: BlueGreen, spec: ElastigroupSpec): Promise<void> {
 *   console.log(renderPlan(await blueGreen.plan(spec)));
 * }
 * ```
 */
export function renderPlan(plan: RolloutPlan): string {
  const { kind, rolloutId, wouldStart, warnings, refusals } = plan;
  return [
    `Plan of a release of kind ${cleanLine(kind)}, as rollout ${cleanLine(rolloutId)}`,
    wouldStart ? 'It would start.' : 'It would be refused: see the end.',
    ...section('What it works on', whatItWorksOn(plan)),
    ...stagesOf(plan.steps),
    ...section('Where somebody is asked', rows(plan.stops.map(stopRow))),
    ...section('At most', rows(boundRows(plan))),
    ...planCalls(plan),
    ...section('Warnings', rows(warnings.map(({ code, message }) => [cleanLine(code), cleanText(message)]))),
    ...section(
      'Refused because',
      refusals.flatMap(({ check, found, fix }) => [
        cleanLine(check),
        ...rows([
          ['  found', cleanText(found)],
          ['  what to do', cleanText(fix)],
        ]),
      ]),
    ),
    '',
  ].join('\n');
}

function whatItWorksOn({ targets, blue, greenTags }: RolloutPlan): readonly string[] {
  const tags = Object.entries(greenTags).map(([key, value]) => `${key}=${value}`);
  return rows([
    ['locks', listed(targets)],
    ...(blue === undefined ? [] : [['blue', `${blue.instanceIds.length}: ${listed(blue.instanceIds)}`] as const]),
    ...(tags.length === 0 ? [] : [['green', `tagged ${listed(tags)}`] as const]),
  ]);
}

function stagesOf(steps: readonly RolloutPlanStep[]): readonly string[] {
  const stages: Array<{ readonly stage: string; readonly steps: RolloutPlanStep[] }> = [];
  for (const step of steps) {
    const last = stages.at(-1);
    if (last?.stage === step.stage) last.steps.push(step);
    else stages.push({ stage: step.stage, steps: [step] });
  }
  return stages.flatMap(({ stage, steps: ofStage }) => section(cleanLine(stage), rows(ofStage.map(stepRow))));
}

function stepRow({
  type,
  title,
  calls = [],
  withinMs,
  conditional,
  skipped,
}: RolloutPlanStep): readonly [string, string] {
  if (skipped === true) return [`${type}, not needed`, cleanLine(title)];
  const limit = withinMs === undefined ? '' : `, up to ${formatDuration(withinMs)}`;
  const sends = calls.length === 0 ? '' : `\nmay send ${listed(calls)}`;
  return [`${type}${conditional === true ? ', if needed' : ''}`, `${cleanLine(title)}${limit}${sends}`];
}

function stopRow({ type, name, stage, holds, because, withinMs }: RolloutPlanStop): readonly [string, string] {
  const limit = withinMs === undefined ? '' : `, for up to ${formatDuration(withinMs)}`;
  const label = `${type} ${cleanLine(name)}`;
  if (holds === undefined) return [label, `${stage}: the refusal leaves open whether a no counts here`];
  if (holds) return [label, `${stage}: a no takes the release back${limit}`];
  return [label, `${stage}: is told, and cannot say no: ${cleanLine(because ?? '')}`];
}

function boundRows({ bounds }: RolloutPlan): ReadonlyArray<readonly [string, string]> {
  const { rolloutTimeoutMs, modeTimeoutMs, longestMs, extraInstances } = bounds;
  return [
    [
      'taken back after',
      rolloutTimeoutMs === undefined
        ? 'no time of its own: a gate stays open until somebody answers'
        : `${formatDuration(rolloutTimeoutMs)}, unless blue can no longer carry the load`,
    ],
    ...(longestMs === undefined ? [] : [['all waits together', formatDuration(longestMs)] as const]),
    ...(modeTimeoutMs === undefined
      ? []
      : [['Spot ends the deployment mode after', formatDuration(modeTimeoutMs)] as const]),
    ...(extraInstances === undefined
      ? []
      : [
          [
            'instances beside blue',
            `${extraInstances.count}, for up to ${formatDuration(extraInstances.forAtMostMs)}`,
          ] as const,
        ]),
  ];
}
