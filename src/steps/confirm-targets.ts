import { BlueGreenError } from '../errors/blue-green-error.js';
import type { WaitStep } from '../engine/step.js';
import type { CodeDeployDeployment, CodeDeployTarget } from '../ports/code-deploy.js';
import { greenOf } from './await-green.js';
import { CONFIRMATION_MS, CONFIRM_TARGETS_MS } from './budgets.js';
import { endedBadly, releaseFailure } from './diagnose-release.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { releaseFacts } from './release-facts.js';
import { ourDeploymentId } from './release-green.js';

export type ConfirmedTargets = {
  readonly verdict: 'exact' | 'too-few';
  readonly missing: readonly string[];
};

export const confirmTargetsId = (attempt: number): string => `confirm-targets/${attempt}`;

interface Observation {
  readonly deployment: CodeDeployDeployment;
  readonly targets: readonly CodeDeployTarget[];
}

/** Reads which instances CodeDeploy took, before any traffic moves: they must be exactly green. */
export function confirmTargets(
  release: ElastigroupRelease,
  attempt: number,
  when: WaitStep['when'],
): WaitStep<Observation> {
  const { clouds } = release;
  return {
    type: 'wait',
    id: confirmTargetsId(attempt),
    version: 1,
    stage: 'SCALE_UP',
    title: 'confirm that CodeDeploy took exactly green as its targets',
    ...(when === undefined ? {} : { when }),
    within: () => CONFIRM_TARGETS_MS,
    observe: async (context) => {
      const id = ourDeploymentId(context, attempt);
      const call = { signal: context.signal };
      const deployment = await clouds.codeDeploy.readDeployment(id, call);
      const targets = await clouds.codeDeploy.listTargets(id, call);
      return { deployment, targets };
    },
    judge: ({ deployment, targets }, look, context) => {
      const green = targets.filter(({ colour }) => colour !== 'Blue');
      const wanted = new Set(greenOf(context).instanceIds);
      const taken = new Set(green.map(({ instanceId }) => instanceId));
      const strangers = [...taken].filter((id) => !wanted.has(id));
      if (strangers.length > 0) {
        const message = `${deployment.codeDeployDeploymentId} took instances that are not green: ${strangers.join(', ')}`;
        return { failed: new BlueGreenError('TARGETS_FOREIGN', message, { details: { instanceIds: strangers } }) };
      }
      const missing = [...wanted].filter((id) => !taken.has(id));
      if (missing.length === 0) return { ready: { verdict: 'exact', missing } satisfies ConfirmedTargets };
      if (endedBadly(deployment)) return { failed: releaseFailure(deployment, green) };
      const pending = `${deployment.status}; CodeDeploy lists ${taken.size} of ${wanted.size} green instances`;
      const facts = releaseFacts({ deployment, targets });
      if (deployment.status === 'Created' || deployment.status === 'Queued') return { pending, facts, urgent: true };
      // Targets are decided once it is in progress; the list may be read a little before it is written.
      const { since = look.at } = (look.memo ?? {}) as { since?: number };
      if (look.at - since >= CONFIRMATION_MS)
        return { ready: { verdict: 'too-few', missing } satisfies ConfirmedTargets };
      return { pending, facts, urgent: true, memo: { since } };
    },
  };
}
