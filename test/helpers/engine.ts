import { fingerprintOf } from '../../src/engine/fingerprint.js';
import type { JournalEntry, JournalFact } from '../../src/engine/journal.js';
import { JOURNAL_VERSION } from '../../src/engine/journal.js';
import type { Plan } from '../../src/engine/plan.js';
import { RolloutJournal } from '../../src/engine/rollout-journal.js';
import { foldJournal, type RolloutState } from '../../src/engine/rollout-state.js';
import type { EffectStep, ReadStep, Step, StepContext, WaitStep } from '../../src/engine/step.js';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import { CloudError, type CloudFailure } from '../../src/errors/cloud-error.js';
import type { Clock } from '../../src/ports/clock.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import { MemoryStore } from '../../src/stores/memory-store.js';

/** Time for one sleeper: it passes at once, and what was slept is noted. */
export class JumpClock implements Clock {
  readonly slept: number[] = [];

  constructor(private time = 1_000_000) {}

  now(): number {
    return this.time;
  }

  pass(ms: number): void {
    this.time += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.time += Math.max(0, ms);
    // Lets whoever else is there do its part, as a real sleep would.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    signal?.throwIfAborted();
  }
}

const basics = (id: string) => ({ id, version: 1, stage: 'SCALE_UP' as const, title: `do ${id}` });

export const readStep = (id: string, more: Partial<ReadStep> = {}): ReadStep => ({
  ...basics(id),
  type: 'read',
  read: async () => null,
  ...more,
});

export const effectStep = (id: string, more: Partial<EffectStep> = {}): EffectStep => ({
  ...basics(id),
  type: 'effect',
  run: async () => null,
  ...more,
});

export const waitStep = (id: string, more: Partial<WaitStep> = {}): WaitStep => ({
  ...basics(id),
  type: 'wait',
  observe: async () => null,
  judge: () => ({ ready: null }),
  within: () => 60_000,
  ...more,
});

export function planOf(steps: readonly Step[], more: Partial<Plan> = {}): Plan {
  return {
    kind: 'toy',
    spec: null,
    steps,
    targets: ['toy/1'],
    withinMs: 3_600_000,
    readAnchors: async () => {},
    observePivot: async () => undefined,
    verifyRestored: readStep('verify-restored'),
    takeStock: readStep('take-stock'),
    fleets: () => ({ strays: [], codeDeployDeploymentIds: [], lines: [] }),
    foresee: () => ({
      greenTags: {},
      holding: () => undefined,
      heldAtMostMs: () => undefined,
      sendings: () => [],
      permissions: {
        iam: { Version: '2012-10-17', Statement: [] },
        spot: { calls: [], policy: { statements: [] } },
      },
    }),
    findLeftovers: async () => [],
    ...more,
  };
}

export function startedFact(plan: Plan = planOf([])): JournalFact {
  const { kind, spec, targets } = plan;
  const fingerprint = fingerprintOf(plan);
  return { type: 'rollout-started', rolloutId: 'r', kind, spec, specDigest: 'd', fingerprint, targets, durable: false };
}

/** Facts as a journal holds them, a second apart unless they say when. */
export function entriesOf(facts: ReadonlyArray<JournalFact & { readonly at?: number }>): JournalEntry[] {
  return facts.map((fact, index) => ({ at: 1_000_000 + index * 1_000, ...fact, v: JOURNAL_VERSION }));
}

export function stateOf(plan: Plan, ...facts: ReadonlyArray<JournalFact & { readonly at?: number }>): RolloutState {
  return foldJournal(
    entriesOf([startedFact(plan), { type: 'driver-started', driver: 'd1', resumed: false }, ...facts]),
  );
}

export const startStep = (step: string, direction: 'forward' | 'undo' = 'forward'): JournalFact => ({
  type: 'step-started',
  step,
  direction,
  title: step,
  stage: 'SCALE_UP',
});

export const doneStep = (step: string, direction: 'forward' | 'undo' = 'forward', output: object | null = null) =>
  ({ type: 'step-done', step, direction, output: output as never }) satisfies JournalFact;

export const failStep = (step: string, direction: 'forward' | 'undo' = 'forward'): JournalFact => ({
  type: 'step-failed',
  step,
  direction,
  error: new BlueGreenError('RELEASE_FAILED', `${step} failed`).toJSON(),
});

export const intend = (
  key: string,
  more: { readonly driver?: string; readonly settleMs?: number; readonly listedAfterMs?: number } = {},
): JournalFact => ({
  type: 'operation-intended',
  step: 'toy',
  key,
  token: `token of ${key}`,
  call: `toy ${key}`,
  driver: 'd1',
  settleMs: 0,
  ...more,
});

export async function journalOf(
  clock: Clock,
  options: { readonly store?: RolloutStore; readonly facts?: readonly JournalFact[] } = {},
): Promise<RolloutJournal> {
  const journal = await RolloutJournal.open(options.store ?? new MemoryStore(), 'r', () => clock.now());
  for (const fact of options.facts ?? [startedFact(), { type: 'driver-started', driver: 'd1', resumed: false }])
    await journal.append(fact);
  return journal;
}

export const typesOf = (journal: RolloutJournal): string[] => journal.entries.map(({ type }) => type);

export function cloudError(failure: Partial<CloudFailure> = {}): CloudError {
  return new CloudError({
    service: 'codedeploy',
    operation: 'createDeployment',
    kind: 'no-answer',
    message: 'the connection broke',
    acted: 'unknown',
    ...failure,
  });
}

/** What a wait or a guard is given, without anything behind it. */
export function contextOf(
  journal: RolloutJournal,
  clock: Clock,
  more: Partial<Pick<StepContext, 'signal' | 'direction'>> = {},
): StepContext {
  return {
    rolloutId: 'r',
    direction: 'forward',
    signal: new AbortController().signal,
    lasting: new AbortController().signal,
    now: () => Math.max(clock.now(), journal.state.lastEntryAt),
    get state() {
      return journal.state;
    },
    output: () => undefined,
    effect: () => Promise.reject(new Error('not here')),
    warn: async () => {},
    ...more,
  };
}
