import type { RolloutResult } from '../index.js';
import { formatDuration } from '../policies/duration.js';
import { cleanLine } from '../report/clean-text.js';
import { isDrivenElsewhere } from '../report/driven-elsewhere.js';
import type { CliContext } from './cli-context.js';
import { commandLine, type SamePlace } from './command-line.js';
import type { Ending } from './exit-codes.js';
import { coloursFor, jsonLine, rows, say } from './output.js';
import { endError, receiptCount, triedAgain, uncleanLines } from './receipt-text.js';

/** What a rollout came to, for people or as one line of JSON; answers how the command ends. */
export function tellResult(
  result: RolloutResult,
  context: CliContext,
  { json, ...place }: SamePlace & { readonly json?: boolean | undefined },
): Ending {
  const { stdout, stderr } = context;
  if (json === true) say(stdout, jsonLine(result));
  else for (const line of summary(result, context, place)) say(stdout, line);
  const { error, outcome } = result;
  // That somebody let go of it is no error; the summary says it.
  if (error !== undefined && error.code !== 'SUSPENDED')
    say(stderr, endError(error, result, coloursFor(stderr, context).isColorSupported));
  for (const line of triedAgain(result, place)) say(stderr, line);
  return outcome;
}

function summary(result: RolloutResult, context: CliContext, place: SamePlace): readonly string[] {
  const { id, outcome, startedAt, finishedAt, strays, codeDeployDeploymentIds, error } = result;
  const { bold, green, red } = coloursFor(context.stdout, context);
  const took =
    finishedAt === undefined ? '' : ` after ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  const paint = outcome === 'succeeded' ? green : red;
  return [
    '',
    `${bold(cleanLine(id))} ${bold(paint(outcome))}${took}`,
    ...rows([
      ['serves', servesText(result)],
      ['strays', strays.map(({ instanceId }) => instanceId).join(', ')],
      ['CodeDeploy', codeDeployDeploymentIds.join(', ')],
      ['receipt', receiptCount(result)],
      ['because', error?.code === 'SUSPENDED' ? error.message : undefined],
      isDrivenElsewhere(error?.code)
        ? ['another process drives it', commandLine(['watch', id], place)]
        : ['go on with', outcome === 'suspended' ? commandLine(['resume', id], place) : undefined],
    ]),
    // With an error they stand below it.
    ...(error === undefined ? uncleanLines(result) : []),
  ];
}

function servesText({ outcome, blue, green }: RolloutResult): string | undefined {
  switch (outcome) {
    case 'succeeded': {
      const tags = Object.entries(green?.tags ?? {}).map(([key, value]) => `${key}=${value}`);
      return green && `green: ${green.instanceIds.join(', ')}${tags.length === 0 ? '' : ` (${tags.join(', ')})`}`;
    }
    case 'rolled-back':
    case 'refused':
      return blue === undefined ? 'what served before' : `blue: ${blue.instanceIds.join(', ')}`;
    case 'failed':
      return 'not known for certain: the receipt says what was found';
    case 'suspended':
      return undefined;
    default:
      return outcome satisfies never;
  }
}
