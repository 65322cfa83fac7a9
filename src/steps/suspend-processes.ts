import { BlueGreenError } from '../errors/blue-green-error.js';
import { CloudError } from '../errors/cloud-error.js';
import type { RolloutState, StepState } from '../engine/rollout-state.js';
import type { EffectStep, StepContext } from '../engine/step.js';
import type { Elastigroups } from '../ports/elastigroups.js';
import { blueIsKept } from './await-codedeploy.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { heldUntil } from './hold-release.js';

export const SUSPEND_PROCESSES = 'suspend-processes';
const KEEP = 'keep-suspended';

type Suspended = { readonly processes: readonly string[]; readonly ttlMs: number };

const SETTLE_MS = 15_000;
/** Nobody has to lift what was forgotten, and a late renewal still comes in time. */
const AFTER_THE_BAKE_MS = 30 * 60_000;
const RENEW_AFTER = 0.75;

/**
 * Keeps Spot from changing the fleets by itself for a while: blue that CodeDeploy has taken out of traffic looks ill. The
 * suspension ends by itself when nobody renews it.
 */
export function suspendProcesses(release: ElastigroupRelease): EffectStep {
  const throughout = release.suspend?.throughout === true;
  return {
    type: 'effect',
    id: SUSPEND_PROCESSES,
    version: 1,
    stage: throughout ? 'SCALE_UP' : 'PRODUCTION_TRAFFIC_SHIFT',
    title: 'keep Spot from changing the Elastigroup by itself',
    when: (state) => release.suspend !== undefined && (throughout || blueIsKept(state)),
    calls: ['spot suspendProcesses'],
    run: (context) => suspend(release, context, SUSPEND_PROCESSES),
  };
}

/** The next renewal, while a suspension of ours is to last. */
export function keepSuspended(
  release: ElastigroupRelease,
  state: RolloutState,
): { readonly step: EffectStep; readonly dueAt: number } | undefined {
  const ended = state.steps.has('restore-settings') || state.unwinding !== undefined;
  const first = state.steps.get(SUSPEND_PROCESSES);
  if (ended || first?.status !== 'done') return undefined;
  const renewals = [...state.steps].filter(([id, { status }]) => id.startsWith(`${KEEP}/`) && status === 'done');
  const latest: StepState = renewals.at(-1)?.[1] ?? first;
  const { ttlMs, processes } = first.output as unknown as Suspended;
  if (processes.length === 0 || latest.endedAt === undefined) return undefined;
  const id = `${KEEP}/${renewals.length + 1}`;
  const step: EffectStep = {
    type: 'effect',
    id,
    version: 1,
    stage: 'BAKE_TIME',
    title: 'keep Spot from changing the Elastigroup for longer',
    calls: ['spot suspendProcesses'],
    run: (context) => suspend(release, context, id),
  };
  return { step, dueAt: latest.endedAt + ttlMs * RENEW_AFTER };
}

/** Processes that this rollout has, or may have, suspended: told by what was sent, for its step may have been cut short. */
export function suspendedByUs({ operations }: Pick<RolloutState, 'operations'>): readonly string[] {
  const sent = [...operations].filter(([key, { status }]) => isSuspension(key) && status !== 'refused');
  return [...new Set(sent.flatMap(([, { token }]) => token.split(',')))];
}

const isSuspension = (key: string): boolean => key === SUSPEND_PROCESSES || key.startsWith(`${KEEP}/`);

/** Those that are not suspended for good already, for no longer than they are needed. */
export function suspensionWanted(release: ElastigroupRelease, context: StepContext): Suspended {
  const wanted = release.suspend ?? { processes: [], ttlMs: 0 };
  const forGood = capturedBlue(context).suspensions.filter(({ expiresAt }) => expiresAt === undefined);
  const processes = wanted.processes.filter((process) => !forGood.some((each) => each.process === process));
  const untilAt = heldUntil('BAKE_TIME', context) ?? Number.POSITIVE_INFINITY;
  return { processes, ttlMs: Math.max(60_000, Math.min(wanted.ttlMs, untilAt - context.now() + AFTER_THE_BAKE_MS)) };
}

export function suspensionsOf({ processes, ttlMs }: Suspended): Parameters<Elastigroups['suspendProcesses']>[1] {
  return processes.map((process) => ({ process, ttlMs }));
}

/** Without it the release is less quiet, and no less safe: a failure is told, and ends nothing. */
async function suspend(release: ElastigroupRelease, context: StepContext, key: string): Promise<Suspended> {
  const { elastigroups } = release.clouds;
  const { elastigroupId } = release.spec;
  const { processes, ttlMs } = suspensionWanted(release, context);
  if (processes.length === 0) return { processes, ttlMs };
  const since = context.now();
  const standing = async (): Promise<boolean> => {
    const listed = await elastigroups.listSuspensions(elastigroupId, { signal: context.signal });
    return processes.every((process) =>
      listed.some(
        (each) =>
          each.process === process &&
          (each.expiresAt === undefined || Date.parse(each.expiresAt) >= since + ttlMs * RENEW_AFTER),
      ),
    );
  };
  try {
    await context.effect({
      key,
      call: 'spot suspendProcesses',
      token: processes.join(','),
      settleMs: SETTLE_MS,
      find: async () => ((await standing()) ? { present: null } : 'absent'),
      send: async (call) => {
        await elastigroups.suspendProcesses(elastigroupId, suspensionsOf({ processes, ttlMs }), call);
        return null;
      },
    });
  } catch (error) {
    const unclear = BlueGreenError.is(error) && error.code === 'OPERATION_UNCLEAR';
    if (!CloudError.is(error) && !unclear) throw error;
    await context.warn('NOT_SUSPENDED', `${processes.join(', ')} could not be suspended: ${error.message}`);
  }
  return { processes, ttlMs };
}
