import { BlueGreenError, MemoryStore, type BlueGreen, type RolloutResult } from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { CrashStore } from '../helpers/crash-store.js';
import { watchInvariants, type Watch } from '../helpers/invariants.js';
import { at } from '../helpers/moments.js';
import { boundMs, MOST_REQUESTS_PER_LOOK } from './bounds.js';
import { type Wire, WIRES } from '../helpers/wires.js';
import { join, startByHand } from './company.js';
import type { Clock } from '../../src/ports/clock.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import { driverOf, type DriverOptions, JumpingClock } from './drivers.js';
import { afterCall } from './after-call.js';
import { writeDown, type Ending } from './ending.js';
import { watchForStall } from './stall.js';
import { answerGates } from './answer-gates.js';
import { judgeEnding } from './judge-ending.js';
import { befall } from './mishaps.js';
import { prepareCloud } from './prepare-cloud.js';
import { LaggingStore } from './lagging-store.js';
import { beginLife } from './lives.js';
import { startRival } from './rival.js';
import { specOf, type Story } from './story.js';
import { limitsOf } from './write-policies.js';

export interface Told {
  readonly ending: Ending;
  /** What was broken, in words; empty is right. */
  readonly violations: readonly string[];
}

const MINUTE = 60_000;
const MOST_LIVES = 12;

/** Plays a story to its end, and judges it. */
export async function tellStory(story: Story, wire: keyof typeof WIRES = 'full'): Promise<Told> {
  const teller = new Teller(story, WIRES[wire]);
  try {
    return await teller.tell();
  } finally {
    await teller.close();
  }
}

class Teller {
  readonly #cloud: SimulatedCloud;
  readonly #under = new MemoryStore();
  readonly #id: string;
  readonly #watch: Watch;
  readonly #drivers: BlueGreen[] = [];
  readonly #crashable: CrashStore[] = [];
  readonly #orders: Array<Promise<unknown>> = [];
  /** Rollouts that somebody else drives, or tries to. */
  readonly #others: Array<Promise<RolloutResult | undefined>> = [];
  readonly #rivals: Array<Promise<void>> = [];
  readonly #violations: string[] = [];
  readonly #startedAt: number;
  #stuck: string | undefined;
  #stores = 0;
  #over = false;
  #nothingLeft = false;
  #life = 0;

