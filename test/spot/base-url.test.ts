import { expect, test } from 'vitest';
import { BlueGreenError, SpotClient } from '../../src/index.js';

test.each([
  'https://ada:MARKED@gateway.test',
  'https://MARKED@gateway.test/spot',
  'https://gateway.test/?token=MARKED',
  'https://gateway.test/#MARKED',
  'ftp://gateway.test/MARKED',
  'gateway.test/MARKED',
  '',
])('%j is no address for Spot, and is not shown', (baseUrl) => {
  let thrown: unknown;
  try {
    new SpotClient({ token: 't', accountId: 'act-1', baseUrl });
  } catch (error) {
    thrown = error;
  }
  expect(BlueGreenError.is(thrown) && thrown.code).toBe('OPTIONS_INVALID');
  expect(JSON.stringify(thrown)).not.toContain('MARKED');
});
