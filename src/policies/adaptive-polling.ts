import { BlueGreenError } from '../errors/blue-green-error.js';
import { parseDuration, type Duration } from './duration.js';
import type { PollingPolicy, PollingProgress, PollingQuestion } from './polling.js';

export interface AdaptivePollingOptions {
  /**
   * The time from one look to the next where the end may come at any moment, and where a late look would cost users.
   * @defaultValue '2s'
   */
  readonly dense?: Duration | undefined;
  /**
   * The same where the end is far: a failure is seen this late at the most, and half as late on average. At least `dense`.
   * @defaultValue '20s', or `dense` where that is longer
   */
  readonly sparse?: Duration | undefined;
  /**
   * What `sparse` grows to where the whole takes long, after a quarter of an hour or where progress tells so before; at least
   * `sparse`.
   * @defaultValue '38s', or `sparse` where that is longer
   */
  readonly longest?: Duration | undefined;
  /**
   * The same while nothing is under way and an answer, or the end of a bake, is waited for; at least `dense`.
   * @defaultValue '30s', or `dense` where that is longer
   */
  readonly holding?: Duration | undefined;
}

const DEFAULTS = Object.freeze({ dense: '2s', sparse: '20s', longest: '38s', holding: '30s' });

/** Two drivers that began together do not stay in step: each pause is shorter than planned by chance, by so much at most. */
const JITTER = 0.06;
/** Nothing tells how far it has come: the end is as near as ever, and seen by so much too late at the most. */
const BLIND_MS = 5_000;
const BLIND_SHARE = 0.02;
/** At the start little time has passed in which anything could have gone wrong unseen: pauses grow up to `sparse`. */
const FIRST_MS = 12_000;
const GROWTH = 0.3;
/** A failure may be seen so much of the whole later where the whole takes long. */
const UNSEEN_SHARE = 0.01;
/** From here on a deployment is a long one, whatever can be seen of it, and `sparse` grows by so much of what it takes more. */
const LONG_MS = 15 * 60_000;
const LONG_GROWTH = 0.11;
/** What is to do takes so much of the time that as much of it took so far: less than as long, for the slow ones were first. */
const TO_DO_SHARE = 0.5;
/** Until so much has been seen of a deployment, what its stretches took tells less of what they are going to take. */
const FAMILIAR_MS = 75_000;
/** A stretch takes a second where none has ended yet. */
const STRETCH_MS = 1_000;

/**
 * Looks often where the end may be near, and seldom where it cannot be: told by the lifecycle events of the release, how long
 * they have taken so far, and the deregistration delay of the target groups. Where nothing tells, by the time that has passed.
 * Every pause is a little shorter than planned by chance, and the last look is at the deadline.
 *
 * @throws OPTIONS_INVALID
 * @example
 * ```ts
 * import { BlueGreen, adaptivePolling } from 'elastigroup-bluegreen';
 * const blueGreen = new BlueGreen({ polling: adaptivePolling({ sparse: '30s', longest: '60s' }) });
 * await blueGreen.close();
 * ```
 */
export function adaptivePolling(options: AdaptivePollingOptions = {}): PollingPolicy {
  const denseMs = given(options, 'dense', 1);
  const sparseMs = given(options, 'sparse', denseMs, 'dense');
  const longestMs = given(options, 'longest', sparseMs, 'sparse');
  const holdingMs = given(options, 'holding', denseMs, 'dense');

  const planned = ({ elapsedMs, urgent, holding, progress }: PollingQuestion): number => {
    if (progress !== undefined) {
      const unseenMs = mayStayUnseenMs(progress, elapsedMs, sparseMs, longestMs);
      const endMs = soonestEndMs(progress, elapsedMs) + mayBeLateMs(progress, elapsedMs, denseMs);
      return Math.min(unseenMs, endMs, mayEndEarlyMs(progress, elapsedMs));
    }
    if (urgent) return denseMs;
    if (holding) return holdingMs;
    return Math.min(sparseMs, Math.max(denseMs, BLIND_MS, BLIND_SHARE * elapsedMs));
  };

  return (question, random) => {
    const { remainingMs } = question;
    // Nearer to the deadline the looks come closer, so that what ends shortly before it is not first seen at the very last.
    const pauseMs = Math.min(Math.max(denseMs, planned(question)), Math.max(denseMs, remainingMs / 2));
    return Math.max(0, Math.min(pauseMs * (1 - JITTER * random()), remainingMs));
  };
}

