import { afterEach, describe, expect, test } from 'vitest';
import { AwsLimits, type LimitedCall } from '../../src/policies/aws-limits.js';
import { ManualClock, settle } from './manual-clock.js';

const GET: LimitedCall = { service: 'codedeploy', operation: 'readDeployment', mutates: false };
const STOP: LimitedCall = { service: 'codedeploy', operation: 'stopDeployment', mutates: true };
const TARGETS: LimitedCall = { service: 'codedeploy', operation: 'listTargets', mutates: false };
const HEALTH: LimitedCall = { service: 'elbv2', operation: 'targetHealth', mutates: false };

let clock = new ManualClock();
let limits = new AwsLimits(clock);
afterEach(() => {
  expect(clock.sleeping).toBe(0);
  clock = new ManualClock();
  limits = new AwsLimits(clock);
});

/** Asks for so many turns at once; the names of those that had theirs, in that order. */
function ask(went: string[], call: LimitedCall, name: string, signal?: AbortSignal): Promise<unknown> {
  const turn = limits.turn(call, signal) ?? Promise.resolve();
  return turn.then(
    () => went.push(name),
    (reason: unknown) => went.push(`${name}: ${String(reason)}`),
  );
}

async function spend(call: LimitedCall): Promise<number> {
  let free = 0;
  while (!limits.wouldWait(call)) {
    await limits.turn(call);
    free += 1;
  }
  return free;
}

describe('reads of single deployments', () => {
  test('are never more than 41 in any minute, and none is refused', async () => {
    const went: number[] = [];
    const asked = Array.from({ length: 150 }, async () => {
      await limits.turn(GET);
      went.push(clock.now());
    });
    await clock.advance(10 * 60_000);
    await Promise.all(asked);
    expect(went).toHaveLength(150);
    const inMinutes = went.map((from) => went.filter((at) => at >= from && at < from + 60_000).length);
    expect(Math.max(...inMinutes)).toBeLessThanOrEqual(41);
  });

  test('go in the order in which they were asked for', async () => {
    await spend(GET);
    const went: string[] = [];
    for (const name of ['first', 'second', 'third']) void ask(went, GET, name);
    await clock.advance(10_000);
    expect(went).toEqual(['first', 'second', 'third']);
  });

  test('that are read in batch do not count', async () => {
    await spend(GET);
    expect(limits.turn({ ...GET, inBatch: true })).toBeUndefined();
  });
});

test('each service has its own', async () => {
  await spend(GET);
  expect(limits.wouldWait(HEALTH)).toBe(false);
  expect(await spend(HEALTH)).toBe(36);
  expect(limits.wouldWait({ ...HEALTH, operation: 'registerTargets', mutates: true })).toBe(false);
});

describe('an abort', () => {
  test('ends the wait at once, and only that one', async () => {
    await spend(GET);
    const went: string[] = [];
    const gone = new AbortController();
    void ask(went, GET, 'gone', gone.signal);
    void ask(went, GET, 'stays');
    gone.abort('left');
    await settle();
    expect(went).toEqual(['gone: left']);
    await clock.advance(2_000);
    expect(went).toEqual(['gone: left', 'stays']);
  });

  test('of the last one leaves nothing asleep, and the next one waits as before', async () => {
    await spend(GET);
    const went: string[] = [];
    const gone = new AbortController();
    void ask(went, GET, 'gone', gone.signal);
    gone.abort('left');
    void ask(went, GET, 'next');
    await settle();
    expect(clock.sleeping).toBe(1);
    await clock.advance(2_000);
    expect(went).toEqual(['gone: left', 'next']);
  });

  test('before the wait begins is told at once', async () => {
    await spend(GET);
    const went: string[] = [];
    await ask(went, GET, 'never', AbortSignal.abort('left'));
    expect(went).toEqual(['never: left']);
  });
});

describe('a call that was throttled', () => {
  test('empties what was believed to be there, for as long as the service says', async () => {
    limits.throttled(HEALTH, 20_000);
    const went: string[] = [];
    void ask(went, HEALTH, 'health');
    await clock.advance(19_999);
    expect(went).toEqual([]);
    await clock.advance(1);
    expect(went).toEqual(['health']);
  });

  test('slows down those of its service about which nothing is known, until they are few again', async () => {
    expect(limits.turn(TARGETS)).toBeUndefined();
    limits.throttled(TARGETS);
    expect(limits.wouldWait(TARGETS)).toBe(true);
    expect(limits.wouldWait(STOP)).toBe(true);
    expect(limits.wouldWait(GET)).toBe(false);
    await clock.advance(60_000);
    for (let call = 0; call < 100; call += 1) expect(limits.turn(TARGETS)).toBeUndefined();
  });

  test('lets what changes something go before what reads', async () => {
    limits.throttled(TARGETS);
    const went: string[] = [];
    void ask(went, TARGETS, 'read 1');
    void ask(went, TARGETS, 'read 2');
    void ask(went, STOP, 'stop 1');
    void ask(went, STOP, 'stop 2');
    await clock.advance(10_000);
    expect(went).toEqual(['stop 1', 'stop 2', 'read 1', 'read 2']);
  });
});
