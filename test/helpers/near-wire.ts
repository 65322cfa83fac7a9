import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import axios, { AxiosError, type AxiosAdapter } from 'axios';
import type { Outcome } from '../../src/testing/wire/dispatch.js';
import { receiverAt } from '../../src/testing/wire/in-process.js';

/** What a client of the AWS SDK hands to its transport: signed, and written as it goes out. */
interface HttpRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Transport {
  handle: (this: Transport, request: HttpRequest, options?: { readonly abortSignal?: AbortSignal }) => Promise<unknown>;
}

type Answered = Exclude<Outcome, 'unanswered'>;

/** Every client of the SDK has a transport of its own, and all of them are of one class. */
const transport = Object.getPrototypeOf(
  new CodeDeployClient({ region: 'eu-west-1' }).config.requestHandler,
) as Transport;
const overSockets = transport.handle;
const usual = axios.defaults.adapter ?? ['http'];

/** The SDK does all else that it does: middleware, signatures, what is written and what is read. */
async function nearby(this: Transport, request: HttpRequest, options?: { readonly abortSignal?: AbortSignal }) {
  const { protocol, hostname, port, path, method, headers, body } = request;
  const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;
  const receive = receiverAt(url);
  if (receive === undefined) return overSockets.call(this, request, options);
  const text = typeof body === 'string' ? body : Buffer.from((body ?? []) as Uint8Array).toString();
  const asked = receive({ method, url, headers: inLowerCase(Object.entries(headers)), body: text });
  const answer = read(await unlessAborted(asked, options?.abortSignal));
  return { response: { statusCode: answer.status, headers: { ...answer.headers }, body: Buffer.from(answer.body) } };
}

const nearbyAdapter: AxiosAdapter = async (config) => {
  const url = axios.getUri(config);
  const receive = receiverAt(url);
  if (receive === undefined) return axios.getAdapter(usual)(config);
  const headers = inLowerCase(Object.entries(config.headers.toJSON()));
  const body = typeof config.data === 'string' ? config.data : '';
  const method = (config.method ?? 'get').toUpperCase();
  try {
    const asked = receive({ method, url, headers, body });
    const answer = read(await unlessAborted(asked, config.signal as AbortSignal | undefined));
    return { status: answer.status, statusText: '', headers: { ...answer.headers }, data: answer.body, config };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new AxiosError(message, code, config);
  }
};

/**
 * How axios and the AWS SDK reach the simulated clouds of this process from now on: `near`, each hands over what it would send,
 * and gets what would come back; `sockets`, as everywhere else. Other hosts are reached over sockets in any case.
 */
export function reachClouds(way: 'sockets' | 'near'): void {
  axios.defaults.adapter = way === 'near' ? nearbyAdapter : usual;
  transport.handle = way === 'near' ? nearby : overSockets;
}

function read(outcome: Answered): Exclude<Answered, 'lost'>['response'] {
  if (outcome !== 'lost') return outcome.response;
  throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

/** A peer that hangs is given up by whoever asked. */
async function unlessAborted(asked: Promise<Outcome>, signal: AbortSignal | undefined): Promise<Answered> {
  const outcome = await asked;
  if (outcome !== 'unanswered' && signal?.aborted !== true) return outcome;
  return new Promise((_resolve, reject) => {
    const giveUp = (): void => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
}

const inLowerCase = (headers: ReadonlyArray<readonly [string, unknown]>): Record<string, string> =>
  Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), String(value)]));
