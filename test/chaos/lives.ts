import type { Clock } from '../../src/ports/clock.js';
import type { MemoryStore } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { CrashStore } from '../helpers/crash-store.js';
import { dieAtCall, FreezableClock, freezeAtLook, HangingStore } from './drivers.js';
import type { LifeEnd } from './story.js';

/** What a process is given, so that its life ends as the story wants it. */
export interface Life {
  readonly store: CrashStore;
  readonly clock: Clock;
  /** Nothing befalls the calls of whoever comes after. */
  readonly restoreWire: () => void;
}

interface Parts {
  readonly cloud: SimulatedCloud;
  readonly under: MemoryStore;
  readonly clock: Clock;
  readonly store: (
    onWrite?: (n: number, when: 'before' | 'after') => void,
    under?: ConstructorParameters<typeof CrashStore>[0],
  ) => CrashStore;
  /** So long after now somebody else takes the rollout up, believing this process dead. */
  readonly takeOver: (afterMs: number) => void;
}

export function beginLife(end: LifeEnd | undefined, { cloud, under, clock, store: storeOf, takeOver }: Parts): Life {
  const restoreWire = (): void => {};
  switch (end?.end) {
    case undefined:
    case 'let-go':
      return { store: storeOf(), clock, restoreWire };
    case 'crash': {
      if (end.at === 'call') {
        const store = storeOf();
        return { store, clock, restoreWire: dieAtCall(cloud, end, () => store.break()) };
      }
      const store = storeOf((n, when) => {
        if (n === end.nth && when === end.when) store.break();
      });
      return { store, clock, restoreWire };
    }
    case 'cut-off': {
      const hang = async (): Promise<void> => {
        takeOver(end.thenMs);
        await cloud.clock.sleep(end.forMs);
      };
      return { store: storeOf(undefined, new HangingStore(under, end.nth, hang)), clock, restoreWire };
    }
    case 'frozen': {
      const own = new FreezableClock(clock);
      let intents = 0;
      const store = storeOf((n, when) => {
        if (when === 'after' && store.writes[n - 1] === 'operation-intended') intents += 1;
      });
      const isDue = (): boolean => intents >= end.nth;
      const freeze = (): void => {
        own.freeze(cloud.clock.sleep(end.forMs));
        takeOver(end.thenMs);
      };
      return { store, clock: own, restoreWire: freezeAtLook(cloud, isDue, end.forMs, freeze) };
    }
  }
}
