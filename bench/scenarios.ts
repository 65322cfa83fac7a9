import { seededChance } from '../src/testing/model/chance.js';
import type { SimulatedCloudOptions } from '../src/testing/simulated-cloud-options.js';

export interface Scenario {
  readonly name: string;
  readonly readyWait: boolean;
  readonly cloud: SimulatedCloudOptions;
}

/** Long enough for any release here: somebody continues in time. */
const READY_WAIT_MINUTES = 60;
const SECOND = 1000;

/**
 * A release as it may be in an account: every duration drawn on its own, to the millisecond, so that no rhythm of the
 * cloud stays in step with one of ours. Tags are seen by CodeDeploy within the settle time: what happens later is a
 * second attempt, and another story.
 */
export function realisticScenario(seed: number): Scenario {
  const chance = seededChance(seed * 7919);
  const between = (low: number, high: number): number => low + chance() * (high - low);
  const time = (low: number, high: number): number => Math.round(between(low, high) * SECOND);
  const blue = Math.floor(between(1, 11));
  const readyWait = seed % 2 === 0;
  const halfAtATime = blue > 1 && chance() < 0.3;
  const launchMs = time(60, 240);
  const deregistrationDelayMs = time(60, 300);
  const timings = {
    modeStateMs: time(3, 10),
    spotPollMs: time(5, 20),
    spotReadAfterWriteMs: time(1, 5),
    spotFulfilMs: time(10, 40),
    waitBeforeTerminationMs: time(10, 60),
    launchMs,
    bootMs: time(20, 90),
    terminationMs: time(20, 60),
    tagVisibleInEc2Ms: time(1, 10),
    tagVisibleInCodeDeployMs: time(5, 50),
    deploymentStartMs: time(2, 10),
    codeDeployReadAfterWriteMs: time(1, 5),
    agentPollMs: time(1, 10),
    scriptMs: time(2, 30),
    eventMs: { DownloadBundle: time(3, 20), Install: time(4, 40) },
    healthyAfterMs: time(10, 60),
  };
  return {
    name: [
      `${blue} instances`,
      `launch ${Math.round(launchMs / SECOND)} s`,
      `draining ${Math.round(deregistrationDelayMs / SECOND)} s`,
      halfAtATime ? 'half at a time' : 'all at once',
      readyWait ? 'Ready wait' : 'no Ready wait',
    ].join(', '),
    readyWait,
    cloud: {
      seed,
      blue,
      deregistrationDelayMs,
      timings,
      deploymentGroup: {
        deploymentConfigName: halfAtATime ? 'CodeDeployDefault.HalfAtATime' : 'CodeDeployDefault.AllAtOnce',
        ...(readyWait ? { readyWaitMinutes: READY_WAIT_MINUTES } : {}),
      },
    },
  };
}

/** The simulated cloud's own timings, which are short so that tests and the demo are; the size of the fleet plays no part in them. */
export function defaultScenarios(): readonly Scenario[] {
  return [false, true].map((readyWait) => ({
    name: `3 instances, ${readyWait ? 'Ready wait' : 'no Ready wait'}`,
    readyWait,
    cloud: { blue: 3, ...(readyWait ? { deploymentGroup: { readyWaitMinutes: READY_WAIT_MINUTES } } : {}) },
  }));
}
