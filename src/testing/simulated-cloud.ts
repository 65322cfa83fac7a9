import type { Fault } from './faults.js';
import { AlarmsSimulation } from './model/alarms.js';
import { randomUuid, seededChance } from './model/chance.js';
import { CodeDeploySimulation } from './model/code-deploy.js';
import { ElastigroupSimulation } from './model/elastigroup.js';
import { FaultBoard } from './model/fault-board.js';
import { Ec2Simulation } from './model/instances.js';
import type { Timers } from './model/parts.js';
import { watchStrangers } from './model/strangers.js';
import { LoadBalancingSimulation } from './model/target-groups.js';
import type { Undocumented } from './options.js';
import type { TrafficCounts, TrafficFailure } from './model/traffic.js';
import { Traffic } from './model/traffic.js';
import type { ShopSpec } from './shop.js';
import { openShop, SHOP, SHOP_SPEC } from './shop.js';
import { SimulatedClock } from './simulated-clock.js';
import type { SimulatedCloudOptions } from './simulated-cloud-options.js';
import { noteQuestions, resolveRateLimits, resolveTimings, resolveUndocumented } from './simulated-cloud-options.js';
import type { CloudSnapshot } from './snapshot.js';
import { takeSnapshot } from './snapshot.js';
import { cloudWatchWire } from './wire/cloudwatch.js';
import { codeDeployWire } from './wire/codedeploy.js';
import { Dispatcher } from './wire/dispatch.js';
import { ec2Wire } from './wire/ec2.js';
import { elbv2Wire } from './wire/elbv2.js';
import { attach, detach } from './wire/in-process.js';
import { RateLimiter } from './wire/rate-limits.js';
import type { CloudRequest } from './wire/request-log.js';
import type { CloudServer } from './wire/server.js';
import { serve } from './wire/server.js';
import { spotWire } from './wire/spot.js';

const AWS = Object.freeze({ region: 'eu-west-1', accountId: '123456789012' });
const CREDENTIALS = Object.freeze({ accessKeyId: 'AKIASIMULATED0000000', secretAccessKey: 'simulated-secret' });
const SPOT = Object.freeze({ token: 'simulated-token', accountId: 'act-1a2b3c4d' });

let clouds = 0;

/** What `SimulatedCloud.options()` answers: enough for a `BlueGreen` that talks to the simulated cloud. */
export interface SimulatedCloudAccess {
  readonly spot: { readonly token: () => Promise<string>; readonly accountId: string; readonly baseUrl: string };
  readonly aws: {
    readonly region: string;
    readonly credentials: () => Promise<typeof CREDENTIALS>;
    readonly endpoint: string;
  };
  readonly clock: SimulatedClock;
  readonly random: () => number;
  readonly newId: () => string;
  /** A test's own console stays as it is. */
  readonly logger: false;
}

/**
 * Spot, CodeDeploy, EC2, Elastic Load Balancing and CloudWatch's alarms in this process, over their wire formats and in
 * simulated time, with a shop that serves: see `SHOP`. What each service does, and from which source, stands in
 * SIMULATED-CLOUD.md.
 *
 * @example
 * ```ts
 * import { BlueGreen } from 'elastigroup-bluegreen';
 * import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
 * await using cloud = new SimulatedCloud({ blue: 2 });
 * const blueGreen = new BlueGreen(cloud.options());
 * await blueGreen.deploy(cloud.spec());
 * console.log(cloud.snapshot().serving); // { blue: 0, green: 2, other: 0 }
 * ```
 */
export class SimulatedCloud implements AsyncDisposable {
  /** The process's clock; the cloud's own is `clockSkewMs` ahead of it. */
  readonly clock: SimulatedClock;
  readonly ec2: Ec2Simulation;
  readonly loadBalancing: LoadBalancingSimulation;
  readonly codeDeploy: CodeDeploySimulation;
  readonly elastigroups: ElastigroupSimulation;
  readonly alarms: AlarmsSimulation;
  readonly faults = new FaultBoard();
  /** Every request that reached the cloud, in the order of arrival. */
  readonly requests: CloudRequest[] = [];
  /**
   * The questions of `UNDOCUMENTED` whose answer has made a difference so far, in the order in which they came up: whoever
   * runs a story under every answer need not repeat it for the others.
   */
  readonly questionsAsked: ReadonlyArray<keyof Undocumented>;
  readonly #number = (clouds += 1);
  readonly #seed: number;
  /** One for all who ask: two processes must not make the same ids. */
  readonly #clientChance: () => number;
  /** The cloud's own clock. */
  readonly #timers: Timers;
  readonly #users: Traffic;
  readonly #dispatcher: Dispatcher;
  readonly #servers = new Set<CloudServer>();
  readonly #closing = new AbortController();

