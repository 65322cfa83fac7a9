import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Json } from '../internal/json.js';
import { parseDuration, type Duration } from '../policies/duration.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { type Heard, wordsOf } from './ask-in-time.js';
import { NOTHING_HELD, type HeldView, type Hold } from './hold.js';
import type { LifecycleStage } from './stages.js';
import type { Look, StepContext, Verdict, WaitStep } from './step.js';
import { Thinking } from './thinking.js';
import { clockOf, elapsedSince } from './timed-out.js';

/** Stages at which hooks run, in their order: the others are the cloud's own. */
export const HOOK_STAGES = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const satisfies readonly LifecycleStage[];

export type HookStage = (typeof HOOK_STAGES)[number];

/**
 * What a hook says. Nothing, or SUCCEEDED, passes. FAILED, or a throw, takes the release back. IN_PROGRESS asks to be
 * called again after `callBackDelay`, with `details`.
 */
export type HookResult =
  | { readonly status: 'SUCCEEDED' }
  | { readonly status: 'FAILED'; readonly reason?: string | undefined }
  | {
      readonly status: 'IN_PROGRESS';
      readonly callBackDelay?: Duration | undefined;
      readonly details?: Json | undefined;
    };

export interface HookFleet {
  readonly instanceIds: readonly string[];
  readonly privateIps: Readonly<Record<string, string>>;
}

/** What a hook is told. */
export interface HookContext {
  /** The same at every call of this hook in this rollout: a hook is called at least once, maybe more often. */
  readonly key: string;
  readonly rolloutId: string;
  readonly stage: HookStage;
  /** Whether FAILED takes the release back here; false: the hook is only told. */
  readonly holds: boolean;
  readonly blue: HookFleet;
  /** Empty before green stands. */
  readonly green: HookFleet;
  readonly targetGroupArns: readonly string[];
  /** Percent of production traffic on green. */
  readonly greenPercent: number;
  /** What the hook itself said last with IN_PROGRESS. */
  readonly details: Json | undefined;
  readonly signal: AbortSignal;
  readonly logger: Logger | undefined;
}

export type Hook = (context: HookContext) => void | HookResult | Promise<void | HookResult>;

export interface HookEntry {
  /** Stands in the journal; unique at its stage. */
  readonly name: string;
  readonly run: Hook;
  /**
   * The release is refused where this hook could not stop it.
   * @defaultValue false
   */
  readonly veto?: boolean | undefined;
  /** @defaultValue '24h', shortened so that the rollout is taken back before any cloud's own limit ends it */
  readonly timeout?: Duration | undefined;
}

/** A hook at its stage. */
export interface GivenHook {
  readonly stage: HookStage;
  readonly entry: HookEntry;
}

export type HookFacts = Pick<HookContext, 'blue' | 'green' | 'targetGroupArns' | 'greenPercent'>;

/** One hook as the plan places it. */
export interface PlannedHook {
  readonly stage: HookStage;
  readonly entry: HookEntry;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly holds: (context: StepContext) => boolean;
  readonly hold: Hold;
  readonly facts: (context: StepContext) => Promise<HookFacts>;
}

export const hookStepId = (stage: HookStage, name: string): string => `hook/${stage}/${name}`;

const DAY_MS = 24 * 3_600_000;
const CALL_BACK_MS = 30_000;
/** A hook that is only told must not keep us from watching what the clouds do meanwhile. */
const TOLD_MS = 30_000;
/** How often what is held is looked at while a hook thinks. */
const LOOK_EVERY_MS = 30_000;
/** For how long a hook is listened to before orders, limits and upkeep get their turn. */
const LISTEN_MS = 5_000;

type Said = { readonly result: HookResult } | { readonly threw: string } | { readonly silentForMs: number };
type Memo = { readonly details?: Json; readonly callAt?: number };
type Seen = { readonly held: HeldView; readonly said: Said | 'asks for more time' | 'thinks' };

