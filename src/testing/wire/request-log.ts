import type { WireRequest, WireServiceName } from './http.js';

/** One request that reached the simulated cloud. Credentials are never kept. */
export interface CloudRequest {
  /** Simulated milliseconds since the cloud was made. */
  readonly atMs: number;
  readonly service: WireServiceName | 'unknown';
  readonly operation: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** JSON and forms as objects, anything else as text, nothing as undefined. */
  readonly body: unknown;
  /** The status answered; `lost` when the connection broke instead; `unanswered` as long as no answer has been given. */
  status: number | 'lost' | 'unanswered';
  /** Refused because there were too many; a fault of that kind included. */
  throttled?: true;
}

export function describeBody(request: WireRequest): unknown {
  if (request.body === '') return undefined;
  const type = request.headers['content-type'] ?? '';
  if (type.includes('x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(request.body));
  if (!type.includes('json')) return request.body;
  try {
    return JSON.parse(request.body) as unknown;
  } catch {
    return request.body;
  }
}
