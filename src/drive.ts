import { BlueGreenError, type BlueGreenErrorJson } from './errors/blue-green-error.js';
import { fingerprintOf, incompatibility, type Fingerprint } from './engine/fingerprint.js';
import { Lease } from './engine/lease.js';
import type { Plan } from './engine/plan.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import { anchorContext } from './engine/driving.js';
import { runPlan } from './engine/run-plan.js';
import type { RolloutState } from './engine/rollout-state.js';
import { claimTargets } from './engine/claim-targets.js';
import { orderAbort } from './engine/order-abort.js';
import { lockTargets, unlockTargets } from './engine/target-locks.js';
import { canonicalJson, toJson } from './internal/json.js';
import type { ResolvedOptions } from './resolve-options.js';
import { wayBackOf } from './planned-mutations.js';
import { mustStillBeLatest, takeUpAgain } from './take-up-again.js';
import { takesTargetsItself } from './with-turn.js';

const CALL_TIMEOUT_MS = 30_000;

export interface DriveOptions {
  /** Hooks, checks and policies that may be missing at a resume. */
  readonly allowMissing?: readonly string[] | undefined;
  /** To abort: given once this process may drive, where going back is still possible. Nobody else's driving is ended by it. */
  readonly order?: { readonly by: string; readonly reason: string } | undefined;
  /** Whether a rollout that has failed is tried again. */
  readonly again?: boolean;
}

/**
 * Drives a rollout until it has ended or this process must stop; answers what stopped it. Never rejects: whatever happens
 * is told by the journal and by the answer.
 */
export async function drive(
  options: ResolvedOptions,
  plan: Plan,
  journal: RolloutJournal,
  stop: AbortController,
  how: DriveOptions = {},
): Promise<BlueGreenErrorJson | undefined> {
  let driver: string | undefined;
  try {
    driver = options.newId();
    await driveOnce(options, plan, journal, stop, driver, how);
    return undefined;
  } catch (error) {
    const because: unknown = stop.signal.aborted && !BlueGreenError.is(error) ? stop.signal.reason : error;
    const told = asOurs(because);
    if (driver !== undefined && journal.state.driver === driver && !journal.broken && told.code !== 'LEASE_LOST') {
      await journal.append({ type: 'driver-stopped', driver, because: told.message }).catch(() => {});
    }
    return told.toJSON();
  }
}

async function driveOnce(
  options: ResolvedOptions,
  plan: Plan,
  journal: RolloutJournal,
  stop: AbortController,
  driver: string,
  { allowMissing = [], order, again = false }: DriveOptions,
): Promise<void> {
  const { store, clock, random, timeout, polling, decider } = options;
  const { rolloutId } = journal;
  const hasFailed = (): boolean => again && journal.state.finished?.outcome === 'failed';
  if (journal.state.finished !== undefined && !hasFailed()) return letGo(options, plan, journal);
  const callTimeoutMs = longestCallMs(timeout, plan);
  const termMs = Math.max(60_000, 3 * callTimeoutMs);
  const lease = await Lease.acquire({ store, rolloutId, driver, clock, termMs, callTimeoutMs }, stop.signal);
  const keeping = new AbortController();
  const kept = lease.keep(keeping.signal).catch((error: unknown) => stop.abort(error));
  try {
    await journal.refresh();
    if (journal.state.finished !== undefined && !hasFailed()) return;
    const resumed = journal.entries.length > 1;
    const goesBack = order !== undefined && journal.state.pivot === undefined;
    const others = otherPlanOnResume(plan, journal.state, allowMissing, goesBack);
    await journal.append({ type: 'driver-started', driver, resumed, ...others });
    const environment = {
      plan,
      journal,
      driver,
      lease,
      clock,
      random,
      timeout,
      polling,
      decider,
      stop: stop.signal,
      formerSenderMs: lease.formerSenderMs,
    };
    if (resumed) await plan.readAnchors(anchorContext(environment));
    await mustStillBeLatest(store, journal);
    await lockOrRefuse(options, plan, journal, stop.signal);
    if (hasFailed()) await takeUpAgain(store, journal, plan.targets);
    // Only now: an order of a process that could not have driven would bind whoever can.
    if (goesBack) await orderAbort(journal, order);
    await runPlan(environment);
  } finally {
    keeping.abort();
    await kept;
    if (!journal.broken) await letGo(options, plan, journal, lease);
  }
}

/** The longest that any call which changes something may take: the lease must outlast it. */
function longestCallMs(timeout: ResolvedOptions['timeout'], plan: Plan): number {
  const calls = [...plan.steps, ...wayBackOf(plan)].flatMap((step) =>
    step.type === 'effect' ? (step.calls ?? []) : [],
  );
  const limits = ['any any', ...calls].map((call) => {
    const [service = 'any', operation = 'any'] = call.split(' ');
    return timeout({ scope: 'call', service, operation, derivedMs: CALL_TIMEOUT_MS });
  });
  return Math.max(...limits);
}

/** What is to be written when another version of the plan goes on; one that cannot go on may still go back. */
function otherPlanOnResume(
  plan: Plan,
  state: RolloutState,
  allowMissing: readonly string[],
  goesBack: boolean,
): { readonly fingerprint?: Fingerprint; readonly checks?: readonly string[]; readonly policies?: readonly string[] } {
  const incompatible = incompatibility(plan, state, allowMissing);
  if (incompatible !== undefined) {
    if (state.unwinding === undefined && state.abort === undefined && !goesBack) throw incompatible;
    return {};
  }
  const fingerprint = fingerprintOf(plan);
  const { checks = [], policies = [] } = plan;
  return {
    ...(isSame(fingerprint, state.fingerprint) ? {} : { fingerprint }),
    ...(isSame(checks, state.checks) ? {} : { checks }),
    ...(isSame(policies, state.policies) ? {} : { policies }),
  };
}

const isSame = (a: unknown, b: unknown): boolean => canonicalJson(toJson(a)) === canonicalJson(toJson(b));

/** Somebody else's rollout on the same target: nothing was touched, so this one ends here. */
async function lockOrRefuse(
  { store, clock }: ResolvedOptions,
  plan: Plan,
  journal: RolloutJournal,
  signal: AbortSignal,
): Promise<void> {
  const { rolloutId, state } = journal;
  const { targets } = plan;
  if (takesTargetsItself(plan, state)) return;
  if (state.steps.size > 0) return lockTargets(store, rolloutId, targets);
  try {
    await claimTargets({ store, clock, rolloutId, targets }, signal);
  } catch (error) {
    if (!BlueGreenError.is(error) || !REFUSED.has(error.code)) throw error;
    const lines = targets.map((subject) => ({ what: 'everything', subject, verdict: 'never-changed' as const }));
    await journal.append({ type: 'finished', outcome: 'refused', lines, error: error.toJSON() });
  }
}

const REFUSED: ReadonlySet<string> = new Set(['TARGET_BUSY', 'ROLLOUT_SUPERSEDED']);

/** A store that fails now costs the next driver a wait, never the rollout. */
async function letGo({ store }: ResolvedOptions, plan: Plan, journal: RolloutJournal, lease?: Lease): Promise<void> {
  try {
    if (journal.state.finished !== undefined) await unlockTargets(store, journal.rolloutId, plan.targets);
    await lease?.release();
  } catch {
    return;
  }
}

/** Whoever tells this process to stop says so with an error of ours: anything else is a fault of the library. */
function asOurs(error: unknown): BlueGreenError {
  if (BlueGreenError.is(error)) return error;
  return new BlueGreenError('INTERNAL', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
