import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { SpotOverHttp } from './spot-http.js';

const { elastigroupId: ELASTIGROUP, applicationName, deploymentGroupName } = SHOP;
const DEPLOYMENT_GROUP = { applicationName, deploymentGroupName };

let spot: SpotOverHttp;
const start = (...given: ConstructorParameters<typeof SpotOverHttp>) => {
  spot = new SpotOverHttp(...given);
  return spot;
};
afterEach(() => spot.close());

describe('every call', () => {
  it('SPOT-1: is refused with another token', async () => {
    const { status, response } = await start().call('GET', '', undefined, { token: 'wrong' });
    expect(status).toBe(401);
    expect(response.errors).toEqual([{ code: 'UNAUTHORIZED', message: 'Request Authentication Failed' }]);
  });

  it('SPOT-2: is refused with another account, and answered without one', async () => {
    start();
    expect((await spot.call('GET', '', undefined, { accountId: 'act-99999999' })).status).toBe(403);
    expect((await spot.call('GET', '', undefined, { accountId: null })).status).toBe(200);
  });

  it('SPOT-3: is answered in the envelope, in simulated time', async () => {
    const { body } = await start().call('GET', '/status');
    expect(body.request).toEqual({
      id: expect.any(String),
      url: `/aws/ec2/group/${ELASTIGROUP}/status?accountId=act-1a2b3c4d`,
      method: 'GET',
      timestamp: '2026-01-05T09:00:00.000Z',
    });
    expect(body.response).toMatchObject({
      status: { code: 200, message: 'OK' },
      kind: 'spotinst:aws:ec2:group',
      count: 3,
    });
    expect(body.response.items).toHaveLength(3);
  });

  it('SPOT-4: that comes too often is refused without errors', async () => {
    start().cloud.inject({ fault: 'throttled', on: { service: 'spot', operation: 'listInstances' } });
    const { status, headers, response } = await spot.call('GET', '/status');
    expect(status).toBe(429);
    expect(headers['x-ratelimit-remaining']).toBe('0');
    expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThan(0);
    expect(response).toEqual({
      status: { code: 429, message: 'Too Many Requests' },
      data: 'Rate limit exceeded',
    });
  });

  it('SPOT-4: says how many more may follow, and is blocked for longer by knocking', async () => {
    start({ rateLimits: { spotByOperation: { listInstances: 2 } } });
    const rate = async () => {
      const { status, headers } = await spot.call('GET', '/status');
      return [status, ...['limit', 'remaining', 'reset'].map((name) => Number(headers[`x-ratelimit-${name}`]))];
    };
    expect(await rate()).toEqual([200, 2, 1, 0]);
    spot.cloud.advance(10_000);
    expect(await rate()).toEqual([200, 2, 0, 50]);
    spot.cloud.advance(20_000);
    expect(await rate()).toEqual([429, 2, 0, 40]);
    expect((await spot.call('GET', '/suspension')).headers['x-ratelimit-remaining']).toBe('59');
    spot.cloud.advance(30_000);
    expect((await rate())[0]).toBe(429);
    spot.cloud.advance(60_000);
    expect((await rate())[0]).toBe(200);
  });

  it('SPOT-5: to an unknown Elastigroup, roll, deployment or route is refused with 404', async () => {
    start();
    const unknown = { elastigroupId: 'sig-00000000' };
    expect((await spot.call('GET', '', undefined, unknown)).response.errors[0]!.code).toBe('GROUP_DOESNT_EXIST');
    expect((await spot.call('GET', '/roll/sbgd-1')).response.errors[0]!.code).toBe('ROLL_DOESNT_EXIST');
    const stop = await spot.call('PUT', '/codeDeploy/blueGreenDeployment/cdbg-1/stop');
    expect(stop.response.errors[0]!.code).toBe('DEPLOYMENT_DOESNT_EXIST');
    expect((await spot.call('DELETE', '/status')).status).toBe(404);
  });

  it('SPOT-6: with a wrong body is refused, naming the field', async () => {
    start();
    const noTags = { deployment: { timeout: 20, tags: [], deploymentGroups: [DEPLOYMENT_GROUP] } };
    const post = await spot.call('POST', '/codeDeploy/blueGreenDeployment', noTags);
    expect(post.status).toBe(400);
    expect(post.response.errors[0]).toMatchObject({ code: 'VALIDATION_ERROR', field: 'tags' });
    expect((await spot.call('PUT', '/detachInstances', '{"instances')).status).toBe(400);
    expect((await spot.call('PUT', '/roll', { batchSizePercentage: 20 })).response.errors[0]!.field).toBe(
      'gracePeriod',
    );
  });
});
