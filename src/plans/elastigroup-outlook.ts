import type { Outlook } from '../engine/outlook.js';
import { STAGES, type LifecycleStage } from '../engine/stages.js';
import type { StepContext } from '../engine/step.js';
import type { DeploymentGroup } from '../ports/code-deploy.js';
import { HOLD_MARGIN_MS } from '../steps/budgets.js';
import { CAPTURE_BLUE, type CapturedBlue } from '../steps/capture-blue.js';
import { greenTagChoices, type ElastigroupRelease } from '../steps/elastigroup-release.js';
import { ENTER_DEPLOYMENT_MODE } from '../steps/enter-deployment-mode.js';
import { PREFLIGHT, type PreflightFacts } from '../steps/preflight.js';
import { whyItDoesNotHold } from '../steps/preflight-gates.js';
import { foreseePermissions } from './elastigroup-permissions.js';
import { foreseeReads } from './elastigroup-reads.js';
import { foreseeSendings } from './elastigroup-sendings.js';

type Waits = Pick<DeploymentGroup, 'readyWaitMs' | 'terminationWaitMs'>;

/** The last step that waits until both fleets no longer stand side by side. */
const LAST_SIDE_BY_SIDE = 'await-blue-gone';

/** What a release onto one Elastigroup foresees. */
export function foresee(release: ElastigroupRelease, context: StepContext): Outlook {
  const facts = context.output<PreflightFacts>(PREFLIGHT);
  const captured = context.output<CapturedBlue>(CAPTURE_BLUE);
  const choices = greenTagChoices(release);
  const greenTags = facts?.greenTags ?? (choices.length === 1 ? choices[0] : undefined) ?? [];
  const group: Waits = {
    readyWaitMs: facts?.readyWaitMs ?? undefined,
    terminationWaitMs: facts?.terminationWaitMs ?? undefined,
  };
  return {
    greenTags: Object.fromEntries(greenTags.map(({ key, value }) => [key, value])),
    ...(facts === undefined ? {} : { modeTimeoutMs: facts.modeTimeoutMs }),
    ...(captured === undefined
      ? {}
      : {
          extraInstances: {
            count: captured.instanceIds.length,
            after: ENTER_DEPLOYMENT_MODE,
            until: LAST_SIDE_BY_SIDE,
          },
        }),
    heldAtMostMs: (stage) => heldAtMostMs(stage, group),
    holding: (stage) => (facts === undefined ? undefined : holdingOf(stage, group)),
    sendings: foreseeSendings(release, context),
    ...(facts === undefined ? {} : { reads: foreseeReads(release, context) }),
    permissions: foreseePermissions(release, context),
  };
}

/** The wait of the deployment group in which a stage is held, less what the way back needs. */
function heldAtMostMs(stage: LifecycleStage, group: Waits): number | undefined {
  const isAfter = (other: LifecycleStage): boolean => STAGES.indexOf(stage) > STAGES.indexOf(other);
  const waitMs = isAfter('PRODUCTION_TRAFFIC_SHIFT') ? group.terminationWaitMs : group.readyWaitMs;
  return isAfter('SCALE_UP') && waitMs !== undefined ? Math.max(0, waitMs - HOLD_MARGIN_MS) : undefined;
}

function holdingOf(stage: LifecycleStage, group: Waits): ReturnType<Outlook['holding']> {
  const why = whyItDoesNotHold(stage, group);
  return why === undefined ? { holds: true } : { holds: false, because: why.found };
}
