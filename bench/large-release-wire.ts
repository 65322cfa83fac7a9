import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import axios, { type AxiosAdapter } from 'axios';
import type { BlueGreenOptions } from '../src/index.js';
import { SimulatedClock } from '../src/testing/index.js';
import type { WireRequest } from '../src/testing/wire/http.js';
import { cpuOfProcess } from './longest-stall.js';

/** What the process with the simulated cloud tells when it is open. */
export interface LargeCloud {
  readonly startAt: number;
  readonly baseUrl: string;
}

/** At this instant: a request of Spot's client, or a command of one of the AWS clients. */
export interface Asked {
  readonly number: number;
  readonly at: number;
  readonly question:
    | { readonly http: WireRequest }
    | { readonly client: string; readonly operation: string; readonly input: object };
}

export interface Answer {
  readonly number: number;
  readonly output?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly $metadata?: object | undefined };
}

/** More turns than the library takes to read the longest of Spot's answers. */
const QUIET_TURNS = 100;
const CLIENTS = ['codeDeploy', 'ec2', 'elasticLoadBalancingV2', 'cloudWatch'] as const;

/**
 * A simulated cloud in another process, with the answers of AWS as its clients would give them: what is measured here is the
 * library without them. One at a time: the way of Spot's client is everybody's.
 */
export class LargeReleaseWire implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #onAsked: (operation: string) => void;
  readonly #onRead: () => void;
  readonly #open = new Map<number, (answer: Answer) => void>();
  #clock = new SimulatedClock();
  #asked = 0;
  #waitingMs = 0;

  /** `onAsked` is told of every call before it is made; `onRead` when this wire has read an answer, before the library gets it. */
  constructor(onAsked: (operation: string) => void, onRead: () => void) {
    this.#onAsked = onAsked;
    this.#onRead = onRead;
    this.#child = fork(join(import.meta.dirname, 'large-release-cloud.ts'), { serialization: 'advanced' });
  }

  async open(blue: number): Promise<Pick<BlueGreenOptions, 'spot' | 'aws' | 'clock'>> {
    this.#child.send(blue);
    const [{ startAt, baseUrl }] = (await once(this.#child, 'message')) as [LargeCloud];
    this.#child.on('message', (answer: Answer) => {
      this.#onRead();
      this.#open.get(answer.number)?.(answer);
    });
    this.#clock = new SimulatedClock({ startAt, quietTurns: QUIET_TURNS });
    axios.defaults.adapter = this.#http;
    const region = () => Promise.resolve('eu-west-1');
    const clients = CLIENTS.map((client) => [
      client,
      {
        config: { region },
        send: ({ input, constructor }: { input: object; constructor: { name: string } }) => {
          const operation = constructor.name.replace(/Command$/, '');
          this.#onAsked(operation);
          return this.#ask({ client, operation, input });
        },
        destroy: () => undefined,
      },
    ]);
    return {
      clock: this.#clock,
      spot: { baseUrl, token: 'simulated-token', accountId: 'act-1a2b3c4d' },
      aws: {
        region: 'eu-west-1',
        credentials: { accessKeyId: 'AKIASIMULATED0000000', secretAccessKey: 'simulated-secret' },
        clients: Object.fromEntries(clients) as NonNullable<NonNullable<BlueGreenOptions['aws']>['clients']>,
      },
    };
  }

  /** What this process has computed while it waited for answers, and to send and to read them. */
  get waitingMs(): number {
    return this.#waitingMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }

  async #ask(question: Asked['question']): Promise<unknown> {
    const release = this.#clock.hold();
    this.#asked += 1;
    const asked: Asked = { number: this.#asked, at: this.#clock.now(), question };
    const before = cpuOfProcess();
    const { output, error } = await new Promise<Answer>((resolve) => {
      this.#open.set(asked.number, resolve);
      this.#child.send(asked);
    });
    this.#waitingMs += cpuOfProcess() - before;
    this.#open.delete(asked.number);
    release();
    if (error !== undefined) throw Object.assign(new Error(error.message), error);
    return output;
  }

  readonly #http: AxiosAdapter = async (config) => {
    const url = axios.getUri(config);
    this.#onAsked(`${config.method ?? 'get'} ${new URL(url).pathname}`);
    const headers = Object.entries(config.headers.toJSON()).map(([name, value]) => [name.toLowerCase(), String(value)]);
    const http: WireRequest = {
      method: (config.method ?? 'get').toUpperCase(),
      url,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: typeof config.data === 'string' ? config.data : '',
    };
    const response = (await this.#ask({ http })) as { status: number; headers: Record<string, string>; body: string };
    return { status: response.status, statusText: '', headers: response.headers, data: response.body, config };
  };
}
