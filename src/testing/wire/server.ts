import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Outcome } from './dispatch.js';
import type { WireRequest } from './http.js';

/** A simulated cloud that answers on a real port of this machine. */
export interface CloudServer {
  readonly spotUrl: string;
  readonly awsUrl: string;
  /** Environment variables that point the library, AWS's SDKs and AWS's command line of another process at it. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function serve(
  receive: (request: WireRequest) => Promise<Outcome>,
  port: number,
): Promise<Omit<CloudServer, 'environment'>> {
  const server = createServer((incoming, answer) => {
    void respond(receive, incoming, answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    spotUrl: url,
    awsUrl: url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  receive: (request: WireRequest) => Promise<Outcome>,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    // The client went away before it had said what it wanted.
    return;
  }
  const outcome = await receive({
    method: incoming.method ?? 'GET',
    url: `http://${incoming.headers.host ?? '127.0.0.1'}${incoming.url ?? '/'}`,
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks).toString(),
  }).catch((): Outcome => 'lost');
  if (outcome === 'unanswered') return;
  if (outcome === 'lost') {
    answer.destroy();
    return;
  }
  const { status, headers, body } = outcome.response;
  // The answer carries the cloud's own date: the machine's beside it would be another one.
  answer.sendDate = false;
  answer.writeHead(status, headers).end(body);
}
