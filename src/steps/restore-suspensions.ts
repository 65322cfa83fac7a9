import type { StepContext } from '../engine/step.js';
import type { Suspension } from '../ports/elastigroups.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { suspendedByUs } from './suspend-processes.js';

export type RestoredSuspensions = { readonly lifted: readonly string[]; readonly set: readonly string[] };

const SETTLE_MS = 15_000;
/** Spot counts in whole minutes, and from when it acts. */
const SAME_END_MS = 2 * 60_000;

/** Lifts what this rollout suspended, and suspends again what Spot lifted with the deployment mode or we prolonged. */
export async function restoreSuspensions(
  { clouds, spec }: ElastigroupRelease,
  context: StepContext,
  key: string,
): Promise<RestoredSuspensions> {
  const { elastigroups } = clouds;
  const { elastigroupId } = spec;
  const ours = suspendedByUs(context.state);
  const captured = capturedBlue(context).suspensions;
  const listed = (): Promise<readonly Suspension[]> =>
    elastigroups.listSuspensions(elastigroupId, { signal: context.signal });
  const stillDue = (): readonly Suspension[] =>
    captured.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > context.now());
  const tooMany = async (): Promise<readonly string[]> => {
    const due = stillDue();
    return (await listed())
      .map(({ process }) => process)
      .filter((process) => ours.includes(process) && !due.some((each) => each.process === process));
  };
  const missing = async (): Promise<readonly Suspension[]> => {
    const there = await listed();
    return stillDue().filter((due) => {
      const found = there.find(({ process }) => process === due.process);
      return found === undefined || (ours.includes(due.process) && !sameEnd(found, due));
    });
  };

  const lifted = await tooMany();
  if (lifted.length > 0) {
    await context.effect({
      key: `${key}/lift`,
      call: 'spot resumeProcesses',
      token: lifted.join(','),
      settleMs: SETTLE_MS,
      find: async () => ((await tooMany()).length === 0 ? { present: null } : 'absent'),
      send: async (call) => {
        await elastigroups.resumeProcesses(elastigroupId, lifted, call);
        return null;
      },
    });
  }
  const set = await missing();
  if (set.length > 0) {
    await context.effect({
      key: `${key}/suspensions`,
      call: 'spot suspendProcesses',
      token: set.map(({ process }) => process).join(','),
      settleMs: SETTLE_MS,
      find: async () => ((await missing()).length === 0 ? { present: null } : 'absent'),
      send: async (call) => {
        await elastigroups.suspendProcesses(
          elastigroupId,
          set.map(({ process, expiresAt }) => ({
            process,
            ...(expiresAt === undefined ? {} : { ttlMs: Date.parse(expiresAt) - context.now() }),
          })),
          call,
        );
        return null;
      },
    });
  }
  return { lifted, set: set.map(({ process }) => process) };
}

function sameEnd(a: Suspension, b: Suspension): boolean {
  if (a.expiresAt === undefined || b.expiresAt === undefined) return a.expiresAt === b.expiresAt;
  return Math.abs(Date.parse(a.expiresAt) - Date.parse(b.expiresAt)) <= SAME_END_MS;
}