  constructor(options: SimulatedCloudOptions = {}) {
    this.clock = options.clock ?? new SimulatedClock();
    this.#timers = ahead(this.clock, options.clockSkewMs ?? 0);
    this.#seed = options.seed ?? 1;
    this.#clientChance = seededChance(this.#seed + 2);
    const { undocumented, asked } = noteQuestions(resolveUndocumented(options.undocumented));
    this.questionsAsked = asked;
    const core = {
      timers: this.#timers,
      chance: seededChance(this.#seed),
      timings: resolveTimings(options.timings),
      undocumented,
      faults: this.faults,
    };
    this.ec2 = new Ec2Simulation({ ...core, region: AWS.region });
    this.loadBalancing = new LoadBalancingSimulation({ ...core, ec2: this.ec2, account: AWS });
    const parts = { ...core, ec2: this.ec2, loadBalancing: this.loadBalancing };
    this.codeDeploy = new CodeDeploySimulation(parts);
    this.elastigroups = new ElastigroupSimulation({ ...parts, codeDeploy: this.codeDeploy });
    this.alarms = new AlarmsSimulation({ ...core, codeDeploy: this.codeDeploy });
    watchStrangers({
      timers: this.#timers,
      faults: this.faults,
      codeDeploy: this.codeDeploy,
      runningMode: () => this.elastigroups.runningMode(),
    });
    openShop(this, options);
    this.#users = new Traffic({
      timers: this.#timers,
      ec2: this.ec2,
      loadBalancing: this.loadBalancing,
      requestsPerSecond: options.requestsPerSecond ?? 10,
      colourOf: ({ instanceId }) => this.elastigroups.colourOf(instanceId),
    });
    this.#users.watch(SHOP.targetGroupName);
    this.#dispatcher = this.#dispatch(options);
    for (const fault of options.faults ?? []) this.inject(fault);
  }

  /** How to reach the cloud from this process; from the first call on its requests are intercepted, by msw. */
  options(): SimulatedCloudAccess {
    const random = this.#clientChance;
    const started = async <T>(answer: T): Promise<T> => {
      await this.start();
      return answer;
    };
    // Whoever asks for a credential is about to send: nothing is sent before the interception stands.
    return {
      spot: {
        token: () => started(SPOT.token),
        accountId: SPOT.accountId,
        baseUrl: `http://spot.cloud-${this.#number}.simulated.invalid`,
      },
      aws: {
        region: AWS.region,
        credentials: () => started(CREDENTIALS),
        endpoint: `http://aws.cloud-${this.#number}.simulated.invalid`,
      },
      clock: this.clock,
      random,
      newId: () => randomUuid(random),
      logger: false,
    };
  }

  /** A release of the shop's next version, with what you say of it in place of what is said here. */
  spec(): ShopSpec;
  spec<T extends object>(overrides: T): Omit<ShopSpec, keyof T> & T;
  spec(overrides: object = {}): object {
    return { ...structuredClone(SHOP_SPEC), ...overrides };
  }

  /** Something will go wrong. */
  inject(fault: Fault): void {
    this.faults.add(fault);
  }

  /** The truth about everything, as plain JSON. */
  snapshot(): CloudSnapshot {
    return takeSnapshot(this, this.#timers.now());
  }

  /** What became of the users' requests so far. */
  get traffic(): TrafficCounts {
    return this.#users.counts;
  }

  /** When and why users' requests failed. */
  get trafficFailures(): readonly TrafficFailure[] {
    return this.#users.failures;
  }

  /** Starts counting the users' requests anew: between two releases, say. */
  resetTraffic(): void {
    this.#users.reset();
  }

  /** Moves time on while nobody sleeps. */
  advance(ms: number): void {
    this.clock.advance(ms);
  }

  /** Resolves once requests of this process reach the cloud; `options()` sees to it by itself. */
  async start(): Promise<void> {
    const release = this.clock.hold();
    await attach(this.#number, (request) => this.#dispatcher.receive(request)).finally(release);
  }

  /** Answers on a real port of this machine as well: for other processes. Give the clock a `factor` then. */
  async listen(options: { readonly port?: number | undefined } = {}): Promise<CloudServer> {
    const port = await serve((request) => this.#dispatcher.receive(request), options.port ?? 0);
    const environment = Object.freeze({
      AWS_ENDPOINT_URL: port.awsUrl,
      AWS_REGION: AWS.region,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      SPOTINST_BASE_URL: port.spotUrl,
      SPOTINST_TOKEN: SPOT.token,
      SPOTINST_ACCOUNT: SPOT.accountId,
    });
    const server = { ...port, environment };
    this.#servers.add(server);
    return server;
  }

  /** Ends the interception, the ports and every answer that is still delayed. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The simulated cloud was closed'));
    const servers = [...this.#servers];
    this.#servers.clear();
    await Promise.all(servers.map((server) => server.close()));
    await detach(this.#number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #dispatch(options: SimulatedCloudOptions): Dispatcher {
    const idChance = seededChance(this.#seed + 1);
    const newRequestId = (): string => randomUuid(idChance);
    const now = (): number => this.#timers.now();
    return new Dispatcher({
      clock: this.clock,
      startedAt: this.clock.now(),
      now,
      services: [
        spotWire(this.elastigroups, { ...SPOT, now }),
        codeDeployWire(this.codeDeploy, { newRequestId }),
        ec2Wire(this.ec2, { accountId: AWS.accountId, newRequestId }),
        elbv2Wire(this.loadBalancing, { ...AWS, now, newRequestId }),
        cloudWatchWire(this.alarms, { ...AWS, newRequestId }),
      ],
      faults: this.faults,
      rates: new RateLimiter(now, resolveRateLimits(options.rateLimits)),
      requests: this.requests,
      accessKeyId: CREDENTIALS.accessKeyId,
      refuseOldSignatures: options.refuseOldSignatures === true,
      newRequestId,
      closed: this.#closing.signal,
    });
  }
}

function ahead(clock: SimulatedClock, byMs: number): Timers {
  if (byMs === 0) return clock;
  return { now: () => clock.now() + byMs, schedule: (delayMs, run) => clock.schedule(delayMs, run) };
}
