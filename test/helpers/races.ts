import { MemoryStore } from '../../src/index.js';
import type { BlueGreen, BlueGreenOptions, Rollout, RolloutEvent } from '../../src/index.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import { SHOP, SimulatedCloud, type SimulatedCloudOptions } from '../../src/testing/index.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';
import { driverOf, latch, specOf } from './crash.js';
import { WIRES } from './wires.js';

const QUICK = { launchMs: 10_000, bootMs: 10_000, spotFulfilMs: 5_000, waitBeforeTerminationMs: 10_000 };

export type Policy = 'fail' | 'wait' | 'supersede';

/** One pipeline: a process of its own, which releases under its own name. */
export interface Pipeline {
  readonly blueGreen: BlueGreen;
  readonly rollout: Rollout;
  readonly events: RolloutEvent[];
  /** Everything that its wait for its turn, or for the deployment group, saw. */
  readonly saw: () => readonly string[];
  /** Resolves when the step has begun. */
  readonly reaches: (step: string) => Promise<void>;
}

export interface PipelineOptions {
  readonly store?: RolloutStore;
  readonly spec?: object;
  readonly options?: Partial<BlueGreenOptions>;
}

const { applicationName, deploymentGroupName } = SHOP;
const isStep = (event: RolloutEvent, step: string): boolean =>
  event.name === 'step:run:started' && event.data.step === step && event.data.direction === 'forward';

/** Several pipelines that release onto the same Elastigroup, one after the other or at the same time. */
export class Race implements AsyncDisposable {
  readonly cloud: SimulatedCloud;
  readonly #drivers: BlueGreen[] = [];

  constructor(
    cloud: SimulatedCloudOptions = {},
    readonly store: RolloutStore = new MemoryStore(),
    private readonly wire: keyof typeof WIRES = 'near',
  ) {
    this.cloud = new SimulatedCloud({
      clock: WIRES[wire].clock(),
      rateLimits: false,
      blue: 2,
      deregistrationDelayMs: 10_000,
      ...cloud,
      // What is green after one release is blue in the next.
      undocumented: { ...resolveUndocumented({ filterAfterSuccess: 'green' }), ...cloud.undocumented },
      timings: { ...QUICK, ...cloud.timings },
    });
  }

  /** Another process on the same store. */
  driver(options: Partial<BlueGreenOptions> = {}, store: RolloutStore = this.store): BlueGreen {
    const blueGreen = driverOf(this.cloud, store, this.#drivers.length + 1, {
      ...(this.wire === 'short' ? WIRES.short.options(this.cloud) : {}),
      polling: { every: '10s', urgent: '5s' },
      ...options,
    });
    this.#drivers.push(blueGreen);
    return blueGreen;
  }

  async enter(id: string, onAlreadyDeploying: Policy, how: PipelineOptions = {}): Promise<Pipeline> {
    const events: RolloutEvent[] = [];
    const waiting: Array<{ readonly step: string; readonly open: () => void }> = [];
    const onEvent = (event: RolloutEvent): void => {
      if (event.rolloutId !== id) return;
      events.push(event);
      for (const { step, open } of waiting) if (isStep(event, step)) open();
      how.options?.onEvent?.(event);
    };
    const blueGreen = this.driver({ ...how.options, onEvent }, how.store);
    const spec = this.spec(onAlreadyDeploying, how.spec);
    const rollout = await blueGreen.start(spec as never, { id });
    return {
      blueGreen,
      rollout,
      events,
      saw: () => events.flatMap((event) => (event.name === 'step:run:observed' ? [event.data.saw] : [])),
      reaches: (step) => {
        const { open, opened } = latch();
        if (events.some((event) => isStep(event, step))) open();
        waiting.push({ step, open });
        return opened;
      },
    };
  }

  spec(onAlreadyDeploying: Policy, overrides: object = {}) {
    const { codeDeploy, ...spec } = specOf(this.cloud, overrides);
    return { ...spec, codeDeploy: { ...codeDeploy, onAlreadyDeploying } };
  }

  /** Somebody deploys onto an instance that is none of the Elastigroup's, and leaves it waiting for people. */
  strangerDeploys(): string {
    const { cloud } = this;
    cloud.ec2.launch({ tags: { Canary: 'yes' }, launchMs: 0 });
    const id = cloud.codeDeploy.createDeployment({
      applicationName,
      deploymentGroupName,
      revision: { revisionType: 'S3', s3Location: { bucket: SHOP.bucket, key: 'shop-411.zip', bundleType: 'zip' } },
      description: 'by hand',
      targetInstances: { ec2TagSet: [[{ Key: 'Canary', Value: 'yes', Type: 'KEY_AND_VALUE' }]] },
    });
    // CodeDeploy lists a new deployment only some seconds later.
    cloud.advance(3_000);
    return id;
  }

  /** Which rollout's revision is on what serves, told by the tag that green was given. */
  serves(): readonly string[] {
    const { instances } = this.cloud.snapshot();
    const serving = instances.filter(({ healthy, state }) => healthy && state === 'running');
    return [...new Set(serving.map(({ tags }) => tags['Colour'] ?? ''))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#drivers.map((driver) => driver.close()));
    await this.cloud.close();
  }
}
