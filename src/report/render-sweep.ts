import { formatDuration } from '../policies/duration.js';
import type { SweepLeftover, SweepReport, SweptRollout } from '../sweep-report.js';
import { cleanLine, cleanText } from './clean-text.js';
import { receiptWords } from './receipt-words.js';
import { listed, rows, section } from './text-block.js';

/**
 * A sweep as plain text: what each dead rollout left, whose it is, how old it is and what to do; and what the sweep did about
 * it. Escape sequences and control characters in texts that came from outside are removed.
 *
 * @example
 * ```ts
 * import { BlueGreen, renderSweep } from 'elastigroup-bluegreen';
 * async function show(blueGreen: BlueGreen): Promise<void> {
 *   console.log(renderSweep(await blueGreen.sweep()));
 * }
 * ```
 */
export function renderSweep(report: SweepReport): string {
  const { dryRun, at, leftovers, alive, swept, freed } = report;
  const rolloutIds = [...new Set(leftovers.map(({ rolloutId }) => rolloutId))];
  const of = (id: string): readonly SweepLeftover[] => leftovers.filter(({ rolloutId }) => rolloutId === id);
  return [
    `Sweep at ${cleanLine(at)}${dryRun ? ', a dry run: nothing was changed' : ''}`,
    leftovers.length === 0 ? 'Nothing is left of dead rollouts.' : `${leftovers.length} found`,
    ...rolloutIds.flatMap((id) => section(`Rollout ${cleanLine(id)}`, of(id).flatMap(leftoverLines))),
    ...section('Driven to their end', swept.flatMap(sweptLines)),
    ...section('Freed', rows(freed.map(({ what, subject }) => [what, cleanLine(subject)]))),
    ...section('Left alone, because somebody drives them', alive.length === 0 ? [] : [listed(alive)]),
    '',
  ].join('\n');
}

function leftoverLines(leftover: SweepLeftover): readonly string[] {
  const { what, subject, since, ageMs, owner, serving, remedy } = leftover;
  const age = since === undefined || ageMs === undefined ? [] : [`${formatDuration(ageMs)} old, since ${since}`];
  const whose = owner === undefined ? [] : [`last driven by ${owner}`];
  const facts = [...age, ...whose, ...(serving ? ['users are served by it'] : [])].map(cleanLine);
  return [
    `${cleanLine(what)} ${cleanLine(subject)}`,
    ...rows([
      ...(facts.length === 0 ? [] : [['  it is', facts.join('; ')] as const]),
      ['  what to do', cleanText(remedy)],
    ]),
  ];
}

function sweptLines({ rolloutId, outcome, receipt, error }: SweptRollout): readonly string[] {
  const open = receiptWords(receipt.lines, outcome).filter(({ sort }) => sort === 'differs' || sort === 'unknown');
  return [
    `${cleanLine(rolloutId)}: ${outcome}`,
    ...rows([
      ...(error === undefined ? [] : [['  because', cleanText(error.message)] as const]),
      ...open.map(({ what, subject, verdict, fix, because }): readonly [string, string] => [
        `  ${verdict}`,
        `${what} of ${subject}. ${fix ?? because ?? ''}`,
      ]),
    ]),
  ];
}
