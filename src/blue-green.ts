import { answerGate, type Approval } from './answer-gate.js';
import { openClouds, type OpenClouds } from './clouds.js';
import type { DriveOptions } from './drive.js';
import { firstEntry } from './engine/first-entry.js';
import { orderAbort, type AbortOrder } from './engine/order-abort.js';
import { isUnreadable, type RolloutJournal } from './engine/rollout-journal.js';
import { takeTicket } from './engine/turns.js';
import { BlueGreenError } from './errors/blue-green-error.js';
import { makeEvent } from './events/events.js';
import { digestOf } from './internal/digest.js';
import { toJson } from './internal/json.js';
import { makeRolloutPlan } from './make-rollout-plan.js';
import type { BlueGreenOptions, CallOptions, PlanOptions } from './options.js';
import { choosePlan } from './plans/choose-plan.js';
import { resolveOptions, type ResolvedOptions } from './resolve-options.js';
import { awaitAbortDecision, follow } from './follow.js';
import { heedSignal } from './heed-signal.js';
import { JournalledRollout, suspendAll, type Rollout } from './rollout.js';
import { statusOf, type RolloutResult, type RolloutStatus } from './rollout-result.js';
import type { RolloutPlan } from './rollout-plan.js';
import { OneByOne } from './one-by-one.js';
import { existingJournal, openJournal } from './open-journal.js';
import type { RolloutEngine } from './rollout-engine.js';
import { checkCallOptions, checkPlanOptions, checkRolloutId, checkSweepOptions, startRefusal } from './start-checks.js';
import { parseSpec, type RolloutSpec } from './specs/parse-spec.js';
import { mustBeLatest } from './must-be-latest.js';
import { sweep, type SweepGround } from './sweep.js';
import type { SweepOptions, SweepReport } from './sweep-report.js';
import type { CloudTrace } from './trace/cloud-trace.js';
import { readTrace } from './trace/read-trace.js';
import { driveTraced, traced, type TracedPlan } from './traced-plan.js';
import { withTurn } from './with-turn.js';

interface Running {
  readonly rollout: JournalledRollout;
  readonly stop: AbortController;
  readonly specDigest: string;
}

/** Who orders what a sweep takes back. */
const SWEPT = Object.freeze({ by: 'sweep', reason: 'nobody drove the rollout any more' });

/**
 * Releases new versions blue/green, and drives, watches and answers rollouts.
 *
 * @throws OPTIONS_INVALID
 * @example
 * ```ts
 * import { BlueGreen, FileStore, type ElastigroupSpec } from 'elastigroup-bluegreen';
 *
 * async function release(spec: ElastigroupSpec) {
 *   const blueGreen = new BlueGreen({ aws: { region: 'eu-west-1' }, store: new FileStore('.rollouts') });
 *   const result = await blueGreen.deploy(spec);
 *   console.log(result.outcome, result.green?.instanceIds);
 * }
 * console.log(release.name);
 * ```
 */
export class BlueGreen implements RolloutEngine {
  readonly #options: ResolvedOptions;
  readonly #running = new Map<string, Running>();
  readonly #opening = new OneByOne();
  readonly #watched = new Set<JournalledRollout>();
  #clouds: Promise<OpenClouds> | undefined;
  /** Ends what only looks. */
  #closing = new AbortController();

  constructor(options: BlueGreenOptions = {}) {
    this.#options = resolveOptions(options);
  }

  async deploy<S extends RolloutSpec>(
    spec: S,
    call: CallOptions = {},
  ): Promise<RolloutResult<S['kind']> & { outcome: 'succeeded' }> {
    const rollout = await this.start(spec, call);
    const result = await rollout.result();
    if (result.outcome === 'succeeded') return result as RolloutResult<S['kind']> & { outcome: 'succeeded' };
    const { code = 'SUSPENDED', message = 'the rollout was suspended', ...facts } = result.error ?? {};
    throw new BlueGreenError(code, `${result.outcome}: ${message}`, { ...facts, result });
  }

