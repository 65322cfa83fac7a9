import type * as LambdaSdk from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CloudCallEnvironment } from '../policies/cloud-call.js';
import type { Call } from '../ports/call.js';
import { awsCall } from './aws-call.js';
import { clientDefaults } from './client-defaults.js';

const PACKAGE = '@aws-sdk/client-lambda';

/** As much of a `LambdaClient` as is needed: the package is optional, so its types cannot stand in ours. */
export interface LambdaSender {
  send(command: never, options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}

export interface LambdaAnswer {
  /** The function itself threw, ran out of time or of memory; the payload says more. */
  readonly functionError?: string | undefined;
  /** As text; a function that returned nothing answers `null`. */
  readonly payload: string;
}

const answer = v.pipe(
  v.object({
    StatusCode: v.literal(200),
    FunctionError: v.nullish(v.string()),
    Payload: v.nullish(v.instance(Uint8Array)),
  }),
  v.transform(
    ({ FunctionError, Payload }): LambdaAnswer => ({
      ...(FunctionError ? { functionError: FunctionError } : {}),
      payload: new TextDecoder().decode(Payload ?? undefined),
    }),
  ),
);

let loading: Promise<typeof LambdaSdk> | undefined;

/** Lambda functions through the AWS SDK. */
export class LambdaFunctions {
  readonly #environment: CloudCallEnvironment;
  readonly #region: string | undefined;
  #client: LambdaSender | undefined;

  constructor(
    given: { readonly client?: LambdaSender | undefined; readonly region?: string | undefined },
    environment: CloudCallEnvironment,
  ) {
    this.#client = given.client;
    this.#region = given.region;
    this.#environment = environment;
  }

  /**
   * Runs a function and waits for what it returns. The function must bear being run twice: a call whose answer was lost
   * is made again.
   *
   * @throws OPTIONS_INVALID when the package is not installed
   */
  async invoke(functionName: string, event: unknown, call?: Call): Promise<LambdaAnswer> {
    const sdk = await load();
    const client = (this.#client ??= new sdk.LambdaClient({
      ...clientDefaults(),
      ...(this.#region === undefined ? {} : { region: this.#region }),
    }) as LambdaSender);
    const command = new sdk.InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'RequestResponse',
      Payload: new TextEncoder().encode(JSON.stringify(event)),
    });
    // Not "mutates", which would forbid both a second attempt and being interrupted.
    const request = { service: 'lambda', operation: 'invoke', mutates: false } as const;
    return awsCall(this.#environment, request, call, answer, (options) => client.send(command as never, options));
  }
}

async function load(): Promise<typeof LambdaSdk> {
  try {
    return await (loading ??= import('@aws-sdk/client-lambda'));
  } catch (error) {
    loading = undefined;
    throw new BlueGreenError('OPTIONS_INVALID', `lambdaHook needs the package ${PACKAGE}, which cannot be loaded.`, {
      hint: `Install it: npm install ${PACKAGE}`,
      details: { package: PACKAGE },
      cause: error,
    });
  }
}
