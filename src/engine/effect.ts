import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError } from '../errors/cloud-error.js';
import { toJson } from '../internal/json.js';
import type { Call } from '../ports/call.js';
import { type Absence, FRESH_MS } from './absence.js';
import type { Direction } from './journal.js';
import type { RolloutJournal } from './rollout-journal.js';
import type { OperationState } from './rollout-state.js';

/** What a search for the work of a lost call found. */
export type Found<T> = { readonly present: T } | 'absent' | 'unknown';

/** One mutating call. */
export interface Operation<T> {
  /** Unique in the rollout. */
  readonly key: string;
  /** The call in words, such as `codedeploy createDeployment`. */
  readonly call: string;
  /** How what the call made is found again. */
  readonly token: string;
  /** How long the service may go on saying *absent* after it acted. */
  readonly settleMs: number;
  /**
   * How long after its answer what it made may still be missing from the lists by which it would be taken back.
   * @defaultValue 0: it is taken back by the id that the answer gave
   */
  readonly listedAfterMs?: number;
  /** Judged right before every sending; a throw means that nothing is sent. */
  readonly guard?: () => Promise<void>;
  readonly find: () => Promise<Found<T>>;
  /** Hands the call on to the port, so that lease and guard are asked after every wait of the gateway. */
  readonly send: (call: Call) => Promise<T>;
  /** For a refusal that time may cure: how long to wait before sending again; undefined = give up. */
  readonly sendAgainAfterMs?: (error: CloudError, sinceIntendedMs: number) => number | undefined;
}

export interface EffectEnvironment {
  readonly journal: RolloutJournal;
  readonly driver: string;
  readonly step: string;
  readonly direction: Direction;
  readonly now: () => number;
  /** Ends only when this process stops driving: an order to abort waits until it is known what the call did. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Throws when this process may no longer change anything. */
  readonly assertLease: () => Promise<void>;
  /** From when on it counts that nothing is found. */
  readonly absence: Absence;
}

const ASK_AGAIN_MS = 10_000;
const ASK_TIMES = 6;
const SEND_TIMES = 4;

/**
 * Makes one mutating call so that it happens once, whatever becomes of answers and processes.
 *
 * Intent on disk, guard and lease asked, sent, done. When the answer is lost, or a former process may have sent it, the service
 * is asked what is there before anything is sent again.
 */
export async function runEffect<T>(environment: EffectEnvironment, operation: Operation<T>): Promise<T> {
  const { journal } = environment;
  const { key } = operation;
  const before = journal.state.operations.get(key);
  if (before?.status === 'done') return before.result as T;
  if (before?.status === 'intended') {
    const found = await look(environment, operation, before);
    if (found !== undefined) return found.result;
  }
  for (let sendings = 1; ; sendings += 1) {
    await intend(environment, operation);
    const answer = await sendOnce(environment, operation);
    if (answer !== undefined) return answer.result;
    const intended = journal.state.operations.get(key);
    if (intended?.status === 'intended') {
      const found = await look(environment, operation, intended);
      if (found !== undefined) return found.result;
      if (sendings >= SEND_TIMES) throw unclear(operation, 'it was sent several times, and no trace of it is found');
    }
  }
}

async function intend(environment: EffectEnvironment, operation: Operation<unknown>): Promise<void> {
  const { journal, driver, step, absence } = environment;
  const { key, token, call, settleMs, listedAfterMs } = operation;
  absence.intends(key);
  const lags = { settleMs, ...(listedAfterMs === undefined ? {} : { listedAfterMs }) };
  await journal.append({ type: 'operation-intended', step, key, token, call, driver, ...lags });
}

/** Undefined: to be looked for. */
async function sendOnce<T>(
  environment: EffectEnvironment,
  operation: Operation<T>,
): Promise<{ result: T } | undefined> {
  const { journal, now, sleep } = environment;
  const { key } = operation;
  const intendedAt = now();
  for (;;) {
    try {
      const result = toJson(await operation.send({ beforeSend: () => mayGoOut(environment, operation) })) as T;
      environment.absence.answered(key);
      await journal.append({ type: 'operation-done', key, how: 'answered', result: toJson(result) });
      return { result };
    } catch (error) {
      if (error instanceof Forbidden) {
        await journal.append({ type: 'operation-refused', key, error: error.because.toJSON() });
        throw error.because;
      }
      if (!CloudError.is(error)) throw error;
      if (error.failure.acted === 'unknown') return undefined;
      const afterMs = operation.sendAgainAfterMs?.(error, now() - intendedAt);
      if (afterMs === undefined) {
        await journal.append({ type: 'operation-refused', key, error: error.toJSON() });
        throw error;
      }
      await sleep(afterMs);
    }
  }
}

/**
 * The last word before a request goes out: may this be done now, and may this process do it? Where the store or the guard took
 * its time, what was asked first is asked again. What the service makes of the call may be listed late, and how late is
 * counted from the intent: whoever sends again, or had to wait, writes that down anew.
 */
async function mayGoOut(environment: EffectEnvironment, operation: Operation<unknown>): Promise<void> {
  const { journal, absence, assertLease } = environment;
  const isIntended = (): boolean =>
    journal.state.operations.get(operation.key)?.status === 'intended' && absence.ageMs(operation.key) <= FRESH_MS;
  // Where everything is slow all the time, asking for ever would help nobody.
  for (let asked = 1; asked <= ASK_TIMES; asked += 1) {
    try {
      await operation.guard?.();
    } catch (error) {
      throw BlueGreenError.is(error) ? new Forbidden(error) : error;
    }
    const guarded = absence.stopwatch();
    if (!isIntended()) await intend(environment, operation);
    await assertLease();
    if (guarded() <= FRESH_MS && isIntended()) return;
  }
}

/** A guard that said no: nothing was sent. */
class Forbidden extends Error {
  constructor(readonly because: BlueGreenError) {
    super(because.message);
  }
}

/** What became of a call that was sent; undefined: certainly nothing. */
async function look<T>(
  environment: EffectEnvironment,
  operation: Operation<T>,
  intended: OperationState,
): Promise<{ result: T } | undefined> {
  const { journal, absence, sleep } = environment;
  for (let unknowns = 0; ; ) {
    const found = await findSafely(operation);
    if (typeof found === 'object') {
      const result = toJson(found.present) as T;
      await journal.append({ type: 'operation-done', key: operation.key, how: 'found', result: toJson(result) });
      return { result };
    }
    if (found === 'absent') {
      const restMs = absence.restMs(operation.key, intended);
      if (restMs <= 0) return undefined;
      await sleep(Math.min(restMs, ASK_AGAIN_MS));
      continue;
    }
    unknowns += 1;
    if (unknowns >= ASK_TIMES) {
      if (environment.direction === 'forward') throw unclear(operation, 'the service does not say whether it acted');
      await journal.append({ type: 'operation-done', key: operation.key, how: 'presumed', result: null });
      return { result: null as T };
    }
    await sleep(ASK_AGAIN_MS);
  }
}

/** A look that fails tells nothing. */
async function findSafely<T>(operation: Operation<T>): Promise<Found<T>> {
  try {
    return await operation.find();
  } catch (error) {
    if (CloudError.is(error)) return 'unknown';
    throw error;
  }
}

function unclear(operation: Operation<unknown>, because: string): BlueGreenError {
  return new BlueGreenError('OPERATION_UNCLEAR', `${operation.call} was sent, its answer was lost, and ${because}`, {
    details: { call: operation.call, token: operation.token, key: operation.key },
  });
}
