export { BlueGreen } from './blue-green.js';
export type { BlueGreenOptions, CallOptions, PlanOptions } from './options.js';
export type { Rollout } from './rollout.js';
export { suspendOnSignals } from './suspend-on-signals.js';
export type { SignalSource, SuspendOnSignalsOptions } from './suspend-on-signals.js';
export type { RolloutEngine } from './rollout-engine.js';
export type { IamPolicy, SpotPolicy } from './engine/outlook.js';
export type {
  RolloutPlan,
  RolloutPlanBounds,
  RolloutPlanCalls,
  RolloutPlanMutation,
  RolloutPlanPermissions,
  RolloutPlanStep,
  RolloutPlanStop,
} from './rollout-plan.js';
export type { SweepLeftover, SweepOptions, SweepReport, SweptRollout } from './sweep-report.js';
export type { CloudTrace, TraceEntry, TraceWhat } from './trace/cloud-trace.js';
export type { Finding } from './steps/findings.js';
export type { Approval } from './answer-gate.js';
export type { Fleets, OpenGate, RolloutResult, RolloutStatus, Stray } from './rollout-result.js';
export type { Outcome } from './engine/journal.js';
export type { Receipt, ReceiptLine } from './engine/receipt.js';
export { STAGES } from './engine/stages.js';
export type { LifecycleStage } from './engine/stages.js';
export { parseSpec } from './specs/parse-spec.js';
export type { Kind, RolloutSpec } from './specs/parse-spec.js';
export { specJsonSchema } from './specs/spec-json-schema.js';
export type { ElastigroupSpec } from './specs/elastigroup-spec.js';
export type { CodeDeployRelease } from './specs/code-deploy-release.js';
export type { GateSpec } from './specs/common-schemas.js';
export { BlueGreenError } from './errors/blue-green-error.js';
export type { BlueGreenErrorFacts, BlueGreenErrorJson } from './errors/blue-green-error.js';
export { CloudError } from './errors/cloud-error.js';
export type { CloudFailure, CloudService } from './errors/cloud-error.js';
export { ERROR_CODES } from './errors/error-codes.js';
export type { Blame, ErrorCode } from './errors/error-codes.js';
export type { ErrorEntry } from './errors/error-catalogue.js';
export type { ErrorEnding, ErrorGuide } from './errors/error-guide.js';
export { errorCatalogue } from './errors/explain-errors.js';
export type { ErrorCatalogue } from './errors/explain-errors.js';
export { EVENTS } from './events/events.js';
export type { EventLevel, EventName, EventPayload, RolloutEvent } from './events/events.js';
export type { Json } from './internal/json.js';
export type { Clock } from './ports/clock.js';
export type { Logger } from './ports/logger.js';
export type { Call } from './ports/call.js';
export type {
  DeploymentGroupRef,
  DeploymentMode,
  DetachInstances,
  Elastigroup,
  ElastigroupCapacity,
  ElastigroupInstance,
  Elastigroups,
  Roll,
  Suspension,
  Tag,
} from './ports/elastigroups.js';
export type { RolloutStore, StoredEntry, StoredRecord } from './ports/rollout-store.js';
export type { AwsCredentials, AwsOptions } from './aws/aws-clients.js';
export { lambdaHook } from './hooks/lambda-hook.js';
export type { LambdaHookOptions } from './hooks/lambda-hook.js';
export type { LambdaSender } from './aws/lambda-functions.js';
export type { Hooks } from './hooks/given-hooks.js';
export type { Check, CheckAnswer, CheckContext } from './engine/checks.js';
export type { Hook, HookContext, HookEntry, HookFleet, HookResult, HookStage } from './engine/hooks.js';
export { formatError } from './report/format-error.js';
export type { FormatErrorOptions } from './report/format-error.js';
export { renderPlan } from './report/render-plan.js';
export { renderSweep } from './report/render-sweep.js';
export { renderProgress } from './report/render-progress.js';
export type { FollowedRollout, ProgressOptions } from './report/render-progress.js';
export { renderReport } from './report/render-report.js';
export type { ReportedRollout } from './report/render-report.js';
export { SpotClient } from './spot/spot-client.js';
export { RateGate as SpotLimits } from './spot/rate-gate.js';
export type { SpotClientOptions } from './spot/spot-client-options.js';
export { FileStore } from './stores/file-store.js';
export { MemoryStore } from './stores/memory-store.js';
export type { Duration } from './policies/duration.js';
export { AwsLimits } from './policies/aws-limits.js';
export { exponentialBackoff } from './policies/exponential-backoff.js';
export type { ExponentialBackoffOptions } from './policies/exponential-backoff.js';
export { adaptivePolling } from './policies/adaptive-polling.js';
export type { AdaptivePollingOptions } from './policies/adaptive-polling.js';
export { fixedPolling } from './policies/fixed-polling.js';
export type { FixedPollingOptions } from './policies/fixed-polling.js';
export { fixedTimeouts } from './policies/fixed-timeouts.js';
export type { FixedTimeoutsOptions } from './policies/fixed-timeouts.js';
export type { FailedAttempt } from './policies/cloud-call.js';
export type { PollingPolicy, PollingProgress, PollingQuestion } from './policies/polling.js';
export type { RetryBudgetOptions } from './policies/retry-budget.js';
export type { RetryPace, RetryRule } from './policies/retry-rules.js';
export type { RetryPolicy, RetryVerdict } from './policies/retry.js';
export type { OnTimeout, TimedOut, TimeoutAction, TimeoutPolicy, TimeoutQuestion } from './policies/timeout.js';
