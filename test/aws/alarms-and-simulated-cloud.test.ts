import { expect, test } from 'vitest';
import { AlarmsGateway } from '../../src/aws/alarms-gateway.js';
import { AwsClients } from '../../src/aws/aws-clients.js';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.js';
import { testEnvironment } from '../spot/test-clock.js';

test('the gateway understands the simulated cloud, more than a batch of it', async () => {
  await using cloud = new SimulatedCloud();
  const names = Array.from({ length: 120 }, (_, n) => `alarm-${String(n).padStart(3, '0')}`);
  for (const name of names) cloud.alarms.createAlarm({ name, kind: name.endsWith('7') ? 'composite' : 'metric' });
  cloud.alarms.setState('alarm-007', 'ALARM', 'its children fired');
  const { environment } = testEnvironment();
  const alarms = new AlarmsGateway(new AwsClients(cloud.options().aws), environment);
  const found = await alarms.describeAlarms([...names, 'no-such-alarm']);
  expect(found.map(({ name }) => name)).toEqual(names);
  expect(found[7]).toEqual({
    name: 'alarm-007',
    kind: 'composite',
    state: 'ALARM',
    reason: 'its children fired',
    since: '2026-01-05T09:00:00.000Z',
  });
});
