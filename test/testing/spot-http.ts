import axios from 'axios';
import type { ElastigroupOptions } from '../../src/testing/model/elastigroup-settings.js';
import { SHOP } from '../../src/testing/shop.js';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';

export type SpotItem = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly instanceId: string | null;
  // Every call has fields of its own, and a test names those that it means.
  readonly [field: string]: any; // eslint-disable-line @typescript-eslint/no-explicit-any
};

export interface SpotResponse {
  readonly status: { readonly code: number; readonly message: string };
  readonly kind: string;
  readonly items: readonly SpotItem[];
  readonly count: number;
  readonly errors: ReadonlyArray<{ readonly code: string; readonly message: string; readonly field?: string }>;
}

/** The simulated cloud's Spot through axios, with a clock that moves only when a test says so. */
export class SpotOverHttp {
  readonly cloud: SimulatedCloud;

  constructor(options: SimulatedCloudOptions = {}, elastigroup: Partial<ElastigroupOptions> = {}) {
    this.cloud = new SimulatedCloud(options);
    this.cloud.elastigroups.update(SHOP.elastigroupId, elastigroup);
  }

  get targetGroupArn() {
    return this.cloud.loadBalancing.targetGroup(SHOP.targetGroupName).arn;
  }

  members() {
    return this.cloud.elastigroups.members(SHOP.elastigroupId);
  }

  async call(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    below: string,
    data?: unknown,
    how: { token?: string; accountId?: string | null; elastigroupId?: string } = {},
  ) {
    await this.cloud.start();
    const { spot } = this.cloud.options();
    const { token = await spot.token(), accountId = spot.accountId, elastigroupId = SHOP.elastigroupId } = how;
    const answer = await axios.request<{ request: unknown; response: SpotResponse }>({
      baseURL: spot.baseUrl,
      url: `/aws/ec2/group/${elastigroupId}${below}`,
      method,
      data,
      params: accountId === null ? {} : { accountId },
      headers: { Authorization: `Bearer ${token}` },
      validateStatus: () => true,
    });
    return { status: answer.status, headers: answer.headers, body: answer.data, response: answer.data.response };
  }

  close(): Promise<void> {
    return this.cloud.close();
  }
}
