import { afterEach, describe, expect, it } from 'vitest';
import { closeClouds, release } from '../helpers/release.js';

afterEach(closeClouds);

describe('a release onto one Elastigroup', () => {
  it('ends with green serving everything, blue gone, and no user request failed', async () => {
    const { cloud, result, mutations } = await release();
    expect(result.outcome).toBe('succeeded');
    expect(cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    expect(cloud.traffic.failed).toBe(0);
    expect(mutations).toEqual(['spot enterDeploymentMode', 'codedeploy CreateDeployment']);
  });
});
