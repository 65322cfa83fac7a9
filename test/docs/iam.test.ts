import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/index.js';
import { closeClouds, release } from '../helpers/release.js';
import type { ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

/** Named by AWS's permissions reference as needed for CreateDeployment; never called. */
const ASKED_WITH_CREATE_DEPLOYMENT = ['codedeploy:GetApplicationRevision', 'codedeploy:RegisterApplicationRevision'];

const PREFIX: Readonly<Record<string, string>> = {
  codedeploy: 'codedeploy',
  ec2: 'ec2',
  elbv2: 'elasticloadbalancing',
  cloudwatch: 'cloudwatch',
};

/** Between them they make every call that the library can make. */
const STORIES: Readonly<Record<string, ReleaseStory>> = {
  'a success in which the library retires blue and puts a suspension back': {
    cloud: { deploymentGroup: { readyWaitMinutes: 60, deploymentConfigName: 'CodeDeployDefault.HalfAtATime' } },
    faults: [{ fault: 'blue-not-removed', finishes: true }],
    spec: { alarms: ['shop-5xx'] },
    prepare: (cloud) => {
      cloud.elastigroups.suspend(SHOP.elastigroupId, 'AUTO_SCALE');
      cloud.alarms.createAlarm({ name: 'shop-5xx' });
    },
  },
  'a success in which a replacement that Spot launched is released onto': {
    cloud: { timings: { healingMs: 60_000 } },
    spec: { strays: 'release' },
    faults: [{ fault: 'interruption', colour: 'blue', atMs: 60_000 }],
  },
  'a way back in which the library takes green out of traffic': {
    cloud: { deploymentGroup: { hasLastDeployment: false }, undocumented: { whenDeploymentFails: 'does-nothing' } },
    faults: [{ fault: 'script-fails', event: 'AfterAllowTraffic' }],
  },
  'a way back in which the library registers blue': {
    cloud: { deploymentGroup: { hasLastDeployment: false }, undocumented: { whenDeploymentFails: 'does-nothing' } },
    faults: [{ fault: 'interruption', colour: 'blue', event: 'BlockTraffic' }],
  },
};

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = (title: string): string => readme.split(`### ${title}\n`)[1]?.split('\n#')[0] ?? '';
const firstCells = (markdown: string): string[] =>
  [...markdown.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell ?? '');

describe('the tables of permissions in the README', () => {
  it('name exactly the calls that releases and ways back make', { timeout: 180_000 }, async () => {
    const aws = new Set<string>(ASKED_WITH_CREATE_DEPLOYMENT);
    const spot = new Map<string, string>();
    for (const story of Object.values(STORIES)) {
      const { cloud } = await release(story);
      for (const { service, operation, method, path } of cloud.requests) {
        if (service === 'spot') spot.set(operation, `${method} ${routeOf(path)}`);
        else aws.add(`${PREFIX[service] ?? service}:${operation}`);
      }
    }
    expect(firstCells(section('AWS permissions')).sort()).toEqual([...aws].sort());
    const routes = [...section('Spot permissions').matchAll(/^\| `([^`]+)` \| `([^`]+)` \|$/gm)];
    expect(routes.map(([, call, route]) => `${call} ${route}`).sort()).toEqual(
      [...spot].map(([call, route]) => `${call} ${route}`).sort(),
    );
  });
});

function routeOf(path: string): string {
  return (path.split('?')[0] ?? '').replace(/(sig|cdbg)-[\w-]+/g, '{id}');
}
