import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  deploymentModeAnswer,
  elastigroupAnswer,
  instanceAnswer,
  rollAnswer,
  suspensionAnswer,
} from '../../src/spot/answers.js';

const CAPACITY = { minimum: 1, target: 2, maximum: 4, unit: 'instance' };

describe('an Elastigroup', () => {
  test('everything that a release has to know is read, under our names', () => {
    const answer = {
      id: 'sig-1',
      name: 'shop',
      createdAt: '2024-01-01T00:00:00.000Z',
      capacity: CAPACITY,
      strategy: { risk: 100, persistence: [{ shouldPersistPrivateIp: true, shouldPersistRootDevice: false }, null] },
      compute: {
        elasticIps: ['eipalloc-1'],
        privateIps: ['10.0.0.1', null],
        launchSpecification: {
          userData: 'c2VjcmV0',
          tags: [{ tagKey: 'Colour', tagValue: 'blue' }, { tagKey: 'Empty' }],
          loadBalancersConfig: {
            loadBalancers: [
              { type: 'TARGET_GROUP', name: 'tg', arn: 'arn:tg' },
              { type: 'CLASSIC', name: 'old-elb' },
            ],
          },
        },
      },
      scheduling: {
        tasks: [
          { taskType: 'scale', cronExpression: '0 3 * * *', isEnabled: true },
          { taskType: 'roll', frequency: 'daily', isEnabled: false },
        ],
      },
      thirdPartiesIntegration: {
        codeDeploy: { deploymentGroups: [{ applicationName: 'shop', deploymentGroupName: 'prod' }] },
        rancher: { secretKey: 'hunter2' },
      },
    };
    const read = v.parse(elastigroupAnswer, answer);
    expect(read).toEqual({
      elastigroupId: 'sig-1',
      name: 'shop',
      capacity: CAPACITY,
      persistence: ['shouldPersistPrivateIp'],
      elasticIps: ['eipalloc-1'],
      privateIps: ['10.0.0.1'],
      targetGroupArns: ['arn:tg'],
      classicLoadBalancers: ['old-elb'],
      codeDeployIntegration: [{ applicationName: 'shop', deploymentGroupName: 'prod' }],
      launchTags: [
        { key: 'Colour', value: 'blue' },
        { key: 'Empty', value: '' },
      ],
      scheduledTasks: [
        { taskType: 'scale', when: '0 3 * * *', enabled: true },
        { taskType: 'roll', when: 'daily', enabled: false },
      ],
    });
    expect(JSON.stringify(read)).not.toMatch(/c2VjcmV0|hunter2/);
  });

  test.each([
    ['left out', {}],
    ['null', { strategy: null, compute: null, scheduling: null, thirdPartiesIntegration: null }],
    [
      'null further in',
      {
        strategy: { persistence: null },
        compute: { elasticIps: null, privateIps: null, launchSpecification: null },
        scheduling: { tasks: null },
        thirdPartiesIntegration: { codeDeploy: null },
      },
    ],
  ])('settings that are %s are empty', (_what, more) => {
    const read = v.parse(elastigroupAnswer, { id: 'sig-1', capacity: CAPACITY, ...more });
    expect(read).toMatchObject({ persistence: [], elasticIps: [], targetGroupArns: [], codeDeployIntegration: [] });
    expect(read).toMatchObject({ launchTags: [], scheduledTasks: [] });
  });

  test('persistence may also be one object', () => {
    const strategy = { persistence: { shouldPersistBlockDevices: true, blockDevicesMode: 'reattach' } };
    expect(v.parse(elastigroupAnswer, { id: 's', capacity: CAPACITY, strategy }).persistence).toEqual([
      'shouldPersistBlockDevices',
    ]);
  });

  test('capacity must be there: nothing can be concluded without it', () => {
    expect(v.safeParse(elastigroupAnswer, { id: 'sig-1' }).success).toBe(false);
  });
});

describe('the rest', () => {
  test('a pending instance has a null id, and an instance without any id is no instance', () => {
    expect(v.parse(instanceAnswer, { instanceId: null, status: 'pending-evaluation', lockStatus: 'x' })).toEqual({
      instanceId: null,
      spotInstanceRequestId: null,
      instanceType: null,
      availabilityZone: null,
      privateIp: null,
      status: 'pending-evaluation',
      createdAt: null,
    });
    expect(v.safeParse(instanceAnswer, { status: 'fulfilled' }).success).toBe(false);
  });

  test('a state that nobody has heard of is a state', () => {
    const mode = v.parse(deploymentModeAnswer, {
      id: 'cdbg-1',
      groupId: 'sig-1',
      state: 'BRAND_NEW',
      config: {
        timeout: 20,
        tags: [{ tagKey: 'Colour', tagValue: 'g' }],
        deploymentGroups: [{ applicationName: 'a', deploymentGroupName: 'b' }],
      },
    })('sig-1', 60_000);
    expect(mode).toEqual({
      deploymentModeId: 'cdbg-1',
      elastigroupId: 'sig-1',
      state: 'BRAND_NEW',
      tags: [{ key: 'Colour', value: 'g' }],
      deploymentGroups: [{ applicationName: 'a', deploymentGroupName: 'b' }],
      timeoutMs: 1_200_000,
    });
  });

  test('a roll that does not say how it is doing is one all the same', () => {
    expect(v.parse(rollAnswer, { id: 'sbgd-1' })).toEqual({ rollId: 'sbgd-1', status: 'UNKNOWN' });
  });

  test('suspensions with and without an end are told once each', () => {
    const answer = {
      groupId: 'sig-1',
      processes: ['AUTO_SCALE', 'SCHEDULING'],
      suspensions: [
        { name: 'AUTO_SCALE', expiresAt: '2024-01-01T12:00:00.000+02:00' },
        { name: 'AUTO_HEALING', expiresAt: null },
      ],
    };
    expect(v.parse(suspensionAnswer, answer)).toEqual([
      { process: 'AUTO_SCALE', expiresAt: '2024-01-01T10:00:00.000Z' },
      { process: 'AUTO_HEALING' },
      { process: 'SCHEDULING' },
    ]);
  });
});
