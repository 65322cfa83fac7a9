import { BlueGreenError } from '../errors/blue-green-error.js';
import { canonicalJson, toJson } from '../internal/json.js';
import type { PollingPolicy } from '../policies/polling.js';
import { Patience } from './passing-trouble.js';
import type { RolloutJournal } from './rollout-journal.js';
import type { StepContext, Verdict, WaitStep } from './step.js';

export interface WaitEnvironment {
  readonly journal: RolloutJournal;
  readonly context: StepContext;
  readonly withinMs: number;
  /** Set where it is the stage's time that is up then: what the whole stage may take. */
  readonly stageMs?: number | undefined;
  /** Engine time at which a cloud's own limit ends the wait. */
  readonly untilAt?: number | undefined;
  readonly polling: PollingPolicy;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onPivot: (fact: string) => Promise<void>;
}

/**
 * The library's only way to wait: looks, has the look judged, writes down what is new, and sleeps.
 *
 * No deadline fires before one good look of this process; the last look is at the deadline, never before it.
 */
export async function waitUntil(step: WaitStep, environment: WaitEnvironment): Promise<unknown> {
  const { journal, context, withinMs, stageMs, untilAt, polling, random } = environment;
  const { direction } = context;
  const patience = new Patience(direction);
  const seen = new Map<string, number>();
  let looks = 0;
  let goodLooks = 0;
  for (;;) {
    context.signal.throwIfAborted();
    const outcome = await lookOnce(step, context, patience);
    looks += 1;
    const at = context.now();
    const elapsedMs = elapsed(journal, step.id, direction, at);
    const before = stepState(journal, step.id, direction);
    const remainingMs = Math.max(0, Math.min(withinMs - elapsedMs, (untilAt ?? Number.POSITIVE_INFINITY) - at));
    const last = remainingMs === 0;
    let verdict: Verdict;
    if ('trouble' in outcome) {
      verdict = { pending: outcome.trouble, memo: before?.memo };
    } else {
      goodLooks += 1;
      patience.restore();
      verdict = step.judge(outcome.observation, { at, elapsedMs, memo: before?.memo, last }, context);
    }
    if (verdict.pivot !== undefined) await environment.onPivot(verdict.pivot);
    if ('ready' in verdict) return verdict.ready;
    if ('failed' in verdict) throw verdict.failed;
    if (verdict.refusesAnswer !== undefined)
      await journal.append({ type: 'gate-answer-refused', ...verdict.refusesAnswer });
    seen.set(verdict.pending, (seen.get(verdict.pending) ?? 0) + 1);
    await note(journal, step.id, direction, verdict);
    // After so much more time than allowed without one good look, the looking itself is what failed.
    if (last && (goodLooks > 0 || elapsedMs >= withinMs + Math.max(withinMs, BLIND_MS)))
      throw timedOut(step, { withinMs: Math.min(withinMs, elapsedMs), stageMs }, seen, looks, verdict.pending);
    const sinceChangeMs = at - (stepState(journal, step.id, direction)?.sawAt ?? at);
    const { urgent = false, holding = false, progress } = verdict;
    const seenSoFar = { stepId: step.id, looks, elapsedMs, sinceChangeMs, remainingMs, urgent, holding };
    const everyMs = polling(progress === undefined ? seenSoFar : { ...seenSoFar, progress }, random);
    const pauseMs = Math.max(MINIMUM_PAUSE_MS, Math.min(everyMs, verdict.lookAgainInMs ?? everyMs));
    await environment.sleep(remainingMs > 0 ? Math.min(pauseMs, remainingMs) : pauseMs, context.signal);
  }
}

const MINIMUM_PAUSE_MS = 250;
/** A wait that begins when its time is up already has this long to get one good look. */
const BLIND_MS = 5_000;

async function lookOnce(
  step: WaitStep,
  context: StepContext,
  patience: Patience,
): Promise<{ observation: unknown } | { trouble: string }> {
  try {
    return { observation: await step.observe(context) };
  } catch (error) {
    if (patience.lasts(error, context.now())) return { trouble: `could not look: ${error.message}` };
    throw error;
  }
}

function stepState(journal: RolloutJournal, stepId: string, direction: StepContext['direction']) {
  return (direction === 'forward' ? journal.state.steps : journal.state.undone).get(stepId);
}

/** Our own budgets pause while the rollout is suspended. */
function elapsed(journal: RolloutJournal, stepId: string, direction: StepContext['direction'], at: number): number {
  const step = stepState(journal, stepId, direction);
  if (step === undefined) return 0;
  return Math.max(0, at - step.startedAt - (journal.state.suspendedMs - step.suspendedMsAtStart));
}

async function note(
  journal: RolloutJournal,
  step: string,
  direction: StepContext['direction'],
  { pending: saw, memo, facts }: Extract<Verdict, { readonly pending: string }>,
): Promise<void> {
  const before = stepState(journal, step, direction);
  const remembered = toJson(memo ?? null);
  if (before?.saw === saw && canonicalJson(before.memo ?? null) === canonicalJson(remembered)) return;
  const seen = facts === undefined ? {} : { facts };
  await journal.append({ type: 'step-observed', step, direction, saw, memo: remembered, ...seen });
}

function timedOut(
  step: WaitStep,
  { withinMs, stageMs }: { readonly withinMs: number; readonly stageMs: number | undefined },
  seen: ReadonlyMap<string, number>,
  looks: number,
  last: string,
): BlueGreenError {
  const counts = [...seen].slice(-6).map(([what, times]) => `"${what}" ×${times}`);
  const { stage } = step;
  const ofStage = stageMs === undefined ? {} : { stage, stageMs };
  const passed = stageMs === undefined ? '' : `, and with them the ${stageMs} ms of ${stage}`;
  return new BlueGreenError(
    stageMs === undefined ? 'STEP_TIMED_OUT' : 'STAGE_TIMED_OUT',
    `${step.title}: ${withinMs} ms passed${passed}; ${looks} looks saw ${counts.join(', ')}; last "${last}"`,
    {
      stepId: step.id,
      details: { withinMs, ...ofStage, looks, last, seen: Object.fromEntries([...seen].slice(-6)) },
    },
  );
}
