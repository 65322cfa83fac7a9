import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { AwsClients } from '../src/aws/aws-clients.js';
import { CodeDeployGateway } from '../src/aws/code-deploy-gateway.js';
import { InstancesGateway } from '../src/aws/instances-gateway.js';
import { TargetGroupsGateway } from '../src/aws/target-groups-gateway.js';
import { resolveOptions } from '../src/resolve-options.js';
import { SpotClient } from '../src/spot/spot-client.js';
import { TICK_MS, watchStalls } from './longest-stall.js';
import { table, type Bar } from './report.js';

const MANY = 10_000;
const FEW = 600;
/** What the services give at a time: EC2 takes 200 values in a filter, CodeDeploy lists targets and tells about 25. */
const FILTER_VALUES = 200;
const TARGETS_LISTED = 10;
const TARGETS_TOLD = 25;

/** So many of them are targets of the deployment: the simulated CodeDeploy takes minutes to list 10,000, ten on a page. */
export const DEPLOYED = 500;

/** How the process with the simulated cloud is reached, and what is in it. */
export interface LargeCloud {
  readonly awsUrl: string;
  readonly spotUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly elastigroupId: string;
  readonly instanceIds: readonly string[];
  readonly targetGroupArns: readonly string[];
  readonly deploymentId: string;
}

interface Look {
  readonly name: string;
  /** How many calls it takes at least. */
  readonly least: number;
  readonly take: () => Promise<unknown>;
}

interface Seen extends Pick<Look, 'name' | 'least'> {
  readonly calls: number;
  readonly tookMs: number;
  readonly stalledMs: number;
}

/** One full observation of an Elastigroup of 10,000 instances: how many calls, and for how long the event loop stands still. */
export async function measureLargeElastigroup(): Promise<readonly Bar[]> {
  // Loads and compiles.
  await observe(FEW);
  const seen = await observe(MANY);
  console.log(`\nOne full observation of an Elastigroup of ${MANY.toLocaleString('en')} instances\n`);
  console.log(
    table(
      ['', 'calls', 'at least', 'ms', 'longest stall, ms'],
      seen.map(({ name, calls, least, tookMs, stalledMs }) => [
        name,
        String(calls),
        String(least),
        tookMs.toFixed(0),
        stalledMs.toFixed(1),
      ]),
    ),
  );
  const sum = (of: (each: Seen) => number): number => seen.reduce((all, each) => all + of(each), 0);
  const calls = sum((each) => each.calls) / sum(({ least }) => least);
  const stall = Math.max(...seen.map(({ stalledMs }) => stalledMs));
  return [
    { what: 'limits: calls of a full observation beside the least', found: calls, allowed: 1.05, unit: ' ×' },
    { what: 'limits: longest stall of the event loop', found: stall, allowed: 50, unit: ' ms' },
  ];
}

async function observe(count: number): Promise<readonly Seen[]> {
  // The simulated services answer from a process of their own: what they compute is no stall of the library's.
  const child = fork(join(import.meta.dirname, 'large-cloud.ts'), { serialization: 'advanced' });
  try {
    const looks = looksAt(await ask<LargeCloud>(child, count));
    const seen: Seen[] = [];
    for (const { name, least, take } of looks) {
      const started = performance.now();
      const stalledMs = await longestStall(take);
      const tookMs = performance.now() - started;
      const { length: calls } = await ask<readonly string[]>(child, 'calls');
      seen.push({ name, least, calls, tookMs, stalledMs });
    }
    return seen;
  } finally {
    child.kill();
  }
}

function looksAt({ awsUrl, spotUrl, environment, ...ids }: LargeCloud): readonly Look[] {
  const { calls } = resolveOptions({});
  const unlimited = { ...calls, limits: undefined };
  const clients = new AwsClients({
    region: environment['AWS_REGION'],
    endpoint: awsUrl,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY']!,
    },
  });
  const spot = new SpotClient({
    baseUrl: spotUrl,
    token: environment['SPOTINST_TOKEN']!,
    accountId: environment['SPOTINST_ACCOUNT']!,
  });
  const codeDeploy = new CodeDeployGateway(clients, unlimited);
  const instances = new InstancesGateway(clients, unlimited);
  const targetGroups = new TargetGroupsGateway(clients, unlimited);
  const pages = (size: number, of = ids.instanceIds.length): number => Math.ceil(of / size);
  return [
    { name: 'Spot: deployment modes', least: 1, take: () => spot.listDeploymentModes(ids.elastigroupId) },
    { name: 'Spot: instances', least: 1, take: () => spot.listInstances(ids.elastigroupId) },
    {
      name: 'EC2: by tag',
      least: pages(FILTER_VALUES),
      take: () => instances.findByTags([{ key: 'Colour', values: ['green'] }]),
    },
    { name: 'EC2: by id', least: pages(FILTER_VALUES), take: () => instances.describeInstances(ids.instanceIds) },
    {
      name: 'target health',
      least: ids.targetGroupArns.length,
      take: async () => {
        for (const arn of ids.targetGroupArns) await targetGroups.targetHealth(arn);
      },
    },
    { name: 'CodeDeploy: deployment', least: 1, take: () => codeDeploy.readDeployment(ids.deploymentId) },
    {
      name: `CodeDeploy: ${DEPLOYED} targets`,
      least: pages(TARGETS_LISTED, DEPLOYED) + pages(TARGETS_TOLD, DEPLOYED),
      take: () => codeDeploy.listTargets(ids.deploymentId),
    },
  ];
}

async function longestStall(run: () => Promise<unknown>): Promise<number> {
  const stalls = watchStalls();
  await run();
  // What the last answer was made of is in the tick that comes after it.
  await new Promise((resolve) => setTimeout(resolve, 2 * TICK_MS));
  stalls.stop();
  return stalls.longestMs;
}

async function ask<Answer>(child: ChildProcess, order: number | string): Promise<Answer> {
  const answered = once(child, 'message');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process with the simulated cloud ended with ${String(code)}`);
  });
  child.send(order);
  const [answer] = await Promise.race([answered, ended]);
  ended.catch(() => {});
  return answer as Answer;
}
