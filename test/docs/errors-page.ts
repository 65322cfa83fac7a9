import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { ERROR_CATALOGUE, type ErrorEntry } from '../../src/errors/error-catalogue.js';

const HEAD = `# Errors

Every error that the library throws on purpose is a \`BlueGreenError\`: recognise it with \`BlueGreenError.is(error)\`, decide by
\`error.code\`. \`blame\` says who has to act, \`hint\` what to do, \`stepId\` where it happened, \`details\` holds the facts. When
\`deploy()\` rejects, \`error.result\` is how the rollout ended, with the receipt. A code keeps its meaning for ever; messages may
change.

Machines get the same: \`error.toJSON()\`, \`error\` in a result, and \`--json\` on the command line are plain JSON with \`code\`, \`message\`,
\`blame\`, \`hint\`, \`stepId\` and \`details\`; \`errorCatalogue()\`, \`npx elastigroup-bluegreen errors --json\` and
[errors.json](errors.json) are this page. \`npx elastigroup-bluegreen errors CODE\` prints one section of it.

Each section says how what you called can end with the code, and the exit code of the command line for that
([cli.md](cli.md#exit-codes)). Whether it can wait is for the outcome to say: after \`refused\` and \`rolled-back\` production is as it was;
\`suspended\` can wait until Spot’s limit, which \`status ID\` shows; \`failed\` cannot: start with the [runbook](runbook.md#failed).

Each section has a test that brings it about, and compares what is said here with what is told then. In the
commands \`ID\` is a rollout, \`D\` a CodeDeploy deployment, \`I\` an instance and \`ARN\` a target group, all of which \`status ID\` or the
message names. What wakes people is in the [runbook](runbook.md#by-error-code) at more length.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

export function errorsPage(): string {
  const entries = Object.values(ERROR_CATALOGUE);
  return [
    HEAD,
    '| code | blame | meaning |',
    '|---|---|---|',
    ...entries.map(({ code, blame, meaning }) => `| [${code}](#${code.toLowerCase()}) | ${blame} | ${cell(meaning)} |`),
    ...entries.flatMap((entry) => ['', ...section(entry)]),
    '',
  ].join('\n');
}

function section(entry: ErrorEntry): string[] {
  const { code, blame, who, meaning, hint, provokedBy, check, facts, endings, told } = entry;
  const ends = endings.map((ending) => `\`${ending}\` (${EXIT_CODES[ending].code})`).join(', ');
  const elsewhere =
    told === 'way-back'
      ? '; told by the event `step:run:failed` and the report, for the result keeps what the release was taken back for'
      : '';
  const named = Object.entries(facts).map(([field, words]) => `\`${field}\`: ${words}`);
  return [
    `## ${code}`,
    '',
    meaning,
    '',
    `- Who must act: ${who} (\`blame: '${blame}'\`).`,
    `- What to do: ${hint}`,
    `- Provoked by: ${provokedBy}`,
    `- Ends: ${ends}${elsewhere}.`,
    ...(named.length === 0 ? [] : ['- `details`:', ...named.map((one) => `  - ${one}`)]),
    '- What to check:',
    ...check.map((line, index) => `  ${index + 1}. ${line}`),
  ];
}

export function errorsJson(): string {
  const entries = Object.values(ERROR_CATALOGUE).map((entry) => [
    entry.code,
    { ...entry, exitCodes: [...new Set(entry.endings.map((ending) => EXIT_CODES[ending].code))] },
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}
