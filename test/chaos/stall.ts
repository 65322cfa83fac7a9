import type { SimulatedCloud } from '../../src/testing/index.js';

/** Of real time: what has made no request and let no time pass for so long has stopped moving. */
const STALLED_AFTER_MS = 120_000;

/** Resolves once nothing moves any more, until it is ended. */
export function watchForStall({ clock, requests }: SimulatedCloud): {
  readonly stalled: Promise<undefined>;
  readonly end: () => void;
} {
  let seen = '';
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<undefined>((resolve) => {
    timer = setInterval(() => {
      const now = `${clock.now()} ${requests.length}`;
      if (now === seen) resolve(undefined);
      seen = now;
    }, STALLED_AFTER_MS);
  });
  return { stalled, end: () => clearInterval(timer) };
}
