import { UNDOCUMENTED, type Undocumented } from '../../src/testing/options.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import type { GateSpec } from '../../src/specs/common-schemas.js';
import type { ShopDeploymentGroupOptions } from '../../src/testing/simulated-cloud-options.js';
import type { Moment } from '../helpers/moments.js';
import { type Company, writeCompany } from './company.js';
import { Dice } from './dice.js';
import { writeMishaps } from './mishaps.js';
import type { Answer, LifeEnd, Order, Story } from './story.js';
import { ALARM, writeFaults } from './write-faults.js';
import { writePolicies, writeRival, writeTimeLimits } from './write-policies.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Longer than the five minutes that are kept for going back: whoever waits so long can be stopped there. */
const LONG_ENOUGH_MINUTES = 6;

/** One seed, one story; the same for ever as long as this file is the same. */
export function writeStory(seed: number): Story {
  const dice = new Dice(seed);
  const blue = dice.percent(4) ? dice.between(13, 50) : dice.percent(50) ? dice.between(1, 3) : dice.between(1, 12);
  const deploymentGroup = writeDeploymentGroup(dice);
  const gates = writeGates(dice, deploymentGroup);
  const spec = writeSpec(dice, deploymentGroup, gates);
  const atOnce = dice.percent(30);
  const story: Story = {
    seed,
    cloud: {
      blue,
      requestsPerSecond: 2,
      rateLimits: false,
      ...dice.maybe(20, () => ({ clockSkewMs: dice.between(-240, 240) * SECOND })),
      undocumented: writeUndocumented(dice),
      timings: writeTimings(dice),
      deregistrationDelayMs: dice.one([0, 10, 60, 300]) * SECOND,
      elastigroup: {
        ...dice.maybe(15, () => ({ registerAtLaunch: true })),
        ...dice.maybe(15, () => ({ maximum: blue + dice.between(0, blue) })),
        ...dice.maybe(15, () => ({ minimum: dice.between(0, blue) })),
      },
      deploymentGroup,
    },
    suspended: dice.percent(85)
      ? []
      : [
          { process: 'AUTO_HEALING', ...dice.maybe(60, () => ({ minutes: dice.between(5, 600) })) },
          ...(dice.percent(50) ? [{ process: 'AUTO_SCALE' } as const] : []),
        ],
    spec,
    polling: dice.one([
      { every: '30s', urgent: '10s' },
      { every: '15s', urgent: '5s' },
      { every: '60s', urgent: '30s' },
    ]),
    faults: writeFaults(dice, { blue, quiet: atOnce, alarms: spec.alarms !== undefined }),
    lives: dice.some(dice.one([0, 0, 0, 1, 1, 2, 3]), () => writeLifeEnd(dice)),
    orders: writeOrders(dice),
    answers: gates.map((gate) => writeAnswer(dice, gate)),
  };
  const company = writeCompany(dice);
  const orders = [...story.orders, ...writeOrdersAfterCalls(dice)];
  // What was just done is listed late, and somebody wants it back before it is.
  const lateLists = orders.length > story.orders.length && dice.percent(50);
  const lists = lateLists ? { spotReadAfterWriteMs: 15 * SECOND, codeDeployReadAfterWriteMs: 15 * SECOND } : {};
  const lives = [...story.lives, ...(dice.percent(8) ? [writeFreeze(dice)] : [])];
  const { cloud } = story;
  const specified = withCompany(dice, story.spec, company);
  const bundle = writeMishaps(dice, blue);
  const clockJump = dice.maybe(5, () => ({
    clockJump: {
      atMs: dice.between(1, 900) * SECOND,
      byMs: dice.one([-HOUR, -2 * MINUTE, 2 * MINUTE, HOUR, 3 * HOUR]),
    },
  }));
  const { onAlreadyDeploying, ...policies } = writePolicies(dice);
  // Who registers at launch is refused a gate: once in a while is enough.
  const { registerAtLaunch, ...elastigroup } = cloud.elastigroup ?? {};
  const registers = registerAtLaunch === true && (gates.length === 0 || dice.percent(15)) ? { registerAtLaunch } : {};
  const rivalRollout: Pick<Company, 'rivalRollout'> =
    company.rivalRollout === undefined ? {} : { rivalRollout: writeRival(dice, company.rivalRollout) };
  return {
    ...story,
    faults: [...story.faults, ...bundle.faults],
    mishaps: bundle.mishaps ?? [],
    ...clockJump,
    ...dice.maybe(6, () => ({ timeLimits: writeTimeLimits(dice) })),
    // Two that begin in the same instant get into each other's way only where the store takes its time.
    ...dice.maybe(rivalRollout.rivalRollout?.atMs === 0 ? 80 : 8, () => ({ storeLagMs: dice.one([5, 60, 900]) })),
    ...(onAlreadyDeploying === undefined ? {} : { busy: { onAlreadyDeploying } }),
    cloud: {
      ...cloud,
      elastigroup: { ...elastigroup, ...registers },
      undocumented: { ...cloud.undocumented, ...bundle.undocumented },
      timings: { ...cloud.timings, ...lists, ...bundle.timings },
    },
    company: { ...company, ...rivalRollout },
    orders,
    lives: [...bundle.lives, ...lives],
    spec: { ...specified, ...policies },
  };
}

