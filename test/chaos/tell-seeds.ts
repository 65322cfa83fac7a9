import { build } from 'esbuild';
import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
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
  const bundle = await bundled();
  const tellers = Array.from({ length: Math.min(availableParallelism(), asked.length) }, () =>
    // As many as there are processors: help that V8 takes from other threads is taken from another teller.
    fork(bundle, { execArgv: ['--single-threaded', '--max-semi-space-size=64'] }),
  );
  try {
    await Promise.all(tellers.map((teller) => keepTelling(teller, waiting, hear)));
  } finally {
    for (const teller of tellers) teller.kill();
    rmSync(bundle);
  }
}

/** One file for every process to load: what compiles as it loads keeps each function's name, at a seventh of the time. */
async function bundled(): Promise<string> {
  const outfile = fileURLToPath(new URL(`../../node_modules/.cache/chaos/teller-${process.pid}.mjs`, import.meta.url));
  await build({
    entryPoints: [TELLER],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return outfile;
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
