import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Asked } from './teller.js';
import type { ToldSeed } from './tell-seed.js';

const TELLER = fileURLToPath(new URL('./teller.ts', import.meta.url));
/** Over the wire, much of the time goes by in turns of the event loop, which many stories share. */
const AT_ONCE = 24;

/** Tells seeds in as many processes as there are processors; `hear` is told of each, and ends the run by answering true. */
export async function tellSeeds(asked: readonly Asked[], hear: (told: ToldSeed) => boolean): Promise<void> {
  const waiting = [...asked];
  const tellers = Array.from({ length: Math.min(availableParallelism(), asked.length) }, () => fork(TELLER));
  try {
    await Promise.all(tellers.map((teller) => keepTelling(teller, waiting, hear)));
  } finally {
    for (const teller of tellers) teller.kill();
  }
}

function keepTelling(teller: ChildProcess, waiting: Asked[], hear: (told: ToldSeed) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let telling = 0;
    const ask = (): void => {
      while (telling < (waiting[0]?.overTheWire === true ? AT_ONCE : 1)) {
        const next = waiting.shift();
        if (next === undefined) break;
        telling += 1;
        teller.send(next);
      }
      if (telling === 0) resolve();
    };
    teller.on('message', (told: ToldSeed) => {
      telling -= 1;
      if (hear(told)) waiting.splice(0);
      ask();
    });
    teller.on('exit', (code) => reject(new Error(`a process that tells stories ended with ${String(code)}`)));
    ask();
  });
}
