import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Race } from './race.js';
import type { Scenario } from './scenarios.js';

/** Answers in the order of the scenarios. Only simulated time counts: processes side by side change nothing in it. */
export async function raceAll(scenarios: readonly Scenario[]): Promise<readonly Race[]> {
  const count = Math.min(scenarios.length, availableParallelism());
  // Dealt out like cards, so that no process has all of the long ones.
  const hands = Array.from({ length: count }, (_, hand) => scenarios.filter((_, index) => index % count === hand));
  const races = await Promise.all(hands.map(raceInProcess));
  return scenarios.map((scenario, index) => {
    const race = races[index % count]?.[Math.floor(index / count)];
    if (race === undefined) throw new Error(`a process did not run ${scenario.name}`);
    return race;
  });
}

function raceInProcess(scenarios: readonly Scenario[]): Promise<readonly Race[]> {
  return new Promise((resolve, reject) => {
    // Advanced: JSON would turn the waits that a rollout does not have, which are NaN, into null.
    const child = fork(join(import.meta.dirname, 'race-process.ts'), { serialization: 'advanced' });
    let races: readonly Race[] | undefined;
    child.on('message', (answer) => {
      races = answer as readonly Race[];
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (races === undefined) reject(new Error(`a process that ran rollouts ended with ${code} before it answered`));
      else resolve(races);
    });
    child.send(scenarios);
  });
}
