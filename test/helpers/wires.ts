import { SimulatedClock, type SimulatedCloud } from '../../src/testing/index.js';
import { shortenAxios, shortWire } from './short-wire.js';

/** How the library reaches a simulated cloud, and the clock that the cloud needs for it. */
export interface Wire {
  readonly clock: () => SimulatedClock;
  readonly options: (cloud: SimulatedCloud) => ReturnType<typeof shortWire>;
}

export const WIRES = {
  /** Through the AWS SDK, axios and sockets. */
  full: { clock: () => new SimulatedClock(), options: (cloud: SimulatedCloud) => cloud.options() },
  /** From the gateways right to the cloud. */
  short: {
    clock() {
      shortenAxios();
      // Nothing leaves the process, or takes a turn of the event loop to come back.
      return new SimulatedClock({ quietTurns: 2 });
    },
    options: shortWire,
  },
} as const satisfies Readonly<Record<string, Wire>>;
