import { describe, expect, it } from 'vitest';
import { Absence, FRESH_MS } from '../../src/engine/absence.js';
import type { OperationState } from '../../src/engine/rollout-state.js';

const HOUR = 3_600_000;
const FORMER_MS = 120_000;
const SETTLE_MS = 20_000;
const LISTED_MS = FRESH_MS + SETTLE_MS;
const START = 1_000_000;

/** Time that passes, and a clock on the wall that somebody sets. */
class SetClock {
  passed = 0;
  set = 0;
  now = (): number => START + this.passed + this.set;
  monotonic = (): number => this.passed;
  sleep = (): Promise<void> => Promise.reject(new Error('nobody sleeps here'));
}

function ground() {
  const clock = new SetClock();
  let written = 0;
  const engineTime = (): number => (written = Math.max(written, clock.now()));
  const absence = new Absence({ clock, driver: 'me', formerSenderMs: FORMER_MS, now: engineTime });
  const operation = (more: Partial<OperationState> = {}): OperationState => ({
    status: 'intended',
    step: 'toy',
    token: 'r#1',
    call: 'codedeploy createDeployment',
    driver: 'me',
    intendedAt: START,
    settleMs: SETTLE_MS,
    listedAfterMs: 0,
    ...more,
  });
  /** The clock on the wall, and with it what is written, had been so far ahead. */
  const writtenAt = (at: number): void => void (written = at);
  return { clock, absence, operation, writtenAt };
}

describe('absence counts', () => {
  it.each([0, HOUR, -HOUR])('of a call of this process, after its settle time, with the clock set by %i ms', (by) => {
    const { clock, absence, operation } = ground();
    absence.intends('create');
    clock.set = by;
    clock.passed = LISTED_MS - 1;
    expect(absence.restMs('create', operation())).toBe(1);
    expect(absence.unsettledMs('create', operation())).toBe(1);
    clock.passed = LISTED_MS;
    expect(absence.restMs('create', operation())).toBe(0);
  });

  it('from its last intent on', () => {
    const { clock, absence, operation } = ground();
    absence.intends('create');
    clock.passed = 60_000;
    absence.intends('create');
    expect(absence.restMs('create', operation())).toBe(LISTED_MS);
    expect([absence.ageMs('create'), absence.ageMs('another')]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it('of a call of a former process, once that one’s lease and call are over besides', () => {
    const { clock, absence, operation } = ground();
    const theirs = operation({ driver: 'gone' });
    expect(absence.restMs('create', theirs)).toBe(LISTED_MS + FORMER_MS);
    clock.passed = LISTED_MS + FORMER_MS;
    expect(absence.restMs('create', theirs)).toBe(0);
  });

  it('of what a former process sent long ago, after the settle time: the clock may just have been set', () => {
    const { clock, absence, operation } = ground();
    clock.set = HOUR;
    expect(absence.restMs('create', operation({ driver: 'gone' }))).toBe(LISTED_MS);
    clock.passed = LISTED_MS;
    expect(absence.restMs('create', operation({ driver: 'gone' }))).toBe(0);
  });

  it('of a former process whose clock was hours ahead, as soon as this one has driven for long enough', () => {
    const { clock, absence, operation, writtenAt } = ground();
    writtenAt(START + 2 * HOUR);
    const theirs = operation({ driver: 'gone', intendedAt: START + 2 * HOUR });
    expect(absence.restMs('create', theirs)).toBe(LISTED_MS + FORMER_MS);
    clock.passed = LISTED_MS + FORMER_MS;
    expect(absence.restMs('create', theirs)).toBe(0);
  });
});

describe('what was answered shows itself', () => {
  it.each([0, HOUR, -HOUR])('so long after the answer to this process, with the clock set by %i ms', (by) => {
    const { clock, absence, operation } = ground();
    absence.answered('create');
    clock.set = by;
    clock.passed = 10_000;
    const done = operation({ status: 'done', answeredAt: START, listedAfterMs: 30_000 });
    expect(absence.unsettledMs('create', done)).toBe(20_000);
    clock.passed = 30_000;
    expect(absence.unsettledMs('create', done)).toBe(0);
  });

  it('so long after the answer to a former one, whose clock may have been ahead', () => {
    const { clock, absence, operation, writtenAt } = ground();
    const done = operation({ status: 'done', answeredAt: START, listedAfterMs: 30_000, driver: 'gone' });
    expect(absence.unsettledMs('create', done)).toBe(30_000);
    writtenAt(START - 2 * HOUR);
    expect(absence.unsettledMs('create', { ...done, answeredAt: START + 2 * HOUR })).toBe(30_000);
    clock.passed = 30_000;
    expect(absence.unsettledMs('create', { ...done, answeredAt: START + 2 * HOUR })).toBe(0);
  });

  it('at once where it was found, or refused', () => {
    const { absence, operation } = ground();
    expect(absence.unsettledMs('create', operation({ status: 'done', listedAfterMs: 30_000 }))).toBe(0);
    expect(absence.unsettledMs('create', operation({ status: 'refused' }))).toBe(0);
  });
});