/** What was added to stories later is thrown for last. */
function withCompany(dice: Dice, spec: Partial<ElastigroupSpec>, { modeByHand }: Company): Partial<ElastigroupSpec> {
  const adopts = modeByHand !== undefined && dice.percent(80);
  return {
    ...spec,
    ...(adopts ? { adopt: true, green: { tagKey: 'Colour', value: 'green' } } : {}),
    ...dice.maybe(6, () => ({ detach: { ...spec.detach, terminate: false } })),
  };
}

function writeUndocumented(dice: Dice): Undocumented {
  const answers = Object.entries(UNDOCUMENTED).map(([question, allowed]) => [
    question,
    dice.one<string>(allowed as readonly string[]),
  ]);
  return Object.fromEntries(answers) as Undocumented;
}

function writeTimings(dice: Dice): object {
  const lags = {
    modeStateMs: [1, 15],
    spotPollMs: [2, 30],
    spotReadAfterWriteMs: [0, 15],
    spotFulfilMs: [1, 60],
    waitBeforeTerminationMs: [0, 120],
    healingMs: [10, 240],
    launchMs: [5, 60],
    bootMs: [5, 60],
    terminationMs: [5, 60],
    tagVisibleInEc2Ms: [0, 15],
    tagVisibleInCodeDeployMs: [0, 90],
    deploymentStartMs: [1, 20],
    codeDeployReadAfterWriteMs: [0, 15],
    agentPollMs: [1, 15],
    scriptMs: [1, 30],
    rollbackCreatedMs: [1, 60],
    healthyAfterMs: [5, 60],
    unhealthyAfterMs: [5, 60],
  } as const;
  const chosen = Object.entries(lags).filter(() => dice.percent(35));
  return Object.fromEntries(chosen.map(([name, [from, to]]) => [name, dice.between(from, to) * SECOND]));
}

function writeDeploymentGroup(dice: Dice): ShopDeploymentGroupOptions {
  return {
    ...dice.maybe(30, () => ({
      deploymentConfigName: dice.one(['CodeDeployDefault.OneAtATime', 'CodeDeployDefault.HalfAtATime']),
    })),
    ...dice.maybe(40, () => ({ readyWaitMinutes: dice.one([1, 10, 60, 240]) })),
    ...dice.maybe(45, () => ({ terminationWaitMinutes: dice.one([0, 1, 10, 60, 240]) })),
    ...dice.maybe(20, () => ({ hasLastDeployment: false })),
  };
}

/** Mostly where the deployment group lets a release stand still; now and then where preflight has to refuse it. */
function writeGates(dice: Dice, group: ShopDeploymentGroupOptions): readonly GateSpec[] {
  const anywhere = dice.percent(3);
  const stages = [
    'PRE_SCALE_UP' as const,
    ...(anywhere || (group.readyWaitMinutes ?? 0) >= LONG_ENOUGH_MINUTES ? ['PRODUCTION_TRAFFIC_SHIFT' as const] : []),
    ...(anywhere || (group.terminationWaitMinutes ?? 0) >= LONG_ENOUGH_MINUTES ? ['BAKE_TIME' as const] : []),
  ];
  return stages
    .filter(() => dice.percent(25))
    .map((before) => ({
      name: before.toLowerCase(),
      before,
      ...dice.maybe(40, () => ({ expiresIn: dice.one(['2m', '15m', '3h'] as const) })),
      ...dice.maybe(30, () => ({ onExpiry: dice.one(['hold', 'unwind'] as const) })),
    }));
}

