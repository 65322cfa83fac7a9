import type { SetupServer } from 'msw/node';
import type { Outcome } from './dispatch.js';
import type { WireRequest } from './http.js';

type Receive = (request: WireRequest) => Promise<Outcome>;

/** The clouds of this process, by their number. */
const clouds = new Map<string, Receive>();
let interception: Promise<SetupServer> | undefined;

const HOST = /^https?:\/\/[a-z0-9]+\.cloud-(\d+)\.simulated\.invalid[:/]/;

/**
 * From now on requests to `….cloud-<number>.simulated.invalid` in this process go to `receive`. One interception
 * serves every cloud; requests to any other host pass it untouched.
 */
export async function attach(cloudNumber: number, receive: Receive): Promise<void> {
  clouds.set(String(cloudNumber), receive);
  interception ??= intercept();
  await interception;
}

export async function detach(cloudNumber: number): Promise<void> {
  clouds.delete(String(cloudNumber));
  if (clouds.size > 0 || interception === undefined) return;
  const ending = interception;
  interception = undefined;
  (await ending).close();
}

async function intercept(): Promise<SetupServer> {
  const { http } = await import('msw');
  const { setupServer } = await import('msw/node');
  const server = setupServer(http.all(HOST, ({ request }) => answer(request)));
  server.listen({ onUnhandledRequest: 'bypass' });
  return server;
}

/** Whoever receives the requests to this address; undefined once that cloud is closed. */
export function receiverAt(url: string): Receive | undefined {
  return clouds.get(HOST.exec(url)?.[1] ?? '');
}

async function answer(request: Request): Promise<Response> {
  const receive = receiverAt(request.url);
  // As if the host had gone: no test should reach a cloud that it has closed.
  if (receive === undefined) return brokenConnection('ECONNREFUSED');
  const outcome = await receive({
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });
  if (outcome === 'lost') return brokenConnection('ECONNRESET');
  if (outcome === 'unanswered') return new Promise<never>(() => undefined);
  const { status, headers, body } = outcome.response;
  return new Response(body, { status, headers });
}

/**
 * An answer that the client sees as an error of its socket. msw prints what a handler throws, and turns
 * `Response.error()` into an error without a code; what is thrown when it reads the answer does neither.
 */
function brokenConnection(code: 'ECONNRESET' | 'ECONNREFUSED'): Response {
  const reset = code === 'ECONNRESET';
  const error = Object.assign(
    new Error(reset ? 'read ECONNRESET' : 'connect ECONNREFUSED: the simulated cloud is closed'),
    {
      code,
      errno: reset ? -104 : -111,
      syscall: reset ? 'read' : 'connect',
    },
  );
  return Object.defineProperty(Response.error(), 'status', {
    get: () => {
      throw error;
    },
  });
}
