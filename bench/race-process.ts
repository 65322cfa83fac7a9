import { race, type Race } from './race.js';
import type { Scenario } from './scenarios.js';
import { loadEverything } from './warm-up.js';

// Started by race-processes.ts: takes scenarios, answers races, ends.
process.once('message', (scenarios: readonly Scenario[]) => void run(scenarios));

async function run(scenarios: readonly Scenario[]): Promise<void> {
  await loadEverything();
  const races: Race[] = [];
  for (const scenario of scenarios) races.push(await race(scenario));
  process.send?.(races, () => process.disconnect());
}
