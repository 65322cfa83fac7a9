import { writeFile } from 'node:fs/promises';
import { shellWord } from '../report/shell-command.js';
import type { CliContext } from './cli-context.js';
import type { Ending } from './exit-codes.js';
import { jsonLine, say } from './output.js';
import { parseFault, parseUndocumented } from './simulated-faults.js';
import { UsageError, wordsOf } from './usage-error.js';

export interface SimulateOptions {
  readonly port?: number | undefined;
  readonly speed: number;
  readonly blue: number;
  readonly fault: readonly string[];
  readonly undocumented: readonly string[];
  readonly spec?: string | undefined;
  readonly json?: boolean | undefined;
}

/** In Ready for so long, in the cloud's time: gates before traffic need a deployment group that waits there. */
const READY_WAIT_MINUTES = 60;

/** `simulate`: Spot and AWS on a port of this machine, until it is interrupted. */
export async function simulate(context: CliContext, options: SimulateOptions): Promise<Ending> {
  const { stdout, stderr, clock } = context;
  const faults = options.fault.map(parseFault);
  // The simulated cloud is not part of the library's own entry, and no other command needs it.
  const { SimulatedClock, SimulatedCloud, UNDOCUMENTED } = await import('../testing/index.js');
  const cloud = new SimulatedCloud({
    clock: new SimulatedClock({ factor: options.speed, startAt: clock.now() }),
    blue: options.blue,
    faults,
    undocumented: parseUndocumented(options.undocumented, UNDOCUMENTED),
    deploymentGroup: { readyWaitMinutes: READY_WAIT_MINUTES },
  });
  const interrupted = new Promise<void>((resolve) => {
    context.onInterrupt(() => resolve());
  });
  try {
    const { environment } = await listen(cloud, options.port);
    if (options.spec !== undefined) await writeSpec(options.spec, cloud.spec(), options.speed);
    say(
      stderr,
      `a simulated cloud listens on ${environment['AWS_ENDPOINT_URL']}, at ${options.speed} times real time, until Ctrl-C`,
    );
    if (options.json === true) say(stdout, jsonLine(environment));
    else for (const [name, value] of Object.entries(environment)) say(stdout, `export ${name}=${shellWord(value)}`);
    await interrupted;
    const { total, failed } = cloud.traffic;
    const { blue, green, other } = cloud.snapshot().serving;
    say(
      stderr,
      `${total} requests of users, ${failed} failed; serving at the end: ${blue} blue, ${green} green, ${other} other`,
    );
  } finally {
    await cloud.close();
  }
  return 'succeeded';
}

async function listen<T>(
  cloud: { listen(options: { readonly port?: number | undefined }): Promise<T> },
  port: number | undefined,
): Promise<T> {
  try {
    return await cloud.listen({ port });
  } catch (error) {
    throw new UsageError(`--port ${port ?? 0} cannot be listened on: ${wordsOf(error)}`);
  }
}

const GATE = `# A gate, for the simulated deployment group waits in Ready; take the marks away to try it:
# gates:
#   - name: qa
#     before: PRE_PRODUCTION_TRAFFIC_SHIFT
`;

async function writeSpec(file: string, spec: object, speed: number): Promise<void> {
  const { stringify } = await import('yaml');
  // The library's clock is the real one: a minute of it would be long beside a cloud that hurries.
  const tagSettle = `${Math.max(1, Math.round(60 / speed))}s`;
  const text = `# Releases the simulated shop; written by elastigroup-bluegreen simulate.\n${stringify({ ...spec, tagSettle })}${GATE}`;
  await writeFile(file, text).catch((error: unknown) => {
    throw new UsageError(`--spec ${file} could not be written: ${wordsOf(error)}`);
  });
}
