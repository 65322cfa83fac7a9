import { BlueGreenError, type BlueGreen } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';

const LOOKS_EVERY_MS = 60_000;

/** Somebody looks at a rollout every minute, and says yes to what every open gate shows; until the answered function is called. */
export function keepGates(cloud: SimulatedCloud, person: BlueGreen, rolloutId: string): () => Promise<void> {
  let gone = false;
  let answering: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    try {
      for (const { name, hash } of (await person.status(rolloutId)).gates)
        await person.approve(rolloutId, name, {
          by: 'Ada',
          ...(hash === undefined ? {} : { evidence: hash }),
        });
    } catch (error) {
      // There is no such rollout yet, or its gate has closed meanwhile.
      if (!BlueGreenError.is(error)) throw error;
    }
  };
  const again = (): void => {
    if (gone) return;
    answering = look();
    cloud.clock.schedule(LOOKS_EVERY_MS, again);
  };
  cloud.clock.schedule(LOOKS_EVERY_MS, again);
  return () => {
    gone = true;
    return answering;
  };
}
