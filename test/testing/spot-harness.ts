import { ElastigroupSimulation, type CreateElastigroup } from '../../src/testing/model/elastigroup.js';
import { FaultBoard } from '../../src/testing/model/fault-board.js';
import { Ec2Simulation } from '../../src/testing/model/instances.js';
import { seededChance } from '../../src/testing/model/chance.js';
import type { CodeDeployModel, SimulatedDeploymentSummary } from '../../src/testing/model/parts.js';
import { LoadBalancingSimulation } from '../../src/testing/model/target-groups.js';
import { DEFAULT_TIMINGS, type SimulatedTimings, type Undocumented } from '../../src/testing/options.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { resolveUndocumented } from '../../src/testing/simulated-cloud-options.js';

export const ELASTIGROUP = 'sig-12345678';
export const SHOP = { applicationName: 'shop', deploymentGroupName: 'shop-prod' };
export const GREEN = [{ tagKey: 'Colour', tagValue: 'green' }];

type Summary = { -readonly [K in keyof SimulatedDeploymentSummary]: SimulatedDeploymentSummary[K] };

/** CodeDeploy as Spot sees it, moved by hand. */
export class HandMadeCodeDeploy implements CodeDeployModel {
  readonly made: Summary[] = [];
  refuseRollback: Error | undefined;
  rollbackAttempts = 0;

  /** A deployment of the user's that runs. */
  begin(greenInstanceIds: readonly string[], creator: Summary['creator'] = 'user'): Summary {
    const deployment: Summary = {
      ...SHOP,
      deploymentId: `d-${this.made.length}`,
      status: 'InProgress',
      creator,
      greenInstanceIds,
      blueInstanceIds: [],
    };
    this.made.unshift(deployment);
    return deployment;
  }

  deployments() {
    return this.made;
  }

  deployment(deploymentId: string) {
    return this.made.find((deployment) => deployment.deploymentId === deploymentId);
  }

  hasDeploymentGroup(applicationName: string, deploymentGroupName: string) {
    return applicationName === SHOP.applicationName && deploymentGroupName === SHOP.deploymentGroupName;
  }

  createSpotRollback(_application: string, _deploymentGroup: string, instanceIds: readonly string[]) {
    this.rollbackAttempts += 1;
    if (this.refuseRollback !== undefined) throw this.refuseRollback;
    const made = this.begin([], 'spot');
    made.blueInstanceIds = instanceIds;
    return made;
  }
}

export interface SpotHarnessOptions {
  readonly undocumented?: Partial<Undocumented>;
  readonly timings?: Partial<SimulatedTimings>;
  readonly elastigroup?: Partial<CreateElastigroup>;
  /** The Elastigroup registers what it launches. */
  readonly ownTargetGroup?: boolean;
}

/** Spot alone beside a CodeDeploy that is moved by hand, with a clock that moves only when a test says so. */
export class SpotHarness {
  readonly clock = new SimulatedClock();
  readonly faults = new FaultBoard();
  readonly codeDeploy = new HandMadeCodeDeploy();
  readonly ec2: Ec2Simulation;
  readonly loadBalancing: LoadBalancingSimulation;
  readonly model: ElastigroupSimulation;
  readonly targetGroupArn: string;

  constructor(options: SpotHarnessOptions = {}) {
    const timings = { ...DEFAULT_TIMINGS, ...options.timings };
    const core = { timers: this.clock, chance: seededChance(1), timings };
    this.ec2 = new Ec2Simulation({ ...core, region: 'eu-west-1' });
    const account = { region: 'eu-west-1', accountId: '123456789012' };
    this.loadBalancing = new LoadBalancingSimulation({ ...core, ec2: this.ec2, account });
    this.targetGroupArn = this.loadBalancing.createTargetGroup({ name: 'shop', deregistrationDelayMs: 60_000 }).arn;
    this.model = new ElastigroupSimulation({
      ...core,
      undocumented: resolveUndocumented(options.undocumented),
      ec2: this.ec2,
      loadBalancing: this.loadBalancing,
      codeDeploy: this.codeDeploy,
      faults: this.faults,
    });
    this.model.createElastigroup({
      id: ELASTIGROUP,
      name: 'shop',
      capacity: { minimum: 1, target: 3, maximum: 6 },
      launchTags: { App: 'shop', Colour: 'blue' },
      instances: [
        { count: 3, tags: { App: 'shop', Colour: 'blue' }, application: { revision: 'shop-411', healthy: true } },
      ],
      ...(options.ownTargetGroup === true ? { targetGroupArns: [this.targetGroupArn] } : {}),
      ...options.elastigroup,
    });
    this.advance(timings.healthyAfterMs);
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }

  blue() {
    return this.model.coloured(ELASTIGROUP, 'blue');
  }

  green() {
    return this.model.coloured(ELASTIGROUP, 'green');
  }

  greenIds() {
    return this.green().map((instance) => instance.instanceId);
  }

  members() {
    return this.model.members(ELASTIGROUP);
  }

  enter(timeout = 3600) {
    return this.model.enterDeploymentMode(ELASTIGROUP, { timeout, tags: GREEN, deploymentGroups: [SHOP] });
  }

  /** What GET shows of the last mode. */
  state(): string {
    return this.model.deploymentModes(ELASTIGROUP)[0]?.shownState() ?? 'absent';
  }

  /** Every state that GET shows from now on, second by second, until one of these. */
  statesUntil(last: string, withinMs = 3_600_000): string[] {
    const seen: string[] = [];
    for (let passed = 0; passed < withinMs; passed += 500) {
      const state = this.state();
      if (state !== seen.at(-1)) seen.push(state);
      if (state === last) return seen;
      this.advance(500);
    }
    throw new Error(`never reached ${last}: ${seen.join(', ')}`);
  }

  reach(state: string): void {
    this.statesUntil(state);
  }

  /** A mode in AWAITING_DEPLOYMENT_TO_FINISH with the user's deployment. */
  deploying() {
    this.enter();
    this.reach('AWAITING_USER_DEPLOYMENT');
    const deployment = this.codeDeploy.begin(this.greenIds());
    this.reach('AWAITING_DEPLOYMENT_TO_FINISH');
    return deployment;
  }

  registered(): string[] {
    return this.loadBalancing
      .health(this.targetGroupArn)
      .filter(({ state }) => state !== 'draining')
      .map(({ instanceId }) => instanceId);
  }
}
