import type { AwsPlace } from '../ports/account.js';
import type { Call } from '../ports/call.js';
import type { AwsClients } from './aws-clients.js';
import { regionMissing } from './aws-failure.js';

/** The region that the SDK has settled on. */
export class SdkAwsPlace implements AwsPlace {
  readonly #clients: AwsClients;

  constructor(clients: AwsClients) {
    this.#clients = clients;
  }

  async region(call?: Call): Promise<string> {
    call?.signal?.throwIfAborted();
    const client = await this.#clients.codeDeploy();
    try {
      return await client.config.region();
    } catch {
      throw regionMissing();
    }
  }
}
