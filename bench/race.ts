import { firstRequestAt, mutationsOf, runLibrary } from './library-rollout.js';
import { runOmniscient, TAG_SETTLE_MS } from './omniscient.js';
import type { Scenario } from './scenarios.js';

/** By how much the library was late, by the wait that was: simulated milliseconds. */
export interface Lateness {
  /** From the start until the first request that changes anything: preflight and capture. */
  readonly start: number;
  /** After green stood and its tags had settled. */
  readonly 'await-green': number;
  /** After CodeDeploy had reached Ready; NaN where it does not wait there. */
  readonly 'await-ready': number;
  /** After Spot had ended the mode and blue was gone. */
  readonly 'await-blue-retired': number;
  /** The rest: whoever acts later meets Spot's own polling at another point of its round, for better or worse. */
  readonly 'Spot’s rounds': number;
}

export interface Race {
  readonly scenario: Scenario;
  readonly omniscientMs: number;
  readonly libraryMs: number;
  readonly ratio: number;
  readonly late: Lateness;
  readonly requests: number;
}

/** The same release twice: by the omniscient driver and by the library. */
export async function race(scenario: Scenario): Promise<Race> {
  const omniscient = runOmniscient(scenario);
  const library = await runLibrary(scenario.cloud);
  const { cloud, instants, tookMs } = library;
  if (library.result.outcome !== 'succeeded')
    throw new Error(`${scenario.name}: ${library.result.outcome}: ${library.result.error?.message ?? ''}`);
  // Without the same work on both sides the ratio would mean nothing.
  const sent = mutationsOf(cloud);
  if (sent.join() !== omniscient.mutations.join())
    throw new Error(`${scenario.name}: the library sent ${sent.join()}, the other ${omniscient.mutations.join()}`);

  const startMs = firstRequestAt(cloud, 'enterDeploymentMode');
  const greenMs = firstRequestAt(cloud, 'CreateDeployment') - (instants.greenStoodAt ?? Number.NaN) - TAG_SETTLE_MS;
  const readyMs = firstRequestAt(cloud, 'ContinueDeployment') - (instants.readyAt ?? Number.NaN);
  const endMs = tookMs - (instants.overAt ?? tookMs);
  const known = startMs + greenMs + (scenario.readyWait ? readyMs : 0) + endMs;
  return {
    scenario,
    omniscientMs: omniscient.tookMs,
    libraryMs: tookMs,
    ratio: tookMs / omniscient.tookMs,
    late: {
      start: startMs,
      'await-green': greenMs,
      'await-ready': readyMs,
      'await-blue-retired': endMs,
      'Spot’s rounds': tookMs - omniscient.tookMs - known,
    },
    requests: cloud.requests.length,
  };
}
