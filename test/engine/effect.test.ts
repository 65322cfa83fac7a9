import { Absence, FRESH_MS } from '../../src/engine/absence.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { runEffect, type EffectEnvironment, type Found, type Operation } from '../../src/engine/effect.js';
import type { JournalFact } from '../../src/engine/journal.js';
import type { RolloutJournal } from '../../src/engine/rollout-journal.js';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import { CloudError } from '../../src/errors/cloud-error.js';
import { cloudError, intend, JumpClock, journalOf, startedFact, typesOf } from '../helpers/engine.js';
import { rejection } from '../helpers/release.js';

const FORMER_MS = 120_000;
const SETTLE_MS = 20_000;

/** A port of one call: what it answers, one after another, and what a search finds. */
class Port {
  sent = 0;
  searched = 0;
  answers: Array<string | Error> = ['d-1'];
  finds: Array<Found<string> | Error> = ['absent'];
  guard: (() => Promise<void>) | undefined;
  sendAgainAfterMs: Operation<string>['sendAgainAfterMs'];

  operation(): Operation<string> {
    const { guard, sendAgainAfterMs } = this;
    return {
      key: 'create',
      call: 'codedeploy createDeployment',
      token: 'r#1',
      settleMs: SETTLE_MS,
      ...(guard === undefined ? {} : { guard }),
      ...(sendAgainAfterMs === undefined ? {} : { sendAgainAfterMs }),
      find: async () => orThrow(this.finds[Math.min(this.searched++, this.finds.length - 1)]!),
      send: async ({ beforeSend }) => {
        await beforeSend?.();
        return orThrow(this.answers[Math.min(this.sent++, this.answers.length - 1)]!);
      },
    };
  }
}

function orThrow<T>(value: T | Error): T {
  if (value instanceof Error) throw value;
  return value;
}

