import { openClouds, type OpenClouds } from './clouds.js';
import { drive } from './drive.js';
import { fingerprintOf, type Plan } from './engine/plan.js';
import { RolloutJournal } from './engine/rollout-journal.js';
import { eventOf } from './engine/journal-events.js';
import { BlueGreenError, type BlueGreenErrorJson } from './errors/blue-green-error.js';
import { makeEvent } from './events/events.js';
import { digestOf } from './internal/digest.js';
import { toJson } from './internal/json.js';
import type { BlueGreenOptions, CallOptions } from './options.js';
import { choosePlan } from './plans/choose-plan.js';
import { guarded, resolveOptions, type ResolvedOptions } from './resolve-options.js';
import { abortDecision, answerGate, JournalledRollout, orderAbort, type Rollout } from './rollout.js';
import { statusOf, type RolloutResult, type RolloutStatus } from './rollout-result.js';
import type { RolloutEngine } from './rollout-engine.js';
import { checkRolloutId, startRefusal } from './start-checks.js';
import { parseSpec, type RolloutSpec } from './specs/parse-spec.js';

const LOOK_EVERY_MS = 2_000;

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
  readonly #running = new Map<string, { readonly rollout: JournalledRollout; readonly specDigest: string }>();
  #clouds: Promise<OpenClouds> | undefined;

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
    const id = checkRolloutId(call.id ?? this.#options.newId());
    const specDigest = digestOf(toJson(parsed));
    const running = this.#running.get(id);
    if (running !== undefined) {
      if (running.specDigest !== specDigest) throw startRefusal(id);
      return running.rollout;
    }
    const plan = await this.#planOf(id, parsed);
    const journal = await this.#open(id, call);
    if (journal.entries.length > 0) {
      if (journal.state.specDigest !== specDigest) throw startRefusal(id);
      return this.#drive(plan, journal, call);
    }
    const { kind, spec: json, targets } = plan;
    const { store, clock, emit } = this.#options;
    if (!store.durable && this.#options.given.store === undefined) {
      const message = 'this rollout is kept in memory: there will be nothing to resume from';
      emit(makeEvent('store:choice:warned', clock.now(), message, { message }, id));
    }
    await journal.append({
      type: 'rollout-started',
      rolloutId: id,
      kind,
      spec: json,
      specDigest,
      fingerprint: fingerprintOf(plan),
      targets,
      durable: store.durable,
    });
    return this.#drive(plan, journal, call);
  }

  async resume(id: string, call: CallOptions = {}): Promise<Rollout> {
    const running = this.#running.get(checkRolloutId(id));
    if (running !== undefined) return running.rollout;
    const journal = await this.#existing(id, call);
    return this.#drive(await this.#planOf(id, parseSpec(journal.state.spec)), journal, call);
  }

  async watch(id: string): Promise<Rollout> {
    const journal = await this.#existing(id, {});
    const stop = new AbortController();
    return new JournalledRollout(
      await this.#planOf(id, parseSpec(journal.state.spec)),
      journal,
      stop,
      this.#follow(journal, stop.signal),
    );
  }

  async status(id: string): Promise<RolloutStatus> {
    return statusOf((await this.#existing(id, {})).state);
  }

  async list(): Promise<RolloutStatus[]> {
    const ids = await this.#options.store.list();
    const statuses: RolloutStatus[] = [];
    for (const id of ids) statuses.push(await this.status(id));
    return statuses.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  async approve(id: string, gate: string, answer: { readonly by: string; readonly reason?: string }): Promise<void> {
    await this.#answer(id, gate, 'approved', answer);
  }

  async reject(id: string, gate: string, answer: { readonly by: string; readonly reason: string }): Promise<void> {
    await this.#answer(id, gate, 'rejected', answer);
  }

  async abort(id: string, order: { readonly by: string; readonly reason: string }): Promise<'unwinding' | 'too-late'> {
    const running = this.#running.get(id);
    if (running !== undefined) return running.rollout.abort(order);
    const journal = await this.#existing(id, {});
    await orderAbort(journal, order);
    for (;;) {
      const decided = abortDecision(journal);
      if (decided !== undefined) return decided;
      // Nobody drives it: the order stands in the journal, and whoever resumes obeys it if that is still possible.
      if (journal.state.driver === undefined) return journal.state.pivot === undefined ? 'unwinding' : 'too-late';
      await this.#options.clock.sleep(LOOK_EVERY_MS);
      await journal.refresh();
    }
  }

  /** Stops driving every rollout of this instance and lets go of connections; the rollouts are suspended. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ rollout }) => rollout[Symbol.asyncDispose]()));
    (await this.#clouds)?.close();
    this.#clouds = undefined;
    await this.#options.store.close?.();
  }

  async #planOf(id: string, spec: RolloutSpec): Promise<Plan> {
    const clouds = await (this.#clouds ??= openClouds(this.#options));
    const plan = choosePlan(id, spec, clouds);
    const withinMs = this.#options.timeout({ scope: 'rollout', kind: spec.kind, derivedMs: plan.withinMs });
    return { ...plan, withinMs };
  }

  async #open(id: string, call: CallOptions): Promise<RolloutJournal> {
    const { store, clock, emit, given } = this.#options;
    return RolloutJournal.open(
      store,
      id,
      () => clock.now(),
      (entry) => {
        const event = eventOf(id, entry);
        emit(event);
        guarded(call.onEvent, event, given.logger);
      },
    );
  }

  async #existing(id: string, call: CallOptions): Promise<RolloutJournal> {
    const journal = await this.#open(checkRolloutId(id), call);
    if (journal.entries.length === 0) throw new BlueGreenError('ROLLOUT_UNKNOWN', `the store has no rollout ${id}`);
    return journal;
  }

  #drive(plan: Plan, journal: RolloutJournal, call: CallOptions): JournalledRollout {
    const { rolloutId } = journal;
    const stop = new AbortController();
    const running = drive(this.#options, plan, journal, stop);
    const rollout = new JournalledRollout(plan, journal, stop, running);
    const forgetSignal = this.#heedSignal(rollout, stop, call);
    this.#running.set(rolloutId, { rollout, specDigest: journal.state.specDigest });
    void running.then(() => {
      forgetSignal();
      this.#running.delete(rolloutId);
    });
    return rollout;
  }

  /** What the caller's signal means; answers how to stop listening to it. */
  #heedSignal(rollout: JournalledRollout, stop: AbortController, { signal, onSignal }: CallOptions): () => void {
    if (signal === undefined) return () => {};
    const means = onSignal ?? (this.#options.store.durable ? 'suspend' : 'abort');
    const heed = (): void => {
      const reason = signal.reason instanceof Error ? signal.reason.message : 'the signal was aborted';
      if (means === 'suspend') stop.abort(new BlueGreenError('SUSPENDED', reason));
      // What becomes of the order is told by the rollout's result.
      else void rollout.abort({ by: 'signal', reason }).catch(() => {});
    };
    if (signal.aborted) heed();
    else signal.addEventListener('abort', heed, { once: true });
    return () => signal.removeEventListener('abort', heed);
  }

  /** Looks at a journal that another process writes, until it ends or nobody drives it. */
  async #follow(journal: RolloutJournal, stop: AbortSignal): Promise<BlueGreenErrorJson | undefined> {
    try {
      while (journal.state.finished === undefined && journal.state.driver !== undefined) {
        await this.#options.clock.sleep(LOOK_EVERY_MS, stop);
        await journal.refresh();
      }
      return undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return (BlueGreenError.is(error) ? error : new BlueGreenError('SUSPENDED', message)).toJSON();
    }
  }

  async #answer(
    id: string,
    gate: string,
    answer: 'approved' | 'rejected',
    given: { by: string; reason?: string },
  ): Promise<void> {
    const running = this.#running.get(id);
    if (running !== undefined) {
      if (answer === 'approved') return running.rollout.approve(gate, given);
      return running.rollout.reject(gate, { by: given.by, reason: given.reason ?? '' });
    }
    const journal = await this.#existing(id, {});
    await answerGate(journal, await this.#planOf(id, parseSpec(journal.state.spec)), gate, answer, given);
  }
}
