import { LambdaFunctions, type LambdaSender } from '../aws/lambda-functions.js';
import type { Hook } from '../engine/hooks.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError } from '../errors/cloud-error.js';
import type { Json } from '../internal/json.js';
import { systemClock } from '../internal/system-clock.js';
import { systemRandom } from '../internal/system-random.js';
import { parseDuration, type Duration } from '../policies/duration.js';
import { exponentialBackoff } from '../policies/exponential-backoff.js';
import type { RetryPolicy } from '../policies/retry.js';
import type { Clock } from '../ports/clock.js';
import { failed, mergeDetails, understandAnswer } from './lambda-hook-answer.js';
import { lambdaHookEvent } from './lambda-hook-event.js';

export interface LambdaHookOptions {
  /** Name, partial ARN or ARN of the function, with a version or an alias if you like. */
  readonly functionName: string;
  /** @defaultValue the AWS SDK's own chain; ignored when `client` is given */
  readonly region?: string | undefined;
  /**
   * A `LambdaClient` of your own, for credentials or an endpoint of your own. Give it `maxAttempts: 1`.
   * @defaultValue one that finds credentials by the AWS SDK's own provider chain
   */
  readonly client?: LambdaSender | undefined;
  /**
   * How long one call may take; a number is milliseconds. Lambda itself ends a function after 15 minutes.
   * @defaultValue '16m'
   */
  readonly timeout?: Duration | undefined;
  /** What ECS would be configured with as `hookDetails`: passed at every call, under what the function itself adds. */
  readonly hookDetails?: Readonly<Record<string, Json>> | undefined;
  /** @defaultValue the time of this machine */
  readonly clock?: Clock | undefined;
}

const DEFAULT_TIMEOUT = '16m';

/**
 * A hook that asks a Lambda function written as an Amazon ECS lifecycle hook.
 *
 * The function gets ECS's documented event, and its answer is understood as ECS understands it: `hookStatus` SUCCEEDED,
 * FAILED or IN_PROGRESS, `callBackDelay` in seconds (30 by default), `hookDetails`, merged and sent back at the next
 * call. A function that fails, cannot be called, or answers no valid `hookStatus` has said FAILED. It may be called
 * more than once for the same question, with the same `executionId`.
 *
 * Needs the package `@aws-sdk/client-lambda`, which is loaded at the first call.
 *
 * Fields of the event without a counterpart for an Elastigroup, and what stands there. The ARNs have the shape of ECS's,
 * so that they can be taken apart; no AWS API knows them:
 * - `resourceArn`: `arn:aws:elastigroup-bluegreen:::service-deployment/<rollout id>`;
 * - `executionDetails.serviceArn`: `…:::service/<rollout id>`;
 * - `executionDetails.targetServiceRevisionArn`: `…:::service-revision/<rollout id>/green`, blue's ends in `/blue`;
 * - `executionDetails.testTrafficWeights`: always empty, for CodeDeploy has no test traffic on EC2;
 * - `executionDetails.productionTrafficWeights`: as with ECS empty but at PRE_PRODUCTION_TRAFFIC_SHIFT, where traffic is,
 *   and at PRODUCTION_TRAFFIC_SHIFT, where it goes: all of it to green. ECS's calls during a rollback are never made.
 *
 * Beside these fields `rollout` has `id`, `holds`, `blue` and `green` (`instanceIds`, `privateIps`), `targetGroupArns`
 * and `greenPercent`.
 *
 * @throws OPTIONS_INVALID at once for a wrong option; the hook throws it when the package or a region is missing
 * @example
 * ```ts
 * import { lambdaHook } from 'elastigroup-bluegreen';
 * const smokeTest = lambdaHook({ functionName: 'smoke-test', region: 'eu-west-1' });
 * console.log(typeof smokeTest);
 * ```
 */
export function lambdaHook(options: LambdaHookOptions): Hook {
  const { functionName, region, client, hookDetails, clock = systemClock } = options;
  if (typeof functionName !== 'string' || functionName.trim() === '') {
    throw new BlueGreenError('OPTIONS_INVALID', 'lambdaHook.functionName is empty; allowed is the name of a function', {
      details: { field: 'lambdaHook.functionName' },
    });
  }
  const timeoutMs = parseDuration(options.timeout ?? DEFAULT_TIMEOUT, 'lambdaHook.timeout');
  const functions = new LambdaFunctions(
    { client, region },
    { clock, random: systemRandom, retry: onlyWhatIsQuick(exponentialBackoff()), timeout: () => timeoutMs },
  );

  return async (context) => {
    const details = mergeDetails(hookDetails, context.details);
    try {
      const event = lambdaHookEvent(context, details);
      const answer = await functions.invoke(functionName, event, { signal: context.signal });
      const result = understandAnswer(answer, details, context.logger);
      return result.status === 'FAILED' ? failed(`the function ${functionName}: ${result.reason ?? ''}`) : result;
    } catch (error) {
      // Nobody waits for the answer any more: that is no word of the function's.
      context.signal.throwIfAborted();
      if (CloudError.is(error)) return failed(`the function ${functionName} was not heard: ${error.message}`);
      throw regionNamed(error);
    }
  };
}

/** A function that had its time once is not given it again: the stage would be held for as long once more. */
function onlyWhatIsQuick(retry: RetryPolicy): RetryPolicy {
  return (failure, attempt, random) =>
    failure.kind === 'timed-out'
      ? { retry: false, because: 'the function had the time that it may take' }
      : retry(failure, attempt, random);
}

/** The gateways know the region by another option. */
function regionNamed(error: unknown): unknown {
  const { field } = (BlueGreenError.is(error) ? (error.details ?? {}) : {}) as { readonly field?: unknown };
  if (field !== 'aws.region') return error;
  return new BlueGreenError(
    'OPTIONS_INVALID',
    'lambdaHook has no AWS region: neither its region nor AWS_REGION is set',
    {
      hint: 'Set the region of lambdaHook, or AWS_REGION; nothing was sent.',
      details: { field: 'lambdaHook.region' },
    },
  );
}
