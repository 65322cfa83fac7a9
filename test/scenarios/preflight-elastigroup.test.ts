import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/index.js';
import { refusal, soleFinding } from '../helpers/refusal.js';
import { closeClouds, type ReleaseStory } from '../helpers/release.js';

afterEach(closeClouds);

const { elastigroupId, applicationName, deploymentGroupName } = SHOP;

/** Each refused for this reason alone: what is found, and what to do about it. */
const REFUSED: ReadonlyArray<readonly [title: string, story: ReleaseStory, found: RegExp, fix: RegExp]> = [
  [
    'in deployment mode already',
    {
      prepare: (cloud) => {
        cloud.elastigroups.enterDeploymentMode(elastigroupId, {
          timeout: 3600,
          tags: [{ tagKey: 'Colour', tagValue: 'somebody-elses' }],
          deploymentGroups: [{ applicationName, deploymentGroupName }],
        });
        // Spot shows a new mode only some seconds later.
        cloud.advance(3_000);
      },
    },
    /deployment mode already \(cdbg-\w+, STARTING\)/,
    /stop it/,
  ],
  [
    'in a roll',
    { prepare: (cloud) => void cloud.elastigroups.startRoll(elastigroupId) },
    /a roll is in progress \([\w-]+/,
    /stop it/,
  ],
  [
    'stateful',
    {
      prepare: (cloud) => cloud.elastigroups.update(elastigroupId, { persistence: { shouldPersistRootDevice: true } }),
    },
    /stateful \(.*root.*\)/i,
    /cannot stand beside blue/,
  ],
  [
    'with elastic IP addresses',
    { prepare: (cloud) => cloud.elastigroups.update(elastigroupId, { elasticIps: ['eipalloc-0123456789abcdef0'] }) },
    /elastic IP addresses/,
    /cannot take them/,
  ],
  [
    'with private IP addresses',
    { prepare: (cloud) => cloud.elastigroups.update(elastigroupId, { privateIps: ['10.0.9.9'] }) },
    /private IP addresses/,
    /cannot take them/,
  ],
  [
    'that counts its capacity in weights',
    { cloud: { elastigroup: { unit: 'weight' } } },
    /capacity is counted in weight/,
    /unit is instance/,
  ],
  [
    'whose own CodeDeploy integration deploys to the same deployment group',
    {
      prepare: (cloud) =>
        cloud.elastigroups.update(elastigroupId, {
          codeDeployIntegration: [{ applicationName, deploymentGroupName }],
        }),
    },
    /own CodeDeploy integration deploys to shop\/shop-prod/,
    /thirdPartiesIntegration\.codeDeploy/,
  ],
];

describe('preflight refuses an Elastigroup', () => {
  for (const [title, story, found, fix] of REFUSED) {
    it(title, async () => {
      const finding = await soleFinding(story);
      expect(finding.check).toBe('Elastigroup');
      expect(finding.found).toMatch(found);
      expect(finding.fix).toMatch(fix);
    });
  }

  it('whose target is 0, since there is no blue to stand beside', async () => {
    const { error, findings } = await refusal({ cloud: { blue: 0 } });
    expect(error.code).toBe('PREFLIGHT_REFUSED');
    expect(findings.map(({ found }) => found)).toEqual([
      'its target capacity is 0',
      'the Elastigroup has no running instance',
    ]);
  });

  it('that Spot does not know, naming it', async () => {
    const { error } = await refusal({ spec: { elastigroupId: 'sig-99999999' } });
    expect(error).toMatchObject({ code: 'CLOUD_NOT_FOUND', blame: 'config', stepId: 'preflight' });
    expect(error.message).toContain('sig-99999999');
  });

  it('that the Spot token may not read, naming the call', async () => {
    const { error } = await refusal({
      faults: [{ fault: 'refused', on: { service: 'spot', times: 50 }, code: 'FORBIDDEN', status: 403 }],
    });
    expect(error).toMatchObject({ code: 'CLOUD_DENIED', blame: 'config', stepId: 'preflight' });
    expect(error.message).toMatch(/^spot \w+: /);
  });

  it('with every reason at once, not the first alone', async () => {
    const { findings } = await refusal({
      cloud: { elastigroup: { unit: 'weight' } },
      prepare: (cloud) =>
        cloud.elastigroups.update(elastigroupId, {
          elasticIps: ['eipalloc-0123456789abcdef0'],
          privateIps: ['10.0.9.9'],
        }),
    });
    expect(findings).toHaveLength(3);
  });
});

describe('preflight without the rights to look', () => {
  const DENIED = [
    ['ec2', 'UnauthorizedOperation'],
    ['codedeploy', 'AccessDeniedException'],
    ['elbv2', 'AccessDenied'],
  ] as const;
  for (const [service, code] of DENIED) {
    it(`is refused, naming the call that ${service} denied`, async () => {
      const { error } = await refusal({
        faults: [{ fault: 'refused', on: { service, times: 50 }, code, status: 403 }],
      });
      expect(error).toMatchObject({ code: 'CLOUD_DENIED', blame: 'config', stepId: 'preflight' });
      expect(error.message).toMatch(new RegExp(`^${service} \\w+: .*${code}`));
    });
  }
});
