import { systemClock } from '../internal/system-clock.js';
import { systemRandom } from '../internal/system-random.js';
import type { CloudCallEnvironment } from '../policies/cloud-call.js';
import { exponentialBackoff } from '../policies/exponential-backoff.js';
import { fixedTimeouts } from '../policies/fixed-timeouts.js';
import { retryBudget } from '../policies/retry-budget.js';
import type { Call } from '../ports/call.js';
import type {
  DeploymentGroupRef,
  DeploymentMode,
  DetachInstances,
  Elastigroup,
  ElastigroupInstance,
  Elastigroups,
  Roll,
  Suspension,
  Tag,
} from '../ports/elastigroups.js';
import {
  anyAnswer,
  deploymentModeAnswer,
  elastigroupAnswer,
  healthAnswer,
  instanceAnswer,
  rollAnswer,
  suspensionAnswer,
} from './answers.js';
import { baseUrlOf, findAccount, findCredentials, type GivenCredentials, SYSTEM_SOURCES } from './credentials.js';
import { SpotApi } from './spot-api.js';
import type { SpotClientOptions } from './spot-client-options.js';
import { SpotHttp } from './spot-http.js';
import { DEPLOYMENT_MODES, ELASTIGROUP, modeTimeoutUnitMs, spotRequests } from './spot-requests.js';

/**
 * Reads and changes Elastigroups through Spot's API: what a release needs of it, usable alone in scripts.
 *
 * Each call has a timeout, keeps to Spot's rate limit, and is made again when that is safe: a change never after Spot may
 * have acted on it. Every failure is a `BlueGreenError`; `details` has Spot's code, the status and the request id, and the
 * token is in none of it.
 *
 * @throws `CREDENTIALS_MISSING` when no token is found.
 * @throws `CLOUD_DENIED`, `CLOUD_NOT_FOUND`, `CLOUD_REFUSED` when Spot says no.
 * @throws `CLOUD_THROTTLED`, `CLOUD_UNAVAILABLE`, `CLOUD_TIMED_OUT` when it still fails after the last attempt.
 * @throws `CLOUD_ANSWER_INVALID` when the answer is not what Spot's contract says.
 *
 * @example
 * ```ts
 * import { SpotClient } from 'elastigroup-bluegreen';
 *
 * const spot = new SpotClient({ accountId: 'act-12345678' });
 * for (const instance of await spot.listInstances('sig-1a2b3c4d')) {
 *   console.log(instance.instanceId ?? 'pending', instance.status);
 * }
 * spot.close();
 * ```
 */
export class SpotClient implements Elastigroups {
  readonly #api: SpotApi;
  readonly #http: SpotHttp;
  readonly #given: GivenCredentials;
  readonly #unitMs: number;
  readonly #requests: ReturnType<typeof spotRequests>;

  constructor(options: SpotClientOptions = {}) {
    const environment: CloudCallEnvironment = {
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      retry: options.retry ?? exponentialBackoff(),
      budget: retryBudget(options.retryBudget),
      timeout: options.timeouts ?? fixedTimeouts(),
      onFailedAttempt: options.onFailedAttempt,
    };
    this.#given = { token: options.token, accountId: options.accountId };
    this.#unitMs = modeTimeoutUnitMs(options);
    this.#requests = spotRequests(this.#unitMs);
    this.#http = new SpotHttp(options.baseUrl ?? baseUrlOf(SYSTEM_SOURCES.environment) ?? 'https://api.spotinst.io');
    const credentials = () => findCredentials(this.#given, SYSTEM_SOURCES);
    this.#api = new SpotApi(environment, credentials, this.#http, options.limits);
  }

  /** The account that calls are made for, `act-…`; undefined when Spot chooses the organisation's oldest. Sends nothing. */
  account(): Promise<string | undefined> {
    return findAccount(this.#given, SYSTEM_SOURCES);
  }

  /** The Elastigroup's configuration, as far as a release has to know it. Never its user data. */
  async readElastigroup(elastigroupId: string, call?: Call): Promise<Elastigroup> {
    const [elastigroup] = await this.#api.request(
      { operation: 'readElastigroup', method: 'GET', route: ELASTIGROUP, ids: { elastigroupId } },
      elastigroupAnswer,
      call,
      (items) => (items[0]?.elastigroupId === elastigroupId ? undefined : `it does not hold ${elastigroupId}`),
    );
    return elastigroup as Elastigroup;
  }

  /** The Elastigroup's instances, pending ones included: those have a null id. */
  listInstances(elastigroupId: string, call?: Call): Promise<readonly ElastigroupInstance[]> {
    const route = `${ELASTIGROUP}/status`;
    return this.#api.request(
      { operation: 'listInstances', method: 'GET', route, ids: { elastigroupId } },
      instanceAnswer,
      call,
    );
  }

