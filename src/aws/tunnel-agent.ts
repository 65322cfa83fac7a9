import { request as httpRequest } from 'node:http';
import { Agent, type AgentOptions, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';
import { proxyFromEnvironment } from './proxy-from-environment.js';

/** A call is given up before; this is for the proxy that would keep the process from ending. */
const SILENT_MS = 60_000;

type Connected = (error: Error | null, socket: Duplex) => void;

/**
 * Reaches HTTPS through the proxy that the environment names, as the AWS SDK by itself does not: by `CONNECT`, so that the
 * proxy sees a host and nothing else. Where none is named it is an agent like any other.
 */
export class TunnelAgent extends Agent {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv, options: AgentOptions = {}) {
    super({ keepAlive: true, maxSockets: 50, ...options });
    this.#environment = environment;
  }

  override createConnection(options: ConnectionOptions, connected: Connected): Duplex | null | undefined {
    const { host = 'localhost', port = 443 } = options;
    const proxy = proxyFromEnvironment(host, port, this.#environment);
    if (proxy === undefined) return super.createConnection(options, connected);
    const failed = (error: Error): void => connected(error, undefined as unknown as Duplex);
    const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const ask = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      agent: false,
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
      method: 'CONNECT',
      timeout: SILENT_MS,
      path: target,
      headers: { host: target, ...authorizationFor(proxy) },
    });
    ask.once('error', failed);
    ask.once('timeout', () => ask.destroy(refused('NOTHING')));
    ask.once('response', ({ statusCode = 0 }) => {
      ask.destroy();
      failed(refused(statusCode));
    });
    ask.once('connect', ({ statusCode = 0 }, socket, head) => {
      ask.off('error', failed);
      if (statusCode !== 200) {
        socket.destroy();
        failed(refused(statusCode));
        return;
      }
      socket.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      const name = options.servername ?? host;
      const secured = connect({ ...options, socket, ...(isIP(name) === 0 ? { servername: name } : {}) });
      connected(null, secured);
    });
    ask.end();
    return undefined;
  }
}

/** Nothing has been sent but the name of the host: for whoever classifies it, no connection. */
function refused(answer: number | 'NOTHING'): Error {
  return Object.assign(new Error(`the proxy answered CONNECT with ${answer}`), {
    code: `PROXY_ANSWERED_${answer}`,
    syscall: 'connect',
  });
}

function authorizationFor({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(words).toString('base64')}` };
}
