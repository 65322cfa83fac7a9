import type { CheckOutcome } from '../engine/checks.js';
import type { StepContext } from '../engine/step.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { CodeDeployTarget } from '../ports/code-deploy.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { hookFacts } from './hook-facts.js';

/** The key of the call that lets CodeDeploy take blue away. */
export const END_BAKE = 'end-bake';

/** Asks the checks that are due, from the first move of traffic until CodeDeploy is let to take blue away. */
export async function askChecks(
  release: ElastigroupRelease,
  context: StepContext,
  trafficMoves: boolean,
): Promise<readonly CheckOutcome[]> {
  const { checks } = release;
  if (checks.checks.length === 0 || context.direction === 'undo' || !trafficMoves) return [];
  if (context.state.operations.get(END_BAKE)?.status === 'done') return [];
  return checks.ask(context, () => hookFacts(release, context));
}

const UNDER_WAY: ReadonlySet<string> = new Set(['InProgress', 'Succeeded', 'Failed']);

/** Whether CodeDeploy has begun to send users to a green instance. */
export function trafficHasBegun(targets: readonly CodeDeployTarget[]): boolean {
  return targets.some(({ events }) =>
    events.some(({ name, status }) => name === 'AllowTraffic' && UNDER_WAY.has(status)),
  );
}

/** The first check that failed as often as takes the release back. */
export function checkFailed(checks: readonly CheckOutcome[]): BlueGreenError | undefined {
  const failed = checks.find(({ failures, failureLimit }) => failures >= failureLimit);
  if (failed === undefined) return undefined;
  const { name, failures, because } = failed;
  const times = failures === 1 ? '' : ` ${failures} times in a row`;
  const message = `the check "${name}" failed${times}${because === undefined ? '' : `: ${because}`}`;
  return new BlueGreenError('CHECK_FAILED', message, { details: { check: name, failures, because: because ?? null } });
}

/** The first check that does not say `pass`: a bake is not over before each of them does. */
export function notPassed(checks: readonly CheckOutcome[]): string | undefined {
  const open = checks.find(({ latest }) => latest !== 'pass');
  return open === undefined ? undefined : `the check "${open.name}" says ${open.latest}`;
}

/** In how many milliseconds the next check is due. */
export function nextCheckInMs(checks: readonly CheckOutcome[], at: number): number | undefined {
  if (checks.length === 0) return undefined;
  return Math.max(0, Math.min(...checks.map(({ nextAt }) => nextAt)) - at);
}

/** Failures that do not take the release back yet; said anew at each doubling, for what fails now and then is no news. */
export function failuresTold(checks: readonly CheckOutcome[]): string {
  return checks
    .filter(({ mostFailures }) => mostFailures > 0)
    .map(({ name, mostFailures, failureLimit }) => {
      const told = 2 ** Math.floor(Math.log2(mostFailures));
      return `; the check "${name}" has failed ${told} of ${failureLimit} times in a row`;
    })
    .join('');
}
