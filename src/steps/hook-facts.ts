import type { HookFacts } from '../engine/hooks.js';
import type { StepContext } from '../engine/step.js';
import { foundGreen } from './await-green.js';
import { CAPTURE_BLUE, type CapturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { observeHealth, type Health } from './observe-fleets.js';
import { PREFLIGHT, type PreflightFacts } from './preflight.js';

const NOBODY = Object.freeze({ instanceIds: [], privateIps: {} });

/** What a hook of an Elastigroup release is told: who blue and green are, and where users are sent now. */
export async function hookFacts(release: ElastigroupRelease, context: StepContext): Promise<HookFacts> {
  const blue = context.output<CapturedBlue>(CAPTURE_BLUE);
  const green = foundGreen(context);
  const facts = context.output<PreflightFacts>(PREFLIGHT);
  return {
    blue: blue === undefined ? NOBODY : { instanceIds: blue.instanceIds, privateIps: blue.privateIps },
    green: green === undefined ? NOBODY : { instanceIds: green.instanceIds, privateIps: green.privateIps },
    targetGroupArns: (facts?.targetGroups ?? []).map(({ arn }) => arn),
    greenPercent: green === undefined ? 0 : greenPercentOf(await observeHealth(release, context), green.instanceIds),
  };
}

/** The load balancer sends each healthy target the same share. */
export function greenPercentOf(health: Health, green: readonly string[]): number {
  const healthy = [...health.values()].flat().filter(({ state }) => state === 'healthy');
  if (healthy.length === 0) return 0;
  const isGreen = new Set(green);
  const ofGreen = healthy.filter(({ targetId }) => isGreen.has(targetId)).length;
  return Math.round((100 * ofGreen) / healthy.length);
}
