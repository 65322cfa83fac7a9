import type { Fault, Undocumented } from '../testing/index.js';
import { UsageError, wordsOf } from './usage-error.js';

/** Every fault by name: the compiler says when one is missing. */
const FAULTS = {
  'lost-answer': true,
  refused: true,
  'server-error': true,
  throttled: true,
  slow: true,
  'no-answer': true,
  malformed: true,
  'script-fails': true,
  interruption: true,
  'agent-dead': true,
  'green-never-launches': true,
  'blue-not-removed': true,
  'green-left-behind': true,
  'unknown-state': true,
  'mode-error': true,
  'mode-timeout': true,
  'unstable-deployment': true,
  'stranger-deploys': true,
  'alarm-fires': true,
} as const satisfies Record<Fault['fault'], true>;

/** What `--fault` says; one that the simulated cloud does not know would never happen. */
export function parseFault(text: string): Fault {
  let fault: Partial<Fault> | null;
  try {
    fault = JSON.parse(text) as Partial<Fault> | null;
  } catch (error) {
    throw new UsageError(`--fault is not JSON: ${wordsOf(error)}`);
  }
  const name = fault?.fault;
  if (typeof name === 'string' && Object.hasOwn(FAULTS, name)) return fault as Fault;
  throw new UsageError(
    `--fault: "fault" is ${JSON.stringify(name) ?? 'missing'}; allowed are ${Object.keys(FAULTS).join(', ')}`,
  );
}

/** What `--undocumented KEY=VALUE` says, checked against the questions that there are. */
export function parseUndocumented(
  given: readonly string[],
  questions: Readonly<Record<string, readonly string[]>>,
): Partial<Undocumented> {
  const answers = given.map((text) => {
    const [key = '', value = ''] = text.split(/=(.*)/s);
    const allowed = Object.hasOwn(questions, key) ? questions[key] : undefined;
    if (allowed === undefined)
      throw new UsageError(
        `--undocumented ${text}: there is no such question; there are ${Object.keys(questions).join(', ')}`,
      );
    if (!allowed.includes(value))
      throw new UsageError(`--undocumented ${text}: allowed for ${key} are ${allowed.join(', ')}`);
    return [key, value];
  });
  return Object.fromEntries(answers) as Partial<Undocumented>;
}
