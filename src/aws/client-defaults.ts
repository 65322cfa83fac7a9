import { VERSION } from '../internal/version.js';
import { TunnelAgent } from './tunnel-agent.js';

/** What every client that is made here is made with: no retries of its own, our name, and the proxy of the environment. */
export function clientDefaults() {
  return {
    maxAttempts: 1,
    customUserAgent: [['elastigroup-bluegreen', VERSION]] as Array<[string, string]>,
    requestHandler: { httpsAgent: new TunnelAgent(process.env) },
  };
}
