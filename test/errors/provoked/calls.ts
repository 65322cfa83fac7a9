import type { ErrorCode } from '../../../src/index.js';
import type { Fault } from '../../../src/testing/index.js';
import { ofRelease, type Provocation } from './provocation.js';

const DESCRIBE = { service: 'elbv2', operation: 'DescribeTargetHealth', times: 1_000 } as const;
const READ = { service: 'spot', operation: 'readElastigroup', times: 1_000 } as const;

/** Through the real clients: what a service says is theirs to read. */
const withWire = (...faults: readonly Fault[]) => ofRelease({ wire: 'full', faults });

/** A call to a service failed. */
export const CALLS = {
  CLOUD_REFUSED: {
    sends: 'something',
    says: /NOT_TODAY/,
    provoke: () =>
      withWire({ fault: 'refused', on: { service: 'codedeploy', operation: 'CreateDeployment' }, code: 'NOT_TODAY' }),
  },
  CLOUD_DENIED: {
    sends: 'nothing',
    says: /elbv2 /,
    provoke: () => withWire({ fault: 'refused', on: DESCRIBE, code: 'AccessDenied', status: 403 }),
  },
  CLOUD_NOT_FOUND: {
    sends: 'nothing',
    says: /sig-9z9z9z9z/,
    provoke: () => ofRelease({ wire: 'full', spec: { elastigroupId: 'sig-9z9z9z9z' } }),
  },
  CLOUD_THROTTLED: {
    sends: 'nothing',
    provoke: () => withWire({ fault: 'throttled', on: DESCRIBE }),
  },
  CLOUD_UNAVAILABLE: {
    sends: 'nothing',
    says: /503/,
    provoke: () => withWire({ fault: 'server-error', status: 503, on: DESCRIBE }),
  },
  CLOUD_TIMED_OUT: {
    sends: 'nothing',
    provoke: () => withWire({ fault: 'no-answer', on: DESCRIBE }),
  },
  CLOUD_ANSWER_INVALID: {
    sends: 'nothing',
    provoke: () => withWire({ fault: 'malformed', on: { ...READ, operation: 'readElastigroup' } }),
  },
  OPERATION_UNCLEAR: {
    sends: 'something',
    says: /its answer was lost/,
    provoke: () =>
      ofRelease({
        faults: [{ fault: 'lost-answer', on: { service: 'codedeploy', operation: 'CreateDeployment' } }],
        onEvent: (event, cloud) => {
          // The way back can see again what became of it.
          if (event.name === 'step:run:failed') cloud.faults.clear();
          if (event.name !== 'operation:send:intended' || event.data.key !== 'release-green/1') return;
          cloud.inject({
            fault: 'server-error',
            on: { service: 'codedeploy', operation: 'ListDeployments', times: 10_000 },
          });
        },
      }),
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;
