import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosInstance } from 'axios';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import { VERSION } from '../internal/version.js';
import { connectionFailure, type FailedCall, type SpotAnswer } from './spot-failure.js';

export const USER_AGENT = `elastigroup-bluegreen/${VERSION}`;

export interface SpotHttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body?: Json | undefined;
}

/** The status list of an Elastigroup with a thousand instances is some 500 kB. */
const LARGEST_ANSWER_BYTES = 20_000_000;

/** HTTP to Spot: one request, one answer, whatever its status. Knows nothing of retries. */
export class SpotHttp {
  readonly #baseUrl: string;
  readonly #agents = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };
  // Spot may close an idle connection at the moment we send on it. A read is then made again, but of a change nobody
  // could say whether Spot acted: changes get a connection of their own.
  readonly #fresh = { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent() };
  #axios: Promise<AxiosInstance> | undefined;

  constructor(baseUrl: string) {
    this.#baseUrl = plainAddress(baseUrl);
  }

  /** Loads what the first call needs, so that the call's time is not spent on it. */
  async warmUp(): Promise<void> {
    await (this.#axios ??= makeAxios());
  }

  async send(call: FailedCall, request: SpotHttpRequest, signal: AbortSignal): Promise<SpotAnswer> {
    const axios = await (this.#axios ??= makeAxios());
    try {
      const { status, headers, data } = await axios.request<unknown>({
        method: request.method,
        url: `${this.#baseUrl}${request.path}`,
        params: request.query,
        ...(request.body === undefined ? {} : { data: JSON.stringify(request.body) }),
        headers: {
          Authorization: `Bearer ${call.token}`,
          ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        signal,
        ...(call.mutates ? this.#fresh : this.#agents),
      });
      return { status, headers: plain(headers), body: parse(data) };
    } catch (error) {
      throw connectionFailure(call, error);
    }
  }

  /** Closes idle connections. */
  close(): void {
    for (const agent of [...Object.values(this.#agents), ...Object.values(this.#fresh)]) agent.destroy();
  }
}

/** Credentials in the address would take the place of the token, and a query that of ours. Never shows the address. */
function plainAddress(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isPlain = url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return baseUrl.replace(/\/+$/, '');
  throw new BlueGreenError(
    'OPTIONS_INVALID',
    'spot.baseUrl is no plain address; allowed is http:// or https:// with a host and a path, without credentials and query',
    { details: { field: 'spot.baseUrl' } },
  );
}

async function makeAxios(): Promise<AxiosInstance> {
  const { default: axios } = await import('axios');
  return axios.create({
    headers: { Accept: 'application/json', 'User-Agent': USER_AGENT },
    maxRedirects: 0,
    maxContentLength: LARGEST_ANSWER_BYTES,
    validateStatus: () => true,
    // The body is taken as text and parsed here: HTML must not pass for an answer.
    responseType: 'text',
    transformResponse: (data: unknown) => data,
  });
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

function plain(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]: [string, unknown]) => [name.toLowerCase(), String(value)]),
  );
}
