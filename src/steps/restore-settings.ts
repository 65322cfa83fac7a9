import type { EffectStep, StepContext } from '../engine/step.js';
import { capturedBlue } from './capture-blue.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { restoreSuspensions } from './restore-suspensions.js';

/** Puts the Elastigroup's capacity and suspensions back to what was captured, where that takes nothing away. */
export function restoreSettings(release: ElastigroupRelease): EffectStep {
  return {
    type: 'effect',
    id: 'restore-settings',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'put capacity and suspensions back',
    calls: ['spot setCapacity', 'spot resumeProcesses', 'spot suspendProcesses'],
    run: async (context) => {
      const key = `restore-settings/${context.direction}`;
      const capacity = await restoreCapacity(release, context, key);
      const suspensions = await restoreSuspensions(release, context, key);
      return { capacity, suspensions };
    },
  };
}

async function restoreCapacity(
  { clouds, spec }: ElastigroupRelease,
  context: StepContext,
  key: string,
): Promise<string> {
  const { elastigroups } = clouds;
  const call = { signal: context.signal };
  const captured = capturedBlue(context).capacity;
  const read = async () => (await elastigroups.readElastigroup(spec.elastigroupId, call)).capacity;
  const now = await read();
  const members = (await elastigroups.listInstances(spec.elastigroupId, call)).length;
  // Below what is there, Spot would choose by itself what to take away.
  const target = captured.target >= members ? captured.target : now.target;
  const wanted = {
    minimum: captured.minimum,
    target: context.direction === 'undo' ? target : now.target,
    maximum: captured.maximum,
  };
  const isAsWanted = (found: { minimum: number; target: number; maximum: number }): boolean =>
    found.minimum === wanted.minimum && found.target === wanted.target && found.maximum === wanted.maximum;
  if (isAsWanted(now)) return 'as captured';
  if (wanted.target > wanted.maximum || wanted.target < wanted.minimum)
    return 'left: the target lies outside of what was captured';
  await context.effect({
    key: `${key}/capacity`,
    call: 'spot setCapacity',
    token: JSON.stringify(wanted),
    settleMs: 15_000,
    find: async () => (isAsWanted(await read()) ? { present: null } : 'absent'),
    send: async (sending) => {
      await elastigroups.setCapacity(spec.elastigroupId, wanted, sending);
      return null;
    },
  });
  return 'put back';
}
