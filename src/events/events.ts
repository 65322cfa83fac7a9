import type { BlueGreenErrorJson } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import type { TimedOut, TimeoutAction } from '../policies/timeout.js';

export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

interface EventFacts<P> {
  readonly level: EventLevel;
  /** When it is emitted, in one sentence. */
  readonly meaning: string;
  readonly payload?: P;
}

const event = <P>(level: EventLevel, meaning: string): EventFacts<P> => ({ level, meaning });

type Direction = 'forward' | 'undo';

/**
 * Every event, by name. A name and its payload change only by addition; text and level may change.
 */
export const EVENTS = {
  'rollout:start:recorded': event<{ kind: string; targets: readonly string[] }>(
    'info',
    'The rollout stands in the journal.',
  ),
  'rollout:drive:started': event<{ driver: string; resumed: boolean }>('info', 'A process drives the rollout.'),
  'rollout:drive:stopped': event<{ driver: string; because: string }>(
    'warn',
    'The process that drove the rollout stopped; another can resume it.',
  ),
  'rollout:abort:ordered': event<{ by: string; reason: string }>('warn', 'Somebody gave the order to abort.'),
  'rollout:abort:refused': event<{ because: string }>(
    'warn',
    'The order to abort came too late: blue can no longer carry the load.',
  ),
  'rollout:timeout:decided': event<{
    action: TimeoutAction;
    scope: TimedOut['scope'];
    stage?: string;
    error: BlueGreenErrorJson;
    by: string;
    because?: string;
  }>('warn', 'A time of the library’s own was up, and it is decided what becomes of it.'),
  'rollout:unwind:started': event<{ error: BlueGreenErrorJson }>('error', 'The release is being taken back.'),
  'rollout:pivot:passed': event<{ fact: string }>(
    'info',
    'Blue can no longer carry the load: from here on the only way is forward.',
  ),
  'rollout:retry:started': event<Readonly<Record<string, never>>>('info', 'A rollout that had failed is tried again.'),
  'rollout:finish:recorded': event<{ outcome: string; error?: BlueGreenErrorJson }>('info', 'The rollout has ended.'),
  'gate:answer:recorded': event<{
    gate: string;
    answer: 'approved' | 'rejected';
    by: string;
    reason?: string;
    evidence?: string;
  }>('info', 'Somebody answered a gate.'),
  'gate:answer:refused': event<{ gate: string; by: string; because: string }>(
    'warn',
    'A yes does not count after all, because what it was given for is not there any more: the gate is open again.',
  ),
  'step:run:started': event<{ step: string; direction: Direction; title: string; stage: string; untilAt?: string }>(
    'info',
    'A step begins; a wait says until when it waits.',
  ),
  'step:run:observed': event<{ step: string; direction: Direction; saw: string; facts?: Json }>(
    'info',
    'A wait saw something new.',
  ),
  'step:run:completed': event<{ step: string; direction: Direction; output: Json }>('debug', 'A step is done.'),
  'step:run:skipped': event<{ step: string; direction: Direction }>('debug', 'A step is not needed here.'),
  'step:run:failed': event<{ step: string; direction: Direction; error: BlueGreenErrorJson }>(
    'error',
    'A step failed.',
  ),
  'operation:send:intended': event<{ key: string; call: string; token: string; step: string }>(
    'info',
    'A call that changes something is about to go out.',
  ),
  'operation:send:completed': event<{ key: string; how: 'answered' | 'found' | 'presumed'; result: Json }>(
    'info',
    'A call that changes something is done: its service answered, or what it did was found.',
  ),
  'operation:send:refused': event<{ key: string; error: BlueGreenErrorJson }>(
    'warn',
    'A service refused a call and did nothing.',
  ),
  'rollout:check:warned': event<{ code: string; message: string }>(
    'warn',
    'Something does not rule the release out, and somebody should know it.',
  ),
  'store:choice:warned': event<{ message: string }>(
    'warn',
    'The store keeps nothing beyond this process: there would be nothing to resume from.',
  ),
  'store:journal:unreadable': event<{ code: string; message: string }>(
    'warn',
    'A rollout is left out of a list, for its journal cannot be read. Not in the journal.',
  ),
  'cloud:call:failed': event<{
    service: string;
    operation: string;
    attempt: number;
    message: string;
    code?: string;
    requestId?: string;
    retryAfterMs?: number;
    because?: string;
  }>('debug', 'An attempt at a call failed; it says whether it is made again, and why or why not. Not in the journal.'),
} as const;

export type EventName = keyof typeof EVENTS;

export type EventPayload<N extends EventName> = NonNullable<(typeof EVENTS)[N]['payload']>;

/** Something that happened in a rollout. */
export type RolloutEvent = {
  [N in EventName]: {
    readonly name: N;
    readonly level: EventLevel;
    /** Absent on events that belong to no rollout. */
    readonly rolloutId?: string;
    /** ISO time. */
    readonly at: string;
    /** For people; may change in any version. */
    readonly text: string;
    readonly data: EventPayload<N>;
  };
}[EventName];

export function makeEvent<N extends EventName>(
  name: N,
  at: number,
  text: string,
  data: EventPayload<N>,
  rolloutId?: string,
): RolloutEvent {
  const { level } = EVENTS[name];
  const event = {
    name,
    level,
    at: new Date(at).toISOString(),
    text,
    data,
    ...(rolloutId === undefined ? {} : { rolloutId }),
  };
  // One constructor for every member of the union: the payload's type is checked by the signature.
  return event as unknown as RolloutEvent;
}
