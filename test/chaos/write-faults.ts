import type { Fault, OnRequest } from '../../src/testing/faults.js';
import type { Dice } from './dice.js';

export const ALARM = 'shop-5xx';

const SECOND = 1_000;
const EVENTS = [
  'ApplicationStop',
  'BeforeInstall',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
  'BeforeBlockTraffic',
  'AfterBlockTraffic',
];
const MOVES = ['Install', 'AllowTraffic', 'BlockTraffic', 'ApplicationStart', 'AfterAllowTraffic'];
const STATES = [
  'STARTING',
  'AWAITING_INSTANCES_LAUNCH',
  'AWAITING_USER_DEPLOYMENT',
  'AWAITING_DEPLOYMENT_TO_FINISH',
  'WAIT_BEFORE_TERMINATION',
];
const CHANGES: ReadonlyArray<OnRequest> = [
  { service: 'spot', operation: 'enterDeploymentMode' },
  { service: 'spot', operation: 'stopDeploymentMode' },
  { service: 'spot', operation: 'detachInstances' },
  { service: 'spot', operation: 'updateCapacity' },
  { service: 'spot', operation: 'suspendProcesses' },
  { service: 'spot', operation: 'resumeProcesses' },
  { service: 'codedeploy', operation: 'CreateDeployment' },
  { service: 'codedeploy', operation: 'StopDeployment' },
  { service: 'codedeploy', operation: 'ContinueDeployment' },
  { service: 'elbv2', operation: 'RegisterTargets' },
  { service: 'elbv2', operation: 'DeregisterTargets' },
  { service: 'ec2', operation: 'CreateTags' },
];

/** What goes wrong in the clouds of one story: mostly little, sometimes a lot at once. */
export function writeFaults(
  dice: Dice,
  about: { readonly blue: number; readonly quiet: boolean; readonly alarms: boolean },
): readonly Fault[] {
  const wire = about.quiet ? 0 : dice.one([0, 0, 1, 2, 3]);
  const model = dice.one([0, 0, 1, 1, 1, 2, 3]);
  return [
    ...dice.some(wire, () => writeWireFault(dice)),
    ...dice.some(model, () => writeModelFault(dice, about)),
    ...(about.alarms && dice.percent(50) ? [writeAlarm(dice)] : []),
  ];
}

/** On a call that changes something, whose answer matters most; or on any other of a service. */
function writeWireFault(dice: Dice): Fault {
  const times = dice.percent(20) ? { times: dice.between(2, 6) } : {};
  const on: OnRequest = dice.percent(55)
    ? { ...dice.one(CHANGES), ...times }
    : { service: dice.one(['spot', 'codedeploy', 'ec2', 'elbv2'] as const), nth: dice.between(1, 120), ...times };
  const fault = dice.between(1, 10);
  if (fault <= 3) return { fault: 'lost-answer', on };
  if (fault <= 5) return { fault: 'server-error', on, status: dice.one([500, 502, 503]), acted: dice.percent(50) };
  if (fault === 6) return { fault: 'throttled', on };
  if (fault === 7) return { fault: 'slow', on, byMs: dice.between(1, 20) * SECOND };
  if (fault === 8) return { fault: 'no-answer', on, acted: dice.percent(50) };
  if (fault === 9) return { fault: 'malformed', on };
  return { fault: 'refused', on, code: 'AccessDeniedException', status: 403 };
}

function writeModelFault(dice: Dice, { blue }: { readonly blue: number }): Fault {
  const colour = dice.one(['blue', 'green'] as const);
  const instance = dice.between(0, Math.min(blue, 3) - 1);
  const when = dice.percent(50)
    ? { event: dice.one(MOVES) }
    : { atMs: dice.percent(60) ? dice.between(0, 900) * SECOND : dice.between(0, 7_200) * SECOND };
  const during = dice.one(STATES);
  switch (dice.between(1, 14)) {
    case 1:
    case 2:
    case 3:
    case 4:
      return { fault: 'interruption', colour, instance, ...when };
    case 5:
      return { fault: 'agent-dead', colour, instance, ...when, ...(dice.percent(50) ? { when: 'in' as const } : {}) };
    case 6:
    case 7:
    case 8:
      return { fault: 'script-fails', event: dice.one(EVENTS), instance: dice.percent(50) ? 'all' : instance };
    case 9:
      return { fault: 'green-never-launches', ...(dice.percent(60) ? { count: 1 } : {}) };
    case 10:
      return dice.percent(50)
        ? { fault: 'blue-not-removed', finishes: dice.percent(50) }
        : { fault: 'green-left-behind' };
    case 11:
      return dice.percent(40)
        ? { fault: 'unknown-state', state: 'SOMETHING_NEW', during }
        : {
            fault: 'unstable-deployment',
            during,
            ...dice.maybe(60, () => ({ forMs: dice.between(1, 120) * SECOND, goesBack: dice.percent(50) })),
          };
    case 12:
      return { fault: 'mode-error', during, ...(dice.percent(50) ? { forMs: dice.between(5, 300) * SECOND } : {}) };
    case 13:
      return { fault: 'mode-timeout', during, afterMs: dice.between(0, 60) * SECOND };
    default:
      return {
        fault: 'stranger-deploys',
        during: dice.one(['AWAITING_USER_DEPLOYMENT', 'AWAITING_DEPLOYMENT_TO_FINISH', 'WAIT_BEFORE_TERMINATION']),
        onto: dice.one(['green', 'blue'] as const),
        afterMs: dice.between(0, 90) * SECOND,
      };
  }
}

function writeAlarm(dice: Dice): Fault {
  return {
    fault: 'alarm-fires',
    alarm: ALARM,
    ...(dice.percent(60)
      ? { during: dice.one([...MOVES, 'READY_WAIT', 'TERMINATION_WAIT', ...STATES]) }
      : { atMs: dice.between(0, 1_200) * SECOND }),
    afterMs: dice.between(0, 30) * SECOND,
  };
}