/** Calls a hook until it has said yes or no. It is called again after a crash: at least once, with the same key. */
export function hookStep(hook: PlannedHook): WaitStep<Seen> {
  const { stage, entry, holds, hold, clock } = hook;
  const id = hookStepId(stage, entry.name);
  const ownMs =
    entry.timeout === undefined ? DAY_MS : parseDuration(entry.timeout, `hooks.${stage}.${entry.name}.timeout`);
  const within = (context: StepContext): number => (holds(context) ? ownMs : TOLD_MS);
  const until = (context: StepContext): number | undefined => (holds(context) ? hold.until(context) : undefined);
  const thinking = new Thinking<unknown>(clock);
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    type: 'wait',
    id,
    version: 1,
    stage,
    title: `ask the hook "${entry.name}" at ${stage}`,
    within,
    until,
    observe: async (context) => {
      const { details, callAt = 0 } = (context.state.steps.get(id)?.memo ?? {}) as Memo;
      const isAsked = thinking.isAsked(context.lasting);
      const now = context.now();
      let held = NOTHING_HELD;
      if (holds(context) && !(isAsked && now - lookedAt < LOOK_EVERY_MS)) {
        held = await hold.look(context);
        lookedAt = now;
      }
      if (held.failed !== undefined || (!isAsked && now < callAt)) return { held, said: 'asks for more time' };
      if (!isAsked) {
        const leftMs = within(context) - ownElapsedMs(context, id);
        const untilMs = (until(context) ?? Number.POSITIVE_INFINITY) - now;
        await ask(hook, context, details, { thinking, limitMs: Math.max(1, Math.min(leftMs, untilMs)) });
      }
      const heard = await thinking.listen(LISTEN_MS, context.signal);
      return { held, said: heard === undefined ? 'thinks' : saidOf(heard) };
    },
    judge: ({ held: { failed, pivot }, said }, look, context) => {
      if (failed !== undefined) return { failed, pivot };
      return { ...judge(hook, said, look, holds(context)), pivot };
    },
  };
}

/** Time in which nobody drives does not count. */
function ownElapsedMs(context: StepContext, id: string): number {
  const { state } = context;
  const step = state.steps.get(id);
  return step === undefined ? 0 : elapsedSince(clockOf(step), state, context.now());
}

async function ask(
  hook: PlannedHook,
  context: StepContext,
  details: Json | undefined,
  { thinking, limitMs }: { readonly thinking: Thinking<unknown>; readonly limitMs: number },
): Promise<void> {
  const { stage, entry, logger, holds, facts } = hook;
  const told = await facts(context);
  const key = `${context.rolloutId}/${stage}/${entry.name}`;
  thinking.ask(context.lasting, limitMs, (signal) =>
    entry.run({ key, rolloutId: context.rolloutId, stage, holds: holds(context), details, signal, logger, ...told }),
  );
}

function saidOf(heard: Heard<unknown>): Said {
  if ('threw' in heard) return { threw: wordsOf(heard.threw) };
  return 'said' in heard ? { result: understood(heard.said) } : heard;
}

function understood(result: unknown): HookResult {
  if (result === undefined || result === null) return { status: 'SUCCEEDED' };
  const { status } = result as Partial<HookResult>;
  if (status === 'SUCCEEDED' || status === 'FAILED' || status === 'IN_PROGRESS') return result as HookResult;
  return {
    status: 'FAILED',
    reason: `it answered ${JSON.stringify(result)?.slice(0, 200) ?? typeof result}, which is no hook result`,
  };
}

function judge(hook: PlannedHook, said: Seen['said'], { memo, at, last }: Look, holds: boolean): Verdict {
  const { stage, entry } = hook;
  const name = `the hook "${entry.name}" at ${stage}`;
  if (said === 'thinks' && !last) return { pending: `${name} has been asked`, memo, holding: true, lookAgainInMs: 0 };
  if (!holds) return { ready: { told: true, said: said as unknown } };
  if (typeof said === 'string') {
    const { callAt = at } = (memo ?? {}) as Memo;
    if (last) return { failed: expired(name) };
    const pending = `${name} asked for more time`;
    return { pending, memo, holding: true, lookAgainInMs: Math.max(0, callAt - at) };
  }
  if ('silentForMs' in said) return { failed: expired(name) };
  if ('threw' in said) return { failed: failed(name, said.threw) };
  const { result } = said;
  switch (result.status) {
    case 'SUCCEEDED':
      return { ready: { status: result.status } };
    case 'FAILED':
      return { failed: failed(name, result.reason ?? 'it gave no reason') };
    case 'IN_PROGRESS': {
      if (last) return { failed: expired(name) };
      const delayMs =
        result.callBackDelay === undefined ? CALL_BACK_MS : parseDuration(result.callBackDelay, 'callBackDelay');
      const next: Memo = { callAt: at + delayMs, ...(result.details === undefined ? {} : { details: result.details }) };
      return { pending: `${name} asked for more time`, memo: next, holding: true, lookAgainInMs: delayMs };
    }
  }
}

function failed(name: string, because: string): BlueGreenError {
  return new BlueGreenError('HOOK_FAILED', `${name} said no: ${because}`, { details: { hook: name, because } });
}

function expired(name: string): BlueGreenError {
  return new BlueGreenError('HOOK_EXPIRED', `${name} did not say yes in time`, { details: { hook: name } });
}
