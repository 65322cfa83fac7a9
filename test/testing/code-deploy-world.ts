import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { afterEach } from 'vitest';
import { seededChance } from '../../src/testing/model/chance.js';
import { CodeDeploySimulation } from '../../src/testing/model/code-deploy.js';
import type { DeploymentGroupInput } from '../../src/testing/model/code-deploy-groups.js';
import { FaultBoard } from '../../src/testing/model/fault-board.js';
import { Ec2Simulation } from '../../src/testing/model/instances.js';
import { Refusal, type SimulatedInstance } from '../../src/testing/model/parts.js';
import { LoadBalancingSimulation } from '../../src/testing/model/target-groups.js';
import { DEFAULT_TIMINGS, type SimulatedTimings, type Undocumented } from '../../src/testing/options.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { codeDeployWire } from '../../src/testing/wire/codedeploy.js';

export const OLD = {
  revisionType: 'S3',
  s3Location: { bucket: 'releases', key: 'shop-411.zip', bundleType: 'zip' },
} as const;
export const NEW = {
  revisionType: 'S3',
  s3Location: { bucket: 'releases', key: 'shop-412.zip', bundleType: 'zip' },
} as const;
export const OLD_NAME = 's3://releases/shop-411.zip';
export const NEW_NAME = 's3://releases/shop-412.zip';
export const SHOP = { applicationName: 'shop', deploymentGroupName: 'shop-prod' } as const;
export const ALL_AT_ONCE = 'CodeDeployDefault.AllAtOnce';
export const GREEN = { tagFilters: [{ Key: 'Colour', Value: 'green', Type: 'KEY_AND_VALUE' as const }] };

/** The SDK hands over bytes, and warns when they are treated as a string. */
const bodyText = (body: unknown): string =>
  body instanceof Uint8Array ? new TextDecoder().decode(body) : typeof body === 'string' ? body : '';

const clients: CodeDeployClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** Blue in service behind one target group, green booted and tagged, and CodeDeploy as the real client of the SDK sees it. */
export function codeDeployWorld(
  options: {
    readonly blue?: number;
    readonly green?: number;
    readonly group?: Partial<DeploymentGroupInput>;
    readonly timings?: Partial<SimulatedTimings>;
    readonly undocumented?: Partial<
      Pick<Undocumented, 'filterAfterSuccess' | 'statusInTerminationWait' | 'busyWording' | 'targetOfSilentAgent'>
    >;
    readonly firstRelease?: boolean;
  } = {},
) {
  const clock = new SimulatedClock();
  const chance = seededChance(1);
  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const ec2 = new Ec2Simulation({ timers: clock, chance, timings, region: 'eu-west-1' });
  const account = { region: 'eu-west-1', accountId: '123456789012' };
  const loadBalancing = new LoadBalancingSimulation({ timers: clock, chance, timings, ec2, account });
  const faults = new FaultBoard();
  const undocumented = {
    filterAfterSuccess: 'unchanged',
    statusInTerminationWait: 'InProgress',
    busyWording: 'already-has',
    targetOfSilentAgent: 'InProgress',
    ...options.undocumented,
  } as Undocumented;
  const codeDeploy = new CodeDeploySimulation({
    timers: clock,
    chance,
    timings,
    undocumented,
    ec2,
    loadBalancing,
    faults,
  });

  loadBalancing.createTargetGroup({ name: 'shop', deregistrationDelayMs: 60_000 });
  const launch = (colour: 'blue' | 'green'): SimulatedInstance =>
    ec2.launch({
      tags: { Colour: colour },
      launchMs: 0,
      ...(colour === 'blue' && { application: { revision: OLD_NAME, healthy: true } }),
    });
  const blue = Array.from({ length: options.blue ?? 2 }, () => launch('blue'));
  const green = Array.from({ length: options.green ?? 2 }, () => launch('green'));
  loadBalancing.register(
    'shop',
    blue.map((instance) => instance.instanceId),
  );
  codeDeploy.createDeploymentGroup({
    ...SHOP,
    deploymentConfigName: ALL_AT_ONCE,
    targetGroupNames: ['shop'],
    ec2TagFilters: [{ Key: 'Colour', Value: 'blue', Type: 'KEY_AND_VALUE' }],
    ...options.group,
  });
  if (options.firstRelease !== true) codeDeploy.recordSuccess({ ...SHOP, revision: OLD });
  clock.advance(120_000);

  const wire = codeDeployWire(codeDeploy);
  const aws = new CodeDeployClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIASIMULATED', secretAccessKey: 'simulated' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { method: string; path: string; headers: Record<string, string>; body?: unknown }) => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k.toLowerCase(), v]));
        const asked = {
          method: request.method,
          url: `https://codedeploy${request.path}`,
          headers,
          body: bodyText(request.body),
        };
        const answer = await (async () => wire.handle(asked, wire.operationOf(asked)))().catch((error: unknown) => {
          if (error instanceof Refusal) return wire.refuse(error, asked);
          throw error;
        });
        const body = new TextEncoder().encode(answer.body);
        return { response: { statusCode: answer.status, headers: { ...answer.headers }, body } as never };
      },
    },
  });
  clients.push(aws);

  const deploy = (input: Partial<Parameters<CodeDeploySimulation['createDeployment']>[0]> = {}): string =>
    codeDeploy.createDeployment({ ...SHOP, revision: NEW, targetInstances: GREEN, ...input });
  /** Instances by what their target group says of them. */
  const inService = (): string[] =>
    loadBalancing
      .health('shop')
      .filter((target) => target.state === 'healthy')
      .map((target) => target.instanceId)
      .sort();
  return { clock, ec2, loadBalancing, faults, codeDeploy, aws, blue, green, deploy, inService, wire };
}

export const idsOf = (instances: readonly SimulatedInstance[]): string[] =>
  instances.map((instance) => instance.instanceId).sort();
