import { formatDuration } from '../policies/duration.js';
import { cleanLine, cleanText } from './clean-text.js';
import { entriesOf, jsonText, propertyOf, textOf } from './unknown-values.js';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** One reason why a release could not start. */
export interface FindingView {
  readonly check: string;
  readonly found: string;
  readonly fix?: string;
}

/** Shown in a place of their own, or together with another. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'colour',
  'errorCode',
  'message',
  'logTail',
  'findings',
  'problems',
  'lines',
  'requestId',
  'requestIds',
  'acted',
  'operation',
  'kind',
]);

const LABELS: Readonly<Record<string, string>> = {
  instanceId: 'instance',
  instanceIds: 'instances',
  codeDeployDeploymentId: 'CodeDeploy',
  event: 'event',
  script: 'script',
  service: 'call',
  status: 'HTTP status',
  code: 'its own code',
  error: 'the service says',
  withinMs: 'time allowed',
  retryAfterMs: 'asks to wait',
};

/** What the details of an error hold, in words and in the order in which a reader asks. */
export function factsOf(details: unknown, message: string): readonly Fact[] {
  const order = Object.keys(LABELS);
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const facts = entriesOf(details)
    .filter(([name, value]) => !ELSEWHERE.has(name) && value !== null && value !== undefined && value !== '')
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) => ({ label: labelOf(name, value), value: cleanLine(valueOf(details, name, value)) }));
  const exit = [textOf(details, 'errorCode'), textOf(details, 'message')].filter(Boolean).join(': ');
  const acted = textOf(details, 'acted');
  const at = facts.findIndex(({ label }) => label === LABELS['script']);
  const exits =
    textOf(details, 'errorCode') === undefined || exit === '' ? [] : [{ label: 'exit', value: cleanLine(exit) }];
  const all = [...facts.slice(0, at + 1), ...exits, ...facts.slice(at + 1)];
  if (acted !== undefined)
    all.push({
      label: 'effect',
      value: acted === 'no' ? 'the service did nothing' : 'unknown: the service may have acted',
    });
  // What the message says word for word needs no line of its own, unless it is an id that somebody will copy.
  return all.filter(
    ({ label, value }) =>
      value.length < 60 || !cleanLine(message).includes(value) || label === 'script' || label === 'exit',
  );
}

export function findingsOf(details: unknown): readonly FindingView[] {
  const findings = propertyOf(details, 'findings');
  if (!Array.isArray(findings)) return [];
  return findings.flatMap((finding: unknown) => {
    const check = textOf(finding, 'check');
    const found = textOf(finding, 'found');
    const fix = textOf(finding, 'fix');
    if (check === undefined || found === undefined) return [];
    return [
      { check: cleanLine(check), found: cleanText(found), ...(fix === undefined ? {} : { fix: cleanText(fix) }) },
    ];
  });
}

/** Request ids of the error itself: in its details, or where the AWS SDK keeps them. */
export function requestIdsOf(error: unknown): readonly string[] {
  const details = propertyOf(error, 'details');
  const ids = [
    textOf(details, 'requestId'),
    textOf(error, 'requestId'),
    textOf(propertyOf(error, 'failure'), 'requestId'),
    textOf(propertyOf(error, '$metadata'), 'requestId'),
  ];
  const more = propertyOf(details, 'requestIds');
  const all = [...ids, ...(Array.isArray(more) ? (more as readonly unknown[]) : [])];
  return all.filter((id): id is string => typeof id === 'string' && id !== '').map(cleanLine);
}

function labelOf(name: string, value: unknown): string {
  // Only a service's status is a number: a deployment's is a word.
  if (name === 'status' && typeof value !== 'number') return name;
  const known = Object.hasOwn(LABELS, name) ? LABELS[name] : undefined;
  return (
    known ??
    cleanLine(
      name.replace(/Ms$/, '').replace(/([a-z])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`),
    )
  );
}

function valueOf(details: unknown, name: string, value: unknown): string {
  if (name === 'instanceId') {
    const colour = textOf(details, 'colour');
    return `${jsonText(value)}${colour === undefined ? '' : ` (${colour.toLowerCase()})`}`;
  }
  if (name === 'service') return [jsonText(value), textOf(details, 'operation')].filter(Boolean).join(' ');
  if (name === 'error' && textOf(value, 'message') !== undefined)
    return [textOf(value, 'code'), textOf(value, 'message')].filter(Boolean).join(': ');
  if (name.endsWith('Ms') && typeof value === 'number') return formatDuration(value);
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  return jsonText(value);
}