describe('one mutating call', () => {
  let clock: JumpClock;
  let port: Port;
  let journal: RolloutJournal;
  beforeEach(async () => {
    clock = new JumpClock();
    port = new Port();
    journal = await journalOf(clock);
  });

  const run = (more: Partial<EffectEnvironment> = {}): Promise<string> =>
    runEffect(
      {
        journal,
        driver: 'd1',
        step: 'toy',
        direction: 'forward',
        now: () => journal.engineTime(),
        sleep: (ms) => clock.sleep(ms),
        assertLease: async () => {},
        absence: new Absence({ clock, driver: 'd1', formerSenderMs: FORMER_MS, now: () => journal.engineTime() }),
        ...more,
      },
      port.operation(),
    );
  const told = () => typesOf(journal).slice(2);
  /** A former driver died with the call intended. */
  const takeOver = async (...facts: readonly JournalFact[]): Promise<void> => {
    const intended = intend('create', { driver: 'd0', settleMs: SETTLE_MS });
    journal = await journalOf(clock, {
      facts: [startedFact(), intended, ...facts, { type: 'driver-started', driver: 'd1', resumed: true }],
    });
  };

  it('is intended in the journal before it is sent, and done when it is answered', async () => {
    port.guard = async () => expect(told()).toEqual(['operation-intended']);
    expect(await run()).toBe('d-1');
    expect(told()).toEqual(['operation-intended', 'operation-done']);
    expect(journal.entries.at(-1)).toMatchObject({ how: 'answered', result: 'd-1' });
    expect([port.sent, port.searched]).toEqual([1, 0]);
  });

  it('is not made again once it is done', async () => {
    await run();
    expect(await run()).toBe('d-1');
    expect(port.sent).toBe(1);
  });

  it('is found when its answer was lost, and not sent again', async () => {
    port.answers = [cloudError()];
    port.finds = [{ present: 'd-found' }];
    expect(await run()).toBe('d-found');
    expect(journal.entries.at(-1)).toMatchObject({ type: 'operation-done', how: 'found', result: 'd-found' });
    expect(port.sent).toBe(1);
  });

  it('is sent again after a lost answer only once its absence has outlasted the settle time', async () => {
    port.answers = [cloudError(), 'd-2'];
    const startedAt = clock.now();
    expect(await run()).toBe('d-2');
    expect(clock.now() - startedAt).toBe(SETTLE_MS + FRESH_MS);
    expect(told()).toEqual(['operation-intended', 'operation-intended', 'operation-done']);
    expect(port.sent).toBe(2);
  });

  it('is looked for as long after a sending that came late, because others had been refused before', async () => {
    const refusal = cloudError({ kind: 'refused', code: 'InvalidTargetInstances', acted: 'no' });
    port.answers = [refusal, refusal, cloudError()];
    port.sendAgainAfterMs = () => 2 * SETTLE_MS;
    port.finds = ['absent', 'absent', { present: 'd-late' }];
    expect(await run()).toBe('d-late');
    expect(port.sent).toBe(3);
  });

  it('is looked for as long after a sending that came late, because the gateway or the guard had to wait', async () => {
    let asked = 0;
    port.guard = async () => {
      if ((asked += 1) === 1) await clock.sleep(2 * SETTLE_MS);
    };
    port.answers = [cloudError()];
    port.finds = ['absent', { present: 'd-late' }];
    expect(await run()).toBe('d-late');
    expect(port.sent).toBe(1);
  });

  it('is guarded again where asking for the lease took its time', async () => {
    let asked = 0;
    port.guard = () => {
      asked += 1;
      return Promise.resolve();
    };
    const assertLease = async (): Promise<void> => {
      if (asked === 1) await clock.sleep(60_000);
    };
    expect(await run({ assertLease })).toBe('d-1');
    expect([asked, port.sent]).toEqual([2, 1]);
  });

  it('is found late, within the settle time', async () => {
    port.answers = [cloudError()];
    port.finds = ['absent', 'absent', { present: 'd-late' }];
    expect(await run()).toBe('d-late');
    expect(port.sent).toBe(1);
  });

  it('waits for the lease and the call of a former sender besides, before its absence means anything', async () => {
    await takeOver();
    const startedAt = clock.now();
    expect(await run()).toBe('d-1');
    expect(clock.now() - startedAt).toBe(SETTLE_MS + FRESH_MS + FORMER_MS);
    expect(port.sent).toBe(1);
  });

  it('takes over what a former sender has done without sending', async () => {
    await takeOver();
    port.finds = [{ present: 'd-0' }];
    expect(await run()).toBe('d-0');
    expect([port.sent, clock.slept]).toEqual([0, []]);
  });

  it('is sent afresh when a former sender was refused', async () => {
    await takeOver({ type: 'operation-refused', key: 'create', error: cloudError({ acted: 'no' }).toJSON() });
    expect(await run()).toBe('d-1');
    expect([port.searched, clock.slept]).toEqual([0, []]);
  });

  it.each<[string, Found<string> | Error]>([
    ['the service does not say', 'unknown'],
    ['the search itself fails', cloudError({ acted: 'no', kind: 'unavailable' })],
  ])('stops the way forward when it stays unknown: %s', async (_title, found) => {
    port.answers = [cloudError()];
    port.finds = [found];
    const error = await rejection(run());
    expect(error).toMatchObject({ code: 'OPERATION_UNCLEAR', details: { token: 'r#1' } });
    expect([port.sent, port.searched]).toEqual([1, 6]);
    expect(told()).toEqual(['operation-intended']);
  });

  it('counts as done on the way back when it stays unknown', async () => {
    port.answers = [cloudError()];
    port.finds = ['unknown'];
    expect(await run({ direction: 'undo' })).toBeNull();
    expect(journal.entries.at(-1)).toMatchObject({ type: 'operation-done', how: 'presumed' });
    expect(port.sent).toBe(1);
  });

  it('is given up after four sendings without a trace', async () => {
    port.answers = [cloudError()];
    expect((await rejection(run())).code).toBe('OPERATION_UNCLEAR');
    expect(port.sent).toBe(4);
  });

  it('is over when the service refuses it, and the refusal stands in the journal', async () => {
    port.answers = [cloudError({ kind: 'refused', code: 'NoSuchThing', acted: 'no' })];
    expect(CloudError.is(await rejection(run()))).toBe(true);
    expect(told()).toEqual(['operation-intended', 'operation-refused']);
    expect(port.searched).toBe(0);
  });

  it('is sent again after a refusal that time may cure, for as long as it may', async () => {
    const refusal = cloudError({ kind: 'refused', code: 'InvalidTargetInstances', acted: 'no' });
    port.answers = [refusal, refusal, 'd-3'];
    port.sendAgainAfterMs = (_error, sinceMs) => (sinceMs < 30_000 ? 10_000 : undefined);
    expect(await run()).toBe('d-3');
    expect(clock.slept).toEqual([10_000, 10_000]);
    // Each sending that comes later is intended anew.
    expect(told()).toEqual(['operation-intended', 'operation-intended', 'operation-intended', 'operation-done']);
    port.answers = [refusal];
    journal = await journalOf(clock);
    expect((await rejection(run())).code).toBe('CLOUD_REFUSED');
  });

  it('is never sent when the guard says no', async () => {
    const no = new BlueGreenError('DEPLOYMENT_MODE_FAILED', 'the mode has ended');
    port.guard = () => Promise.reject(no);
    expect(await rejection(run())).toBe(no);
    expect(port.sent).toBe(0);
    expect(told()).toEqual(['operation-intended', 'operation-refused']);
  });

  it('is not sent again when the guard says no before a later sending', async () => {
    const no = new BlueGreenError('DEPLOYMENT_MODE_FAILED', 'the mode has ended');
    let asked = 0;
    port.guard = () => ((asked += 1) === 1 ? Promise.resolve() : Promise.reject(no));
    port.answers = [cloudError({ kind: 'refused', acted: 'no' }), 'd-2'];
    port.sendAgainAfterMs = () => 10_000;
    expect(await rejection(run())).toBe(no);
    expect(port.sent).toBe(1);
  });

  it('is not sent without the lease, and stays intended for whoever holds it', async () => {
    const lost = new BlueGreenError('LEASE_LOST', 'another process took over');
    expect(await rejection(run({ assertLease: () => Promise.reject(lost) }))).toBe(lost);
    expect(port.sent).toBe(0);
    expect(told()).toEqual(['operation-intended']);
  });

  it('asks for the lease last, after the guard, however long that took', async () => {
    const order: string[] = [];
    port.guard = async () => void order.push('guard');
    await run({ assertLease: async () => void order.push('lease') });
    expect(order).toEqual(['guard', 'lease']);
  });

  it('is not sent when the intent cannot be written', async () => {
    const failing = await journalOf(clock);
    failing.append = () => Promise.reject(new BlueGreenError('STORE_FAILED', 'the disk is full'));
    journal = failing;
    expect((await rejection(run())).code).toBe('STORE_FAILED');
    expect(port.sent).toBe(0);
  });

  it('keeps its answer as JSON, the same now and after a restart', async () => {
    port.answers = [{ id: 'd-1', left: undefined } as unknown as string];
    expect(await run()).toEqual({ id: 'd-1' });
    expect(await run()).toEqual({ id: 'd-1' });
  });
});
