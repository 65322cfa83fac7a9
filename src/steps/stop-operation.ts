import { CloudError } from '../errors/cloud-error.js';
import type { Operation } from '../engine/effect.js';
import type { StepContext } from '../engine/step.js';
import type { ElastigroupRelease } from './elastigroup-release.js';

const OVER: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Stopped']);

export const isOver = (status: string): boolean => OVER.has(status);

/** The service said no for good: it goes on with what was to be stopped. */
export const cannotBeStopped = (error: unknown): error is CloudError =>
  CloudError.is(error) && ['refused', 'not-found', 'denied'].includes(error.failure.kind);

/** Stopping one CodeDeploy deployment: found by its status, harmless to repeat. Whether with a rollback is asked as it goes out. */
export function stopOperation(
  release: ElastigroupRelease,
  context: StepContext,
  stop: { readonly key: string; readonly codeDeployDeploymentId: string; readonly rollBack: () => boolean },
): Operation<'stopping' | 'already-completed'> {
  const { codeDeploy } = release.clouds;
  const { key, codeDeployDeploymentId, rollBack } = stop;
  return {
    key,
    call: `codedeploy stopDeployment ${rollBack() ? 'with' : 'without'} rollback`,
    token: codeDeployDeploymentId,
    settleMs: 15_000,
    find: async () => {
      const { status } = await codeDeploy.readDeployment(codeDeployDeploymentId, { signal: context.signal });
      return isOver(status) ? { present: 'already-completed' as const } : 'absent';
    },
    send: (call) => codeDeploy.stopDeployment(codeDeployDeploymentId, { rollBack }, call),
  };
}
