import axios from 'axios';
import { SimulatedClock, type SimulatedCloud } from '../../src/testing/index.js';
import { reachClouds } from './near-wire.js';
import { shortAdapter, shortWire } from './short-wire.js';

/** How the library reaches a simulated cloud, and the clock that the cloud needs for it. Making the clock takes the way. */
export interface Wire {
  readonly clock: () => SimulatedClock;
  readonly options: (cloud: SimulatedCloud) => ReturnType<typeof shortWire>;
}

export const WIRES = {
  /** Through the AWS SDK, axios and sockets. */
  full: {
    clock() {
      reachClouds('sockets');
      return new SimulatedClock();
    },
    options: (cloud: SimulatedCloud) => cloud.options(),
  },
  /** Through the AWS SDK and axios, whose transport hands over what it would send. */
  near: {
    clock() {
      reachClouds('near');
      return new SimulatedClock({ quietTurns: 4 });
    },
    options: (cloud: SimulatedCloud) => cloud.options(),
  },
  /** From the gateways right to the cloud. */
  short: {
    clock() {
      axios.defaults.adapter = shortAdapter;
      // Nothing leaves the process, or takes a turn of the event loop to come back.
      return new SimulatedClock({ quietTurns: 2 });
    },
    options: shortWire,
  },
} as const satisfies Readonly<Record<string, Wire>>;