function writeSpec(
  dice: Dice,
  group: ShopDeploymentGroupOptions,
  gates: readonly GateSpec[],
): Partial<ElastigroupSpec> {
  const bakes = (group.terminationWaitMinutes ?? 0) > 2 * LONG_ENOUGH_MINUTES;
  return {
    ...dice.maybe(30, () => ({
      green: dice.one<ElastigroupSpec['green']>([
        { tagKey: 'Colour', value: 'green' },
        { tagKey: 'Colour', alternate: ['blue', 'green'] },
        { tags: { Colour: 'green', App: 'shop-green' } },
      ]),
    })),
    ...dice.maybe(25, () => ({ minimumHealthyPercent: dice.one([0, 30, 50, 80, 99]) })),
    ...dice.maybe(50, () => ({ tagSettle: dice.one(['0s', '20s', '3m'] as const) })),
    ...dice.maybe(60, () => ({ strays: dice.one(['release', 'release', 'retire', 'fail'] as const) })),
    ...dice.maybe(10, () => ({ onSameRevision: 'skip' as const })),
    ...dice.maybe(5, () => ({ requireReadyWait: true })),
    ...dice.maybe(15, () => ({
      detach: {
        ...dice.maybe(50, () => ({ decrementTargetCapacity: dice.percent(50) })),
        ...dice.maybe(50, () => ({ drainingTimeout: dice.one(['0s', '90s'] as const) })),
      },
    })),
    ...dice.maybe(30, () => ({
      suspend: dice.one<NonNullable<ElastigroupSpec['suspend']>>([
        false,
        { processes: ['AUTO_HEALING'], ttl: '10m' },
        { processes: ['AUTO_HEALING', 'AUTO_SCALE'], ttl: '2h' },
      ]),
    })),
    ...(bakes && dice.percent(60) ? { bake: dice.one(['1m', '30m'] as const) } : {}),
    ...dice.maybe(25, () => ({ alarms: [ALARM] })),
    ...(gates.length > 0 ? { gates } : {}),
  };
}

/** A gate that would stay open for a day, or for ever because nothing was touched yet, is answered some day. */
function writeAnswer(dice: Dice, { name, before, onExpiry, expiresIn }: GateSpec): Answer {
  const answer = dice.one(['yes', 'yes', 'yes', 'yes', 'no', 'never'] as const);
  const endless = before === 'PRE_SCALE_UP' && (onExpiry === 'hold' || expiresIn === undefined);
  return {
    gate: name,
    answer: answer === 'never' && endless ? 'no' : answer,
    afterMs: dice.between(0, 20) * MINUTE,
  };
}

const pauseMs = (dice: Dice): number =>
  dice.one([dice.between(0, 60) * SECOND, dice.between(1, 20) * MINUTE, dice.between(20, 300) * MINUTE]);

function writeLifeEnd(dice: Dice): LifeEnd {
  const kind = dice.between(1, 10);
  if (kind <= 6)
    return {
      end: 'crash',
      at: dice.one(['write', 'call']),
      nth: dice.percent(50) ? dice.between(1, 60) : dice.between(1, 250),
      when: dice.one(['before', 'after']),
      forMs: pauseMs(dice),
    };
  if (kind <= 8) return { end: 'let-go', afterMs: dice.between(0, 900) * SECOND, forMs: pauseMs(dice) };
  return {
    end: 'cut-off',
    nth: dice.between(4, 150),
    thenMs: dice.between(0, 60) * SECOND,
    forMs: dice.between(1, 600) * SECOND,
  };
}

function writeFreeze(dice: Dice): LifeEnd {
  return {
    end: 'frozen',
    nth: dice.between(1, 6),
    thenMs: dice.between(0, 60) * SECOND,
    forMs: dice.between(60, 900) * SECOND,
  };
}

function writeOrdersAfterCalls(dice: Dice): readonly Order[] {
  const calls = ['enterDeploymentMode', 'CreateDeployment', 'ContinueDeployment', 'detachInstances'];
  return dice.percent(10) ? [{ order: 'abort', afterCall: dice.one(calls), byMs: dice.one([0, 500, 3_000]) }] : [];
}

function writeOrders(dice: Dice): readonly Order[] {
  const moments: readonly Moment[] = ['launched', 'installing', 'allowing', 'blocking', 'blue-out'];
  return [
    ...(dice.percent(12) ? [{ order: 'abort' as const, atMs: dice.between(0, 900) * SECOND }] : []),
    ...(dice.percent(15) ? [{ order: 'abort' as const, moment: dice.one(moments) }] : []),
    ...(dice.percent(8) ? [{ order: 'resume' as const, atMs: dice.between(1, 900) * SECOND }] : []),
  ];
}
