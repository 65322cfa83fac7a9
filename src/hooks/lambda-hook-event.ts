import type { HookContext } from '../engine/hooks.js';
import type { Json } from '../internal/json.js';

/** What ECS would call the things of a release that has no service: of the same shape, and owned by nobody at AWS. */
const arnOf = (what: string): string => `arn:aws:elastigroup-bluegreen:::${what}`;

type Weights = Readonly<Record<string, number>>;

/** The event that a lifecycle-hook function gets: the fields of ECS, and `rollout` beside them. */
export interface LambdaHookEvent {
  readonly executionId: string;
  readonly lifecycleStage: string;
  readonly resourceArn: string;
  readonly executionDetails: {
    readonly serviceArn: string;
    readonly targetServiceRevisionArn: string;
    readonly testTrafficWeights: Weights;
    readonly productionTrafficWeights: Weights;
  };
  readonly hookDetails?: Json;
  readonly rollout: Pick<HookContext, 'holds' | 'blue' | 'green' | 'targetGroupArns' | 'greenPercent'> & {
    readonly id: string;
  };
}

export function lambdaHookEvent(context: HookContext, hookDetails: Json | undefined): LambdaHookEvent {
  const { key, rolloutId, stage, holds, blue, green, targetGroupArns, greenPercent } = context;
  const greenArn = arnOf(`service-revision/${rolloutId}/green`);
  return {
    executionId: key,
    lifecycleStage: stage,
    resourceArn: arnOf(`service-deployment/${rolloutId}`),
    executionDetails: {
      serviceArn: arnOf(`service/${rolloutId}`),
      targetServiceRevisionArn: greenArn,
      testTrafficWeights: {},
      productionTrafficWeights: productionWeights(context, greenArn),
    },
    ...(hookDetails === undefined ? {} : { hookDetails }),
    rollout: { id: rolloutId, holds, blue, green, targetGroupArns, greenPercent },
  };
}

/**
 * Where traffic is to be at the end of the stage, as with ECS. A function takes green at 0 during the shift for a
 * rollback, so what counts there is not where traffic still is.
 */
function productionWeights({ stage, rolloutId, blue, greenPercent }: HookContext, greenArn: string): Weights {
  const shifts = stage === 'PRODUCTION_TRAFFIC_SHIFT';
  if (!shifts && stage !== 'PRE_PRODUCTION_TRAFFIC_SHIFT') return {};
  const percent = shifts ? 100 : greenPercent;
  if (blue.instanceIds.length === 0) return { [greenArn]: percent };
  return { [greenArn]: percent, [arnOf(`service-revision/${rolloutId}/blue`)]: 100 - percent };
}