  async start<S extends RolloutSpec>(spec: S, call: CallOptions = {}): Promise<Rollout<S['kind']>> {
    const parsed = parseSpec(spec);
    checkCallOptions(call);
    const id = checkRolloutId(call.id ?? this.#options.newId());
    return this.#opening.do(id, () => this.#start(id, parsed, call));
  }

  async #start(id: string, parsed: RolloutSpec, call: CallOptions): Promise<JournalledRollout> {
    const specDigest = digestOf(toJson(parsed));
    const running = this.#running.get(id);
    if (running !== undefined) {
      if (running.specDigest !== specDigest) throw startRefusal(id);
      return this.#attach(running, call);
    }
    const plan = await this.#planOf(id, parsed);
    const journal = await openJournal(this.#options, id, call);
    if (journal.entries.length > 0) {
      if (journal.state.specDigest !== specDigest) throw startRefusal(id);
      return this.#drive(plan, journal, call);
    }
    const { store, clock, emit } = this.#options;
    if (!store.durable && this.#options.given.store === undefined) {
      const message = 'this rollout is kept in memory: there will be nothing to resume from';
      emit(makeEvent('store:choice:warned', clock.now(), message, { message }, id));
    }
    try {
      await journal.append(firstEntry(plan, { rolloutId: id, specDigest, durable: store.durable }));
    } catch (error) {
      // Another process started the same rollout in the same instant.
      if (BlueGreenError.is(error) && error.code === 'LEASE_LOST') return this.#start(id, parsed, call);
      throw error;
    }
    // Before anybody hears of it: of two rollouts the one that was started first is the earlier one.
    await takeTicket(store, { rolloutId: id, targets: plan.targets, whenBusy: plan.whenBusy ?? 'fail' });
    return this.#drive(plan, journal, call);
  }

  async resume(id: string, call: CallOptions = {}): Promise<Rollout> {
    checkCallOptions(call);
    return this.#opening.do(checkRolloutId(id), async () => {
      const running = this.#running.get(id);
      if (running !== undefined) return this.#attach(running, call);
      const journal = await existingJournal(this.#options, id, call);
      if (journal.state.finished?.outcome === 'failed') await mustBeLatest(this.#options.store, journal);
      return this.#drive(await this.#planOf(id, parseSpec(journal.state.spec)), journal, call, { again: true });
    });
  }

  async watch(id: string): Promise<Rollout> {
    const journal = await existingJournal(this.#options, id);
    const plan = await this.#planOf(id, parseSpec(journal.state.spec));
    const stop = new AbortController();
    const following = follow(journal, this.#options, stop.signal);
    const watched = new JournalledRollout(plan, journal, stop, following);
    this.#watched.add(watched);
    void following.then(() => this.#watched.delete(watched));
    return watched;
  }

  async plan<S extends RolloutSpec>(spec: S, call: PlanOptions = {}): Promise<RolloutPlan<S['kind']>> {
    const parsed = parseSpec(spec);
    checkPlanOptions(call);
    const id = checkRolloutId(call.id ?? this.#options.newId());
    return makeRolloutPlan(id, await this.#planOf(id, parsed), this.#options, this.#closing.signal);
  }

  async sweep(options: SweepOptions = {}): Promise<SweepReport> {
    checkSweepOptions(options);
    const { store, clock } = this.#options;
    const ground: SweepGround = {
      store,
      clock,
      planOf: ({ rolloutId, state }) => this.#planOf(rolloutId, parseSpec(state.spec)),
      signal: this.#closing.signal,
      drives: (id) => this.#running.has(id) || this.#opening.has(id),
      takeBack: (id) => this.#takeBack(id, SWEPT),
    };
    return sweep(ground, options.dryRun ?? true);
  }

  async status(id: string): Promise<RolloutStatus> {
    return statusOf((await existingJournal(this.#options, id)).state);
  }

  async trace(id: string): Promise<CloudTrace> {
    return readTrace(this.#options.store, (await existingJournal(this.#options, id)).state);
  }

  async list(): Promise<RolloutStatus[]> {
    const { store, clock, emit } = this.#options;
    const statuses: RolloutStatus[] = [];
    for (const id of await store.list()) {
      try {
        statuses.push(await this.status(id));
      } catch (error) {
        // Whoever asks for all of them gets the others.
        if (BlueGreenError.is(error) && error.code === 'ROLLOUT_UNKNOWN') continue;
        if (!isUnreadable(error)) throw error;
        const message = `rollout ${id} cannot be read: ${error.message}`;
        emit(makeEvent('store:journal:unreadable', clock.now(), message, { code: error.code, message }, id));
      }
    }
    return statuses.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  async approve(id: string, gate: string, answer: Approval): Promise<void> {
    await this.#answer(id, gate, 'approved', answer);
  }

  async reject(id: string, gate: string, answer: { readonly by: string; readonly reason: string }): Promise<void> {
    await this.#answer(id, gate, 'rejected', answer);
  }

  async abort(id: string, order: { readonly by: string; readonly reason: string }): Promise<'unwinding' | 'too-late'> {
    const running = this.#running.get(id);
    if (running !== undefined) return running.rollout.abort(order);
    const journal = await existingJournal(this.#options, id);
    await orderAbort(journal, order);
    return awaitAbortDecision(journal, this.#options, this.#closing.signal);
  }

  /** Stops driving every rollout of this instance, those being opened included; answers what is suspended by that. */
  async suspend(): Promise<readonly Rollout[]> {
    const suspended: Rollout[] = [];
    // One that is stopped may just have begun to drive another one back.
    do {
      await this.#opening.settled();
      suspended.push(...(await suspendAll([...this.#running.values()].map(({ rollout }) => rollout))));
    } while (this.#isAtWork);
    return suspended;
  }

  /** Stops driving every rollout of this instance and lets go of connections; the rollouts are suspended. */
  async close(): Promise<void> {
    this.#closing.abort(new BlueGreenError('SUSPENDED', 'closed while it looked'));
    this.#closing = new AbortController();
    do {
      await this.#opening.settled();
      const rollouts = [...[...this.#running.values()].map(({ rollout }) => rollout), ...this.#watched];
      await Promise.all(rollouts.map((rollout) => rollout[Symbol.asyncDispose]()));
    } while (this.#isAtWork);
    // What could not be opened has nothing to close.
    (await this.#clouds?.catch(() => undefined))?.close();
    this.#clouds = undefined;
    await this.#options.store.close?.();
  }

  get #isAtWork(): boolean {
    return this.#opening.busy || this.#running.size > 0;
  }

  async #planOf(id: string, spec: RolloutSpec): Promise<TracedPlan> {
    const open = await this.#openClouds();
    const { clouds, trace } = traced(id, spec, open, this.#options);
    const { hooks, checks, clock, log, store, timeout, policies } = this.#options;
    const chosen = choosePlan(id, spec, clouds, { hooks, checks, clock, logger: log.of(id) });
    const takeBack = (other: string, order: AbortOrder): Promise<RolloutResult> => this.#takeBack(other, order);
    const plan = withTurn(chosen, { store, clock, timeout, rolloutId: id, takeBack });
    const withinMs = timeout({ scope: 'rollout', kind: spec.kind, derivedMs: plan.withinMs });
    return { ...plan, withinMs, policies, trace };
  }

  #openClouds(): Promise<OpenClouds> {
    const opening = (this.#clouds ??= openClouds(this.#options));
    // What was missing then may be there the next time.
    opening.catch(() => (this.#clouds = this.#clouds === opening ? undefined : this.#clouds));
    return opening;
  }

  /** Aborts a rollout that nobody drives, and drives it to its end; forward where the pivot is passed. */
  async #takeBack(id: string, order: AbortOrder): Promise<RolloutResult> {
    const rollout = await this.#opening.do(id, async () => {
      const running = this.#running.get(id);
      if (running !== undefined) return running.rollout;
      const journal = await existingJournal(this.#options, id);
      return this.#drive(await this.#planOf(id, parseSpec(journal.state.spec)), journal, {}, { order });
    });
    return rollout.result();
  }

  async #drive(
    plan: TracedPlan,
    journal: RolloutJournal,
    call: CallOptions,
    how: Omit<DriveOptions, 'allowMissing'> = {},
  ): Promise<JournalledRollout> {
    const { rolloutId } = journal;
    await (await this.#clouds)?.warmUp();
    const stop = new AbortController();
    const running = driveTraced(this.#options, plan, journal, stop, { ...how, allowMissing: call.allowMissing });
    const rollout = new JournalledRollout(plan, journal, stop, running);
    const forgetSignal = heedSignal(rollout, stop, call, this.#options.store.durable);
    this.#running.set(rolloutId, { rollout, stop, specDigest: journal.state.specDigest });
    void running.then(() => {
      forgetSignal();
      this.#running.delete(rolloutId);
    });
    return rollout;
  }

  /** To one that this instance drives already. */
  #attach({ rollout, stop }: Running, call: CallOptions): JournalledRollout {
    const forgetSignal = heedSignal(rollout, stop, call, this.#options.store.durable);
    void rollout.result().then(forgetSignal, forgetSignal);
    return rollout;
  }

  async #answer(id: string, gate: string, answer: 'approved' | 'rejected', given: Approval): Promise<void> {
    const running = this.#running.get(id);
    if (running !== undefined) {
      if (answer === 'approved') return running.rollout.approve(gate, given);
      return running.rollout.reject(gate, { by: given.by, reason: given.reason ?? '' });
    }
    const journal = await existingJournal(this.#options, id);
    await answerGate(journal, await this.#planOf(id, parseSpec(journal.state.spec)), gate, answer, given);
  }
}