  constructor(
    private readonly story: Story,
    private readonly wire: Wire,
  ) {
    this.#id = `chaos-${story.seed}`;
    this.#cloud = new SimulatedCloud({ ...story.cloud, clock: wire.clock(), seed: story.seed, faults: story.faults });
    prepareCloud(this.#cloud, story);
    this.#watch = watchInvariants(this.#cloud);
    startByHand(this.#cloud, story);
    join(this.#cloud, story, () => this.#over);
    befall(this.#cloud, story);
    this.#startedAt = this.#cloud.clock.now();
    this.#setBounds();
  }

  async tell(): Promise<Told> {
    this.#giveOrders();
    const stall = watchForStall(this.#cloud);
    const result = await Promise.race([this.#liveToTheEnd(), stall.stalled]);
    stall.end();
    this.#over = true;
    if (result === undefined && !this.#nothingLeft) this.#stop(this.#stuck ?? 'nothing moves any more');
    const ending = writeDown({
      story: this.story,
      id: this.#id,
      cloud: this.#cloud,
      watch: this.#watch,
      result,
      lives: this.#life,
      tookMs: this.#cloud.clock.now() - this.#startedAt,
    });
    const violations = this.#stuck === undefined ? judgeEnding(ending) : [];
    if (this.#stuck === undefined) {
      await Promise.all([...this.#orders, ...this.#others]);
      await this.close();
      await Promise.all(this.#rivals);
      if (this.#cloud.clock.pending() > 0) violations.push('something still sleeps after the end');
    }
    return { ending, violations: [...new Set([...this.#watch.violations, ...this.#violations, ...violations])] };
  }

  async close(): Promise<void> {
    for (const store of this.#crashable) store.break();
    await Promise.all(this.#drivers.splice(0).map((driver) => driver.close()));
    await this.#cloud.close();
  }

  #setBounds(): void {
    const { clock, requests } = this.#cloud;
    const withinMs = boundMs(this.story);
    clock.schedule(withinMs, () => {
      if (!this.#over) this.#stop(`it has not ended after ${withinMs / MINUTE} minutes`);
    });
    const push = requests.push.bind(requests);
    requests.push = (...arrived) => {
      const looks = 200 + (clock.now() - this.#startedAt) / 5_000;
      if (requests.length > looks * MOST_REQUESTS_PER_LOOK && this.#stuck === undefined)
        this.#stop(`${requests.length} requests within ${Math.round((clock.now() - this.#startedAt) / 1_000)} s`);
      return push(...arrived);
    };
  }

  #stop(because: string): void {
    this.#stuck = because;
    this.#violations.push(because);
    for (const store of this.#crashable) store.break();
  }

  #giveOrders(): void {
    const outsider = this.#driver(this.#under, 'outsider');
    for (const order of this.story.orders) {
      const give = (): void => {
        if (this.#over) return;
        if (order.order === 'resume') this.#others.push(this.#resume(this.#driver(this.#store(), 'second')));
        else this.#orders.push(this.#quietly(outsider.abort(this.#id, { by: 'me', reason: 'changed my mind' })));
      };
      if ('afterCall' in order) afterCall(this.#cloud, order, give);
      else if ('moment' in order) at(this.#cloud, order.moment, give);
      else this.#cloud.clock.schedule(order.atMs, give);
    }
    const rival = this.story.company?.rivalRollout;
    if (rival?.atMs === 0) this.#rivals.push(this.#startRival());
    else if (rival !== undefined)
      this.#cloud.clock.schedule(rival.atMs, () => {
        if (!this.#over) this.#rivals.push(this.#startRival());
      });
    if (this.story.answers.length > 0)
      answerGates(this.#cloud, outsider, {
        rolloutId: this.#id,
        answers: this.story.answers,
        isOver: () => this.#over,
        quietly: (order) => this.#orders.push(this.#quietly(order)),
      });
  }

  #startRival(): Promise<void> {
    return startRival({
      story: this.story,
      id: this.#id,
      cloud: this.#cloud,
      watch: this.#watch,
      driver: (options) => this.#driver(this.#far(this.#under), 'rival', options),
      broke: (what) => this.#violations.push(what),
    });
  }

  /** One life after the other; undefined where no life comes to an end of the rollout. */
  async #liveToTheEnd(): Promise<RolloutResult | undefined> {
    while (this.#life < MOST_LIVES && this.#stuck === undefined) {
      const result = await this.#live();
      if (result !== undefined && result.outcome !== 'suspended') return result;
      if (result?.error?.code === 'ALREADY_DRIVEN' && this.#rivals.length > 0) this.#life -= 1;
      const others = [...(await Promise.all(this.#others)), await this.#endedByRival()];
      const ended = others.find((other) => other !== undefined && other.outcome !== 'suspended');
      if (ended !== undefined) return ended;
    }
    if (this.#stuck === undefined && !this.#nothingLeft) this.#stop(`after ${MOST_LIVES} lives it has not ended`);
    return undefined;
  }

  /** Another rollout may have taken this one back, and this one's processes came too late to hear of it. */
  async #endedByRival(): Promise<RolloutResult | undefined> {
    if (this.#rivals.length === 0 || !(await this.#under.list()).includes(this.#id)) return undefined;
    const reader = this.#driver(this.#under, 'reader');
    const { finishedAt } = await reader.status(this.#id);
    return finishedAt === undefined ? undefined : (await reader.watch(this.#id)).result();
  }

  #clockOfLives(): Clock {
    const { clock } = this.#cloud;
    const { clockJump: jump } = this.story;
    if (jump === undefined) return clock;
    return new JumpingClock(clock, { at: this.#startedAt + jump.atMs, byMs: jump.byMs });
  }

  async #live(): Promise<RolloutResult | undefined> {
    const end = this.story.lives[this.#life];
    this.#life += 1;
    const { clock } = this.#cloud;
    const life = beginLife(end, {
      cloud: this.#cloud,
      under: this.#under,
      clock: this.#clockOfLives(),
      store: (...given) => this.#store(...given),
      takeOver: (afterMs) => {
        const take = () => this.#resume(this.#driver(this.#store(), `other-${this.#life}`));
        this.#others.push(clock.sleep(afterMs).then(take));
      },
    });
    const driver = this.#driver(life.store, `life-${this.#life}`, {
      clock: life.clock,
      ...limitsOf(this.story.timeLimits, this.#life),
    });
    const id = this.#id;
    const begin = async () =>
      (await this.#under.list()).includes(id)
        ? driver.resume(id)
        : driver.start(specOf(this.story, this.#cloud), { id });
    const letGo = new AbortController();
    let goesOn = true;
    try {
      const rollout = await begin();
      if (end?.end === 'let-go')
        clock.schedule(end.afterMs, () => {
          if (!letGo.signal.aborted) this.#orders.push(rollout[Symbol.asyncDispose]());
        });
      return await rollout.result().then((result) => {
        if (result.outcome === 'suspended') this.#noteStop(result);
        goesOn = result.outcome === 'suspended';
        return result;
      });
    } catch (error) {
      if (!BlueGreenError.is(error)) throw error;
      return undefined;
    } finally {
      letGo.abort();
      life.restoreWire();
      // Nobody has to come back to what has ended, and what the cloud does after that is judged by itself.
      if (goesOn && end !== undefined) await clock.sleep(end.end === 'cut-off' || end.end === 'frozen' ? 0 : end.forMs);
      else if (goesOn && !this.#over) await clock.sleep(MINUTE);
    }
  }

  /** Why the last processes gave up, should none come to the end. */
  #noteStop({ error }: RolloutResult): void {
    if (this.#life < MOST_LIVES) return;
    // Nothing runs any more in the Elastigroup: there is nothing that could tell the right place from a wrong one.
    const { instances } = this.#cloud.snapshot();
    this.#nothingLeft = error?.code === 'ANCHOR_UNREADABLE' && instances.every(({ state }) => state === 'terminated');
    if (!this.#nothingLeft) this.#violations.push(`it stops again and again: ${error?.code}: ${error?.message}`);
  }

  async #resume(driver: BlueGreen): Promise<RolloutResult | undefined> {
    try {
      return await (await driver.resume(this.#id)).result();
    } catch (error) {
      if (BlueGreenError.is(error)) return undefined;
      throw error;
    }
  }

  #store(onWrite?: (n: number, when: 'before' | 'after') => void, under: RolloutStore = this.#under): CrashStore {
    const store = new CrashStore(this.#far(under), onWrite);
    this.#crashable.push(store);
    return store;
  }

  #far(store: RolloutStore): RolloutStore {
    const { storeLagMs: mostMs, seed } = this.story;
    if (mostMs === undefined) return store;
    return new LaggingStore(store, this.#cloud.clock, { mostMs, seed: seed + (this.#stores += 1) });
  }

  #driver(store: RolloutStore, process: string, options?: DriverOptions): BlueGreen {
    const driver = driverOf(this.story, this.wire, this.#cloud, store, process, options);
    this.#drivers.push(driver);
    return driver;
  }

  async #quietly(order: Promise<unknown>): Promise<void> {
    try {
      await order;
    } catch (error) {
      if (!BlueGreenError.is(error)) throw error;
    }
  }
}