/** The end is not to be expected sooner: the more stretches lie ahead, the less likely it is that all of them are short. */
function soonestEndMs(
  { ahead, presentMs, typicalMs = STRETCH_MS, waitLeftMs }: PollingProgress,
  elapsedMs: number,
): number {
  const stretchMs = Math.max(STRETCH_MS / 2, typicalMs);
  const aheadMs = ahead * stretchMs * Math.min(1, 0.17 + 0.14 * ahead, elapsedMs / FAMILIAR_MS);
  const presentLeftMs = waitLeftMs > 0 ? 0 : 0.35 * Math.max(0, stretchMs - presentMs);
  return waitLeftMs + aheadMs + presentLeftMs;
}

/** How late the end may be seen: by less where it is near, and by more where what is under way has taken long already. */
function mayBeLateMs(
  { toDo, ahead, presentMs, waitLeftMs }: PollingProgress,
  elapsedMs: number,
  denseMs: number,
): number {
  const besidesMs = 120 * Math.max(0, toDo - ahead - 1);
  const aheadMs = 2_600 * Math.max(0, ahead - 1);
  const lingeringMs = waitLeftMs > 0 ? 0 : 0.09 * presentMs;
  const lateMs = Math.max(denseMs + aheadMs + besidesMs + lingeringMs, 0.016 * elapsedMs);
  return Math.min(lateMs, Math.max(10_000, 0.03 * elapsedMs));
}

/** A load balancer may have drained an instance before its deregistration delay is over: nothing else stands before the end. */
function mayEndEarlyMs({ ahead, waitLeftMs }: PollingProgress, elapsedMs: number): number {
  return waitLeftMs > 0 && ahead <= 2 ? Math.max(9_000, elapsedMs / 4.5) : Number.POSITIVE_INFINITY;
}

/** How long a failure may stay unseen: it comes at any moment, so this grows only with how long the whole will have taken. */
function mayStayUnseenMs(progress: PollingProgress, elapsedMs: number, sparseMs: number, longestMs: number): number {
  const { done, toDo, ahead, typicalMs = 0, waitLeftMs } = progress;
  const wholeMs = elapsedMs + Math.max((TO_DO_SHARE * elapsedMs * toDo) / (done + 1), ahead * typicalMs + waitLeftMs);
  const longMs = sparseMs + LONG_GROWTH * (elapsedMs - LONG_MS);
  const unseenMs = Math.min(longestMs, Math.max(sparseMs, UNSEEN_SHARE * wholeMs, longMs));
  return Math.min(unseenMs, FIRST_MS + GROWTH * elapsedMs);
}

function given(
  options: AdaptivePollingOptions,
  name: keyof AdaptivePollingOptions,
  leastMs: number,
  least?: keyof AdaptivePollingOptions,
): number {
  const field = `adaptivePolling.${name}`;
  const value = options[name];
  if (value === undefined) return Math.max(leastMs, parseDuration(DEFAULTS[name], field));
  const ms = parseDuration(value, field);
  if (ms >= leastMs) return ms;
  const allowed =
    least === undefined ? 'a duration of at least 1 ms' : `at least adaptivePolling.${least}, which is ${leastMs} ms`;
  throw new BlueGreenError('OPTIONS_INVALID', `${field} is ${ms} ms; allowed is ${allowed}`, { details: { field } });
}
