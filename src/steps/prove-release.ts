import { BlueGreenError } from '../errors/blue-green-error.js';
import type { ReceiptLine } from '../engine/receipt.js';
import type { ReadStep, StepContext } from '../engine/step.js';
import type { DeploymentMode } from '../ports/elastigroups.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { findOurMode } from './enter-deployment-mode.js';
import { FILTER, filterLine } from './filter-line.js';
import { hasEnded } from './mode-states.js';
import { healthyEverywhere, observeHealth } from './observe-fleets.js';
import { provenGreen } from './proven-green.js';
import { settingsLines } from './settings-lines.js';
import { currentStrays } from './settle-strays.js';

export type Proof = {
  readonly proven: readonly string[];
  readonly healthy: readonly string[];
  readonly strays: readonly string[];
  readonly lines: readonly ReceiptLine[];
};

export const PROVE_RELEASE = 'prove-release';
export const TAKE_STOCK = 'take-stock';

/** Everything that is healthy in a production target group must have succeeded under this rollout's own deployment. */
export function proveRelease(release: ElastigroupRelease): ReadStep {
  return {
    type: 'read',
    id: PROVE_RELEASE,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'prove that the new version serves everything',
    read: async (context): Promise<Proof> => {
      const proof = await takeProof(release, context);
      const unproven = proof.lines.filter(({ what, verdict }) => what === SERVED && verdict === 'differs');
      if (unproven.length > 0) {
        const message = unproven.map(({ subject }) => subject).join(', ');
        throw new BlueGreenError('PROOF_FAILED', `not everything that serves is proven green: ${message}`, {
          details: { lines: unproven },
        });
      }
      const moved = proof.lines.find(({ what, verdict }) => what === 'target' && verdict === 'differs');
      if (moved !== undefined) await context.warn('TARGET_MOVED', `the Elastigroup’s target is not what was captured`);
      if (proof.strays.length > 0)
        await context.warn('STRAYS_LEFT', `neither blue nor proven green, and not serving: ${proof.strays.join(', ')}`);
      const open = proof.lines.find(({ what, verdict }) => what === MODE && verdict === 'differs');
      if (open !== undefined)
        await context.warn('DEPLOYMENT_MODE_OPEN', 'Spot has not ended the deployment mode although blue is gone');
      const filter = proof.lines.find(({ what, verdict }) => what === FILTER && verdict === 'differs');
      if (filter !== undefined)
        await context.warn('NEXT_RELEASE_REFUSED', 'the deployment group’s filter does not select what serves now');
      return proof;
    },
  };
}

/** The same looks without a verdict: for a rollout that failed past the pivot. */
export function takeStock(release: ElastigroupRelease): ReadStep {
  return {
    type: 'read',
    id: TAKE_STOCK,
    version: 1,
    stage: 'CLEAN_UP',
    title: 'see what stands now',
    read: async (context) => {
      const proof = await takeProof(release, context);
      return { ...proof, lines: [...proof.lines, ...proof.strays.map((id) => strayLine(release, id))] };
    },
  };
}

function strayLine({ spec }: ElastigroupRelease, instanceId: string): ReceiptLine {
  return {
    what: 'member',
    subject: instanceId,
    verdict: 'differs',
    expected: 'proven green',
    found: 'the release has not succeeded on it',
    fix: `Release onto it, or detach it from ${spec.elastigroupId}.`,
  };
}

const SERVED = 'served by proven green';
const MODE = 'deployment mode';

async function takeProof(release: ElastigroupRelease, context: StepContext): Promise<Proof> {
  const { clouds, spec } = release;
  const call = { signal: context.signal };
  const proven = await provenGreen(release, context);
  const health = await observeHealth(release, context);
  const healthy = healthyEverywhere(health, proven);
  const isProven = new Set(proven);
  const served = [...health].map(([subject, targets]): ReceiptLine => {
    const others = targets
      .filter(({ targetId, state }) => state === 'healthy' && !isProven.has(targetId))
      .map(({ targetId }) => targetId);
    if (others.length === 0 && healthy.length > 0) return { what: SERVED, subject, verdict: 'restored' };
    const found = { healthyGreen: healthy.length, others };
    return {
      what: SERVED,
      subject,
      verdict: 'differs',
      expected: 'proven green alone',
      found,
      fix:
        others.length > 0
          ? `Find out what runs on ${others.join(', ')}; take it out of the target group once enough green is healthy.`
          : 'Bring green to health.',
    };
  });
  const { capacity } = await clouds.elastigroups.readElastigroup(spec.elastigroupId, call);
  const suspensions = await clouds.elastigroups.listSuspensions(spec.elastigroupId, call);
  return {
    proven,
    healthy,
    strays: await currentStrays(release, context),
    lines: [
      ...served,
      modeLine(release, await findOurMode(release, context)),
      ...settingsLines(release, context, { capacity, suspensions }),
      await filterLine(release, context, healthy),
    ],
  };
}

/** A mode that Spot does not end would refuse the next one, and its own timeout may still act on green. */
function modeLine({ spec }: ElastigroupRelease, mode: DeploymentMode | undefined): ReceiptLine {
  const line = { what: MODE, subject: spec.elastigroupId };
  if (hasEnded(mode)) return { ...line, verdict: 'restored' };
  const fix = `Ask Spot to end ${mode?.deploymentModeId} without touching the instances that serve.`;
  return { ...line, verdict: 'differs', expected: 'over', found: mode?.state ?? null, fix };
}
