import { inNextTurn } from './system-timers.js';

/** Fewer are gone through faster than anybody notices. */
const MANY = 1_000;

/** So many are gone through in one go where each takes some microseconds. */
export const PART = 5_000;

/**
 * Before thousands of instances are gone through in one go, everything else in the process has its turn. The next turn may
 * still belong to the round of the event loop that an answer came in; the one after that comes behind timers and answers.
 */
export async function giveWay(instances: number): Promise<void> {
  if (instances >= MANY) await new Promise<void>((resolve) => inNextTurn(() => inNextTurn(resolve)));
}
