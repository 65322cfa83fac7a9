import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { systemClock } from '../internal/system-clock.js';
import { limitAnswers } from './answer-size.js';
import { clientDefaults } from './client-defaults.js';

/** Long-lived or temporary AWS credentials. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** When temporary ones end: a provider is asked again shortly before. */
  readonly expiration?: Date | undefined;
}

/** How AWS is reached. Everything may be left out. */
export interface AwsOptions {
  /** The region of the deployment group and its instances. @defaultValue the AWS SDK's own chain: `AWS_REGION`, then the shared configuration file */
  readonly region?: string | undefined;
  /**
   * A function is asked again five minutes before the `expiration` that it names, and every minute where it names none.
   * @defaultValue the AWS SDK's own provider chain
   */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined;
  /** One address for all services, for tests and gateways. @defaultValue each service's own */
  readonly endpoint?: string | undefined;
  /** Clients of your own. Give them `maxAttempts: 1`: the library retries by itself. */
  readonly clients?:
    | {
        readonly codeDeploy?: CodeDeployClient | undefined;
        readonly ec2?: EC2Client | undefined;
        readonly elasticLoadBalancingV2?: ElasticLoadBalancingV2Client | undefined;
        readonly cloudWatch?: CloudWatchClient | undefined;
      }
    | undefined;
}

/** The AWS clients; each package is loaded, and each client made, when it is first asked for. */
export class AwsClients {
  readonly #options: AwsOptions;
  readonly #made: Array<{ destroy(): void }> = [];
  #codeDeploy: Promise<CodeDeployClient> | undefined;
  #ec2: Promise<EC2Client> | undefined;
  #elasticLoadBalancingV2: Promise<ElasticLoadBalancingV2Client> | undefined;
  #cloudWatch: Promise<CloudWatchClient> | undefined;

  constructor(options: AwsOptions = {}) {
    this.#options = options;
  }

  codeDeploy(): Promise<CodeDeployClient> {
    const given = this.#options.clients?.codeDeploy;
    return (this.#codeDeploy ??= given
      ? Promise.resolve(given)
      : import('@aws-sdk/client-codedeploy').then((sdk) =>
          this.#keep(new sdk.CodeDeployClient(this.#configuration())),
        ));
  }

  ec2(): Promise<EC2Client> {
    const given = this.#options.clients?.ec2;
    return (this.#ec2 ??= given
      ? Promise.resolve(given)
      : import('@aws-sdk/client-ec2').then((sdk) => this.#keep(new sdk.EC2Client(this.#configuration()))));
  }

  elasticLoadBalancingV2(): Promise<ElasticLoadBalancingV2Client> {
    const given = this.#options.clients?.elasticLoadBalancingV2;
    return (this.#elasticLoadBalancingV2 ??= given
      ? Promise.resolve(given)
      : import('@aws-sdk/client-elastic-load-balancing-v2').then((sdk) =>
          this.#keep(new sdk.ElasticLoadBalancingV2Client(this.#configuration())),
        ));
  }

  cloudWatch(): Promise<CloudWatchClient> {
    const given = this.#options.clients?.cloudWatch;
    return (this.#cloudWatch ??= given
      ? Promise.resolve(given)
      : import('@aws-sdk/client-cloudwatch').then((sdk) =>
          this.#keep(new sdk.CloudWatchClient(this.#configuration())),
        ));
  }

  /** Closes idle connections of the clients made here; clients that were given are their owner's to close. */
  close(): void {
    for (const client of this.#made.splice(0)) client.destroy();
  }

  #keep<T extends { destroy(): void }>(client: T): T {
    this.#made.push(client);
    limitAnswers(client);
    return client;
  }

  #configuration() {
    const { region, credentials, endpoint } = this.#options;
    return {
      ...clientDefaults(),
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined
        ? {}
        : { credentials: typeof credentials === 'function' ? () => ask(credentials) : identity(credentials) }),
    };
  }
}

/** The SDK's types have no place for a member that is present and undefined. */
function identity({ accessKeyId, secretAccessKey, sessionToken, expiration }: AwsCredentials) {
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
  };
}

/** The SDK asks again five minutes before credentials end, and never again for those that do not say when. */
const ASKED_AGAIN_MS = 60_000;
const SDK_MARGIN_MS = 5 * 60_000;

async function ask(credentials: () => Promise<AwsCredentials>) {
  try {
    const given = await credentials();
    const expiration = given.expiration ?? new Date(systemClock.now() + SDK_MARGIN_MS + ASKED_AGAIN_MS);
    return identity({ ...given, expiration });
  } catch (error) {
    // Named as the SDK names its own: the gateway then knows that nothing was sent.
    const words = error instanceof Error ? error.message : 'it threw something that is not an Error';
    const failure = new Error(`aws.credentials is a function, and it failed: ${words}`);
    failure.name = 'CredentialsProviderError';
    throw failure;
  }
}
