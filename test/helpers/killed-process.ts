import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'tsup';
import { FileStore, type RolloutResult, type RolloutSpec } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import {
  changesOf,
  cloudOf,
  driverOf,
  mutates,
  OPTIONS,
  ROLLOUT_ID,
  specOf,
  type CrashPoint,
  type CrashTold,
  type Tale,
} from './crash.js';
import { endOf } from './crash-end.js';

/** What the child process is told to do. */
export interface ReleaseOrder {
  readonly folder: string;
  readonly rolloutId: string;
  readonly spec: RolloutSpec;
  readonly startAt: number;
  readonly polling: typeof OPTIONS.polling;
}

/** Around its nth request, or once its journal has n lines; `torn`: the last line is then found half written. */
export interface KillPoint extends CrashPoint {
  readonly torn?: boolean;
}

type Message = { readonly at: number } | { readonly result: RolloutResult };
/** Without a crash of its own: whatever it wrote is in the journal. */
export type KilledTold = Omit<CrashTold, 'writes'> & { readonly journal: readonly string[] };

/** A process that drives a release, in one file of plain JavaScript: dozens of them start within the time of one test. */
export class ReleaseProcess {
  static async build(): Promise<ReleaseProcess> {
    // Where it finds the packages that it does not hold.
    mkdirSync(resolve('node_modules/.cache'), { recursive: true });
    const outDir = mkdtempSync(resolve('node_modules/.cache/release-process-'));
    await build({
      config: false,
      silent: true,
      entry: [resolve('test/crash/processes/drive-release.ts')],
      outDir,
      format: 'esm',
      target: 'node20',
      splitting: false,
    });
    return new ReleaseProcess(outDir);
  }

  private constructor(private readonly outDir: string) {}

  remove(): void {
    rmSync(this.outDir, { recursive: true });
  }

  /**
   * The process is killed at the point, and this one takes the release up where it stood. Without a point it is only killed
   * once it has told its end.
   */
  async tell(tale: Tale, point?: KillPoint): Promise<KilledTold> {
    await using cloud = cloudOf(tale);
    const folder = mkdtempSync(join(tmpdir(), 'killed-process-'));
    try {
      const spec = specOf(cloud, tale.spec);
      const life = await this.#firstLife(cloud, folder, spec, point);
      const calls = cloud.requests.map((request) => ({
        name: `${request.service} ${request.operation}`,
        mutates: mutates(request),
      }));
      const secondLife = life.result ?? (await takeUp(cloud, folder, spec));
      const { crashedAt, journal } = life;
      const changes = changesOf(cloud.requests);
      return { end: endOf(cloud, secondLife), calls, changes, crashedAt, changedAfterDeath: [], secondLife, journal };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async #firstLife(cloud: SimulatedCloud, folder: string, spec: RolloutSpec, point: KillPoint | undefined) {
    const server = await cloud.listen();
    const startAt = cloud.clock.now();
    const order: ReleaseOrder = { folder, rolloutId: ROLLOUT_ID, spec, startAt, polling: OPTIONS.polling };
    const child = fork(join(this.outDir, 'drive-release.js'), [JSON.stringify(order)], {
      env: { PATH: process.env['PATH'], HOME: folder, ...QUIET, ...server.environment },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const journal = new JournalOnDisk(folder);
    let result: RolloutResult | undefined;
    let crashedAt: string | undefined;
    const kill = (where: string): void => {
      crashedAt = where;
      child.kill('SIGKILL');
    };
    // Looked at whenever it changes, and before the process is let go on: whichever comes first.
    const lookAtJournal = (): void => {
      if (crashedAt !== undefined || point?.at !== 'write') return;
      const lines = journal.lines();
      if (lines.length >= point.n) kill(`${lines.at(-1)}${point.torn === true ? ', torn' : ''}`);
    };
    const watching = watch(journal.directory, lookAtJournal);
    const restoreWire = interceptRequests(cloud, (n, what) => {
      lookAtJournal();
      if (crashedAt !== undefined) return 'goes nowhere';
      if (point?.at !== 'call' || point.n !== n) return 'arrives';
      kill(what);
      return point.when === 'after' ? 'loses its answer' : 'goes nowhere';
    });
    child.on('message', (message: Message) => {
      lookAtJournal();
      if (crashedAt !== undefined) return;
      if ('result' in message) {
        result = message.result;
        child.kill('SIGKILL');
        return;
      }
      cloud.advance(Math.max(0, message.at - cloud.clock.now()));
      child.send({});
    });
    try {
      await killed(child);
    } finally {
      watching.close();
      restoreWire();
      await server.close();
    }
    if (point?.torn === true) journal.tear();
    return { result: crashedAt === undefined ? result : undefined, crashedAt, journal: journal.lines() };
  }
}

const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_EC2_METADATA_DISABLED: 'true' };

async function takeUp(cloud: SimulatedCloud, folder: string, spec: RolloutSpec): Promise<RolloutResult> {
  const store = new FileStore(folder);
  const second = driverOf(cloud, store, 2);
  const known = (await store.list()).includes(ROLLOUT_ID);
  const rollout = known ? await second.resume(ROLLOUT_ID) : await second.start(spec, { id: ROLLOUT_ID });
  const result = await rollout.result();
  await second.close();
  return result;
}

/** Resolves when the process is dead by our hand; any other end of it is a fault. */
function killed(child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((settle, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') settle();
      else fail(new Error(`the process ended by itself, with ${code ?? signal}:\n${said}`));
    });
  });
}

/** What becomes of a request is decided as it comes in; the answered function ends that. */
function interceptRequests(
  cloud: SimulatedCloud,
  decide: (n: number, what: string) => 'arrives' | 'goes nowhere' | 'loses its answer',
): () => void {
  const usual = cloud.faults.takeForRequest.bind(cloud.faults);
  let requests = 0;
  cloud.faults.takeForRequest = (service, operation, sinceStartMs) => {
    requests += 1;
    const what = decide(requests, `${service} ${operation}`);
    if (what === 'arrives') return usual(service, operation, sinceStartMs);
    const on = { service };
    return what === 'loses its answer' ? { fault: 'lost-answer', on } : { fault: 'no-answer', acted: false, on };
  };
  return () => {
    cloud.faults.takeForRequest = usual;
  };
}

/** The journal as whoever looks into the folder sees it. */
class JournalOnDisk {
  readonly directory: string;
  readonly #path: string;

  constructor(folder: string) {
    this.directory = join(folder, 'rollouts');
    this.#path = join(this.directory, `${ROLLOUT_ID}.jsonl`);
    mkdirSync(this.directory, { recursive: true });
  }

  /** The types of its whole lines. */
  lines(): readonly string[] {
    const text = this.#text();
    const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return whole.slice(0, -1).map((line) => (JSON.parse(line) as { entry: { type: string } }).entry.type);
  }

  /** Takes away the second half of the last line: the process died while it wrote it. */
  tear(): void {
    const text = Buffer.from(this.#text());
    const start = text.lastIndexOf('\n', text.length - 2) + 1;
    truncateSync(this.#path, start + Math.floor((text.length - start) / 2));
  }

  #text(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }
}
