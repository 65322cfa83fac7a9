import { tellSeed } from './tell-seed.js';

/** What is asked of one process of a run. */
export interface Asked {
  readonly seed: number;
  readonly overTheWire: boolean;
}

/** A process that tells the seeds which it is sent, and answers each. */
process.on('message', ({ seed, overTheWire }: Asked) => {
  void tellSeed(seed, overTheWire).then((told) => process.send?.(told));
});
