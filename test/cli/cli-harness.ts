import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { CliContext } from '../../src/cli/cli-context.js';
import { runCli } from '../../src/cli/run-cli.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import { WIRES } from '../helpers/wires.js';

export interface CliEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliCall {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether somebody sits at a terminal. */
  readonly terminal?: boolean;
}

/** A command that runs: what it has printed so far can be waited for. */
export interface RunningCli extends PromiseLike<CliEnd> {
  /** Resolves once this text has been printed; rejects when the command ends without it. */
  printed(text: string): Promise<void>;
  /** The same on standard error. */
  told(text: string): Promise<void>;
  interrupt(signal?: string): void;
  /** The codes with which it asked for the end of the process. */
  readonly exits: readonly number[];
}

/** A folder, a store in it, a simulated cloud and the command line, all in this process. */
export class CliDesk {
  readonly folder = mkdtempSync(join(tmpdir(), 'cli-'));
  readonly store = join(this.folder, 'rollouts');
  readonly cloud: SimulatedCloud;

  constructor(options: SimulatedCloudOptions = {}) {
    this.cloud = new SimulatedCloud({
      clock: WIRES.near.clock(),
      rateLimits: false,
      deploymentGroup: { readyWaitMinutes: 60 },
      ...options,
    });
    open.push(this);
  }

  /** Writes a file into the folder, and answers where it is. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** A file with a release of the shop. */
  spec(overrides: object = {}): string {
    return this.write('shop.json', JSON.stringify(this.cloud.spec(overrides)));
  }

  /** Runs a command line on the store of this desk. */
  run(argv: readonly string[], call: CliCall = {}): RunningCli {
    return start([...argv, '--store', this.store], call, this.cloud);
  }

  /** Starts a release and interrupts it before its first call. */
  async suspended(id: string): Promise<void> {
    const running = this.run(['deploy', this.spec(), '--id', id]);
    await running.printed('put the Elastigroup into deployment mode');
    running.interrupt();
    const { code, err } = await running;
    if (code !== 6) throw new Error(`it was not suspended: ${err}`);
  }

  /** A store as a process that was killed in the middle of a release leaves it; answers its folder. */
  async killed(id: string): Promise<string> {
    const running = this.run(['deploy', this.spec(), '--id', id]);
    await running.printed('wait until Spot has launched');
    const store = join(this.folder, 'of-the-killed');
    cpSync(this.store, store, { recursive: true });
    running.interrupt();
    await running;
    return store;
  }
}

const open: CliDesk[] = [];

/** For `afterEach`. */
export async function closeDesks(): Promise<void> {
  for (const { cloud, folder } of open.splice(0)) {
    await cloud.close();
    rmSync(folder, { recursive: true });
    if (cloud.clock.pending() > 0) throw new Error('something still sleeps after the test');
  }
}

/** Runs a command line as it stands. */
export function start(argv: readonly string[], call: CliCall = {}, cloud?: SimulatedCloud): RunningCli {
  const out = new Paper(call.terminal === true);
  const err = new Paper(call.terminal === true);
  const listeners = new Set<(signal: string) => void>();
  const exits: number[] = [];
  const context: CliContext = {
    version: '1.2.3',
    stdin: Readable.from([call.stdin ?? '']),
    stdout: out,
    stderr: err,
    env: call.env ?? {},
    clock: cloud?.clock ?? { now: () => 0, sleep: () => Promise.reject(new Error('nothing should sleep here')) },
    userName: () => 'ada',
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (code) => void exits.push(code),
    ...(cloud === undefined ? {} : { options: cloud.options() }),
  };
  const ended = runCli(argv, context).then((code): CliEnd => {
    out.ends();
    err.ends();
    return { code, out: out.text, err: err.text };
  });
  return {
    then: (resolve, reject) => ended.then(resolve, reject),
    printed: (text) => out.shows(text),
    told: (text) => err.shows(text),
    interrupt: (signal = 'SIGINT') => {
      for (const listener of [...listeners]) listener(signal);
    },
    exits,
  };
}

/** Keeps what is written, and tells who waits for it. */
class Paper extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 100;
  readonly rows = 40;
  readonly #waiting = new Set<{ readonly text: string; readonly seen: () => void; readonly never: () => void }>();

  constructor(isTTY: boolean) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    for (const waiting of this.#waiting)
      if (this.#has(waiting.text)) {
        this.#waiting.delete(waiting);
        waiting.seen();
      }
    done();
  }

  shows(text: string): Promise<void> {
    if (this.#has(text)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const never = (): void => reject(new Error(`it ended without printing "${text}":\n${this.text}`));
      this.#waiting.add({ text, seen: resolve, never });
    });
  }

  ends(): void {
    for (const { never } of this.#waiting) never();
  }

  #has(text: string): boolean {
    return stripVTControlCharacters(this.text).includes(text);
  }
}