  /** The Elastigroup's deployment modes, latest first. A finished one may be missing. */
  async listDeploymentModes(elastigroupId: string, call?: Call): Promise<readonly DeploymentMode[]> {
    const modes = await this.#api.request(
      { operation: 'listDeploymentModes', method: 'GET', route: DEPLOYMENT_MODES, ids: { elastigroupId } },
      deploymentModeAnswer,
      call,
    );
    return modes.map((modeOf) => modeOf(elastigroupId, this.#unitMs));
  }

  /** The Elastigroup's rolls, running ones among them. */
  listRolls(elastigroupId: string, call?: Call): Promise<readonly Roll[]> {
    const route = `${ELASTIGROUP}/roll`;
    return this.#api.request(
      { operation: 'listRolls', method: 'GET', route, ids: { elastigroupId } },
      rollAnswer,
      call,
    );
  }

  /** The processes of the Elastigroup that are suspended. */
  async listSuspensions(elastigroupId: string, call?: Call): Promise<readonly Suspension[]> {
    const route = `${ELASTIGROUP}/suspension`;
    const lists = await this.#api.request(
      { operation: 'listSuspensions', method: 'GET', route, ids: { elastigroupId } },
      suspensionAnswer,
      call,
    );
    return lists.flat();
  }

  /**
   * Puts the Elastigroup into deployment mode: Spot launches as many new instances again and gives them the tags.
   *
   * Spot has no idempotency token: after a failure that leaves open whether it acted, look with `listDeploymentModes`.
   * `timeoutMs` is Spot's own limit for the whole mode, in milliseconds, rounded up to the unit that Spot takes.
   */
  async enterDeploymentMode(
    elastigroupId: string,
    mode: {
      readonly timeoutMs: number;
      readonly tags: readonly Tag[];
      readonly deploymentGroups: readonly DeploymentGroupRef[];
    },
    call?: Call,
  ): Promise<DeploymentMode> {
    const [modeOf] = await this.#api.request(
      this.#requests.enterDeploymentMode(elastigroupId, mode),
      deploymentModeAnswer,
      call,
      (items) => (items.length === 0 ? 'it holds no deployment mode' : undefined),
    );
    return (modeOf as (elastigroupId: string, timeoutUnitMs: number) => DeploymentMode)(elastigroupId, this.#unitMs);
  }

  /** Tells Spot to end a deployment mode, `cdbg-…`. Resolves when Spot has taken the order, not when the mode has ended. */
  async stopDeploymentMode(elastigroupId: string, deploymentModeId: string, call?: Call): Promise<void> {
    await this.#api.request(this.#requests.stopDeploymentMode(elastigroupId, deploymentModeId), anyAnswer, call);
  }

  /**
   * Takes instances out of the Elastigroup, locked ones too.
   *
   * Without `decrementTargetCapacity` Spot launches replacements. `drainingTimeoutMs` is in milliseconds, rounded up to
   * seconds.
   */
  async detachInstances(elastigroupId: string, detach: DetachInstances, call?: Call): Promise<void> {
    await this.#api.request(this.#requests.detachInstances(elastigroupId, detach), anyAnswer, call);
  }

  /** Sets how many instances the Elastigroup holds; Spot launches or terminates to get there. */
  async setCapacity(
    elastigroupId: string,
    capacity: { readonly minimum: number; readonly target: number; readonly maximum: number },
    call?: Call,
  ): Promise<void> {
    await this.#api.request(this.#requests.setCapacity(elastigroupId, capacity), anyAnswer, call);
  }

  /**
   * Suspends processes of the Elastigroup, such as `AUTO_SCALE`. With `ttlMs` (milliseconds, rounded up to whole minutes)
   * Spot lifts the suspension by itself; without, it lasts until somebody resumes the process.
   */
  async suspendProcesses(
    elastigroupId: string,
    suspensions: ReadonlyArray<{ readonly process: string; readonly ttlMs?: number | undefined }>,
    call?: Call,
  ): Promise<void> {
    await this.#api.request(this.#requests.suspendProcesses(elastigroupId, suspensions), anyAnswer, call);
  }

  /** Lifts the suspension of processes of the Elastigroup. */
  async resumeProcesses(elastigroupId: string, processes: readonly string[], call?: Call): Promise<void> {
    await this.#api.request(this.#requests.resumeProcesses(elastigroupId, processes), anyAnswer, call);
  }

  /** Spot's verdict on each instance of the Elastigroup: `HEALTHY`, `UNHEALTHY`, `INSUFFICIENT_DATA` or `UNKNOWN`. */
  instanceHealthiness(
    elastigroupId: string,
    call?: Call,
  ): Promise<ReadonlyArray<{ readonly instanceId: string | null; readonly healthStatus: string }>> {
    const route = `${ELASTIGROUP}/instanceHealthiness`;
    return this.#api.request(
      { operation: 'instanceHealthiness', method: 'GET', route, ids: { elastigroupId } },
      healthAnswer,
      call,
    );
  }

  /** Loads what the first call needs, so that the time of that call is not spent on loading. */
  async warmUp(): Promise<void> {
    await this.#http.warmUp();
  }

  /** Closes idle connections. */
  close(): void {
    this.#http.close();
  }
}
