import { BlueGreenError, MemoryStore, type BlueGreen, type RolloutResult } from '../../src/index.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import { SHOP } from '../../src/testing/shop.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { CrashStore } from '../helpers/crash-store.js';
import { watchInvariants, type Watch } from '../helpers/invariants.js';
import { at } from '../helpers/moments.js';
import { boundMs, MOST_REQUESTS_PER_LOOK } from './bounds.js';
import { type Wire, WIRES } from '../helpers/wires.js';
import { dieAtCall, driverOf, HangingStore } from './drivers.js';
import { writeDown, type Ending } from './ending.js';
import { judgeEnding } from './judge-ending.js';
import type { Story } from './story.js';
import { ALARM } from './write-faults.js';

export interface Told {
  readonly ending: Ending;
  /** What was broken, in words; empty is right. */
  readonly violations: readonly string[];
}

const MINUTE = 60_000;
const MOST_LIVES = 12;
/** Of real time: what has made no request and let no time pass for so long has stopped moving. */
const STALLED_AFTER_MS = 120_000;

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
  readonly #stores: CrashStore[] = [];
  readonly #orders: Array<Promise<unknown>> = [];
  /** Rollouts that somebody else drives, or tries to. */
  readonly #others: Array<Promise<RolloutResult | undefined>> = [];
  readonly #violations: string[] = [];
  readonly #startedAt: number;
  #stuck: string | undefined;
  #over = false;
  #life = 0;

  constructor(
    private readonly story: Story,
    private readonly wire: Wire,
  ) {
    this.#id = `chaos-${story.seed}`;
    this.#cloud = new SimulatedCloud({ ...story.cloud, clock: wire.clock(), seed: story.seed, faults: story.faults });
    this.#prepare();
    this.#watch = watchInvariants(this.#cloud);
    this.#startedAt = this.#cloud.clock.now();
    this.#setBounds();
  }

  async tell(): Promise<Told> {
    this.#giveOrders();
    let stalled: NodeJS.Timeout | undefined;
    const stall = new Promise<undefined>((resolve) => {
      let seen = '';
      stalled = setInterval(() => {
        const now = `${this.#cloud.clock.now()} ${this.#cloud.requests.length}`;
        if (now === seen) resolve(undefined);
        seen = now;
      }, STALLED_AFTER_MS);
    });
    const result = await Promise.race([this.#liveToTheEnd(), stall]);
    clearInterval(stalled);
    this.#over = true;
    if (result === undefined) this.#stop(this.#stuck ?? 'nothing moves any more');
    const ending = writeDown({
      story: this.story,
      id: this.#id,
      cloud: this.#cloud,
      watch: this.#watch,
      result,
      lives: this.#life,
      tookMs: this.#cloud.clock.now() - this.#startedAt,
    });
    const violations = [...this.#violations, ...(this.#stuck === undefined ? judgeEnding(ending) : [])];
    if (this.#stuck === undefined) {
      await Promise.all([...this.#orders, ...this.#others]);
      await this.close();
      if (this.#cloud.clock.pending() > 0) violations.push('something still sleeps after the end');
    }
    return { ending, violations: [...new Set([...this.#watch.violations, ...violations])] };
  }

  async close(): Promise<void> {
    for (const store of this.#stores) store.break();
    await Promise.all(this.#drivers.splice(0).map((driver) => driver.close()));
    await this.#cloud.close();
  }

  #prepare(): void {
    const { suspended, spec } = this.story;
    for (const { process, minutes } of suspended)
      this.#cloud.elastigroups.suspend(SHOP.elastigroupId, process, minutes);
    if (spec.alarms !== undefined && !this.#cloud.alarms.all().some(({ name }) => name === ALARM))
      this.#cloud.alarms.createAlarm({ name: ALARM });
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
    for (const store of this.#stores) store.break();
  }

  #giveOrders(): void {
    const outsider = this.#driver(this.#under, 'outsider');
    for (const order of this.story.orders) {
      const give = (): void => {
        if (this.#over) return;
        if (order.order === 'resume') this.#others.push(this.#resume(this.#driver(this.#store(), 'second')));
        else this.#orders.push(this.#quietly(outsider.abort(this.#id, { by: 'me', reason: 'changed my mind' })));
      };
      if ('moment' in order) at(this.#cloud, order.moment, give);
      else this.#cloud.clock.schedule(order.atMs, give);
    }
    if (this.story.answers.length > 0) this.#answerGates(outsider, new Set());
  }

  /** Somebody looks every minute at what is asked, and answers in their own time. */
  #answerGates(person: BlueGreen, seen: Set<string>): void {
    const { clock } = this.#cloud;
    const look = async (): Promise<void> => {
      const { openGates } = await person.status(this.#id);
      for (const { gate, answer, afterMs } of this.story.answers) {
        if (!openGates.includes(gate) || seen.has(gate) || answer === 'never') continue;
        seen.add(gate);
        clock.schedule(afterMs, () => {
          if (this.#over) return;
          const by = { by: 'Ada', reason: 'looked' };
          this.#orders.push(
            this.#quietly(answer === 'yes' ? person.approve(this.#id, gate, by) : person.reject(this.#id, gate, by)),
          );
        });
      }
    };
    const again = (): void => {
      if (this.#over) return;
      this.#orders.push(this.#quietly(look()));
      clock.schedule(MINUTE, again);
    };
    clock.schedule(MINUTE, again);
  }

  /** One life after the other; undefined where no life comes to an end of the rollout. */
  async #liveToTheEnd(): Promise<RolloutResult | undefined> {
    while (this.#life < MOST_LIVES && this.#stuck === undefined) {
      const result = await this.#live();
      if (result !== undefined && result.outcome !== 'suspended') return result;
      const others = await Promise.all(this.#others);
      const ended = others.find((other) => other !== undefined && other.outcome !== 'suspended');
      if (ended !== undefined) return ended;
    }
    if (this.#stuck === undefined) this.#stop(`after ${MOST_LIVES} lives it has not ended`);
    return undefined;
  }

  async #live(): Promise<RolloutResult | undefined> {
    const end = this.story.lives[this.#life];
    this.#life += 1;
    const { clock } = this.#cloud;
    let store = this.#store();
    let restoreWire = (): void => {};
    switch (end?.end) {
      case undefined:
      case 'let-go':
        break;
      case 'crash':
        if (end.at === 'write')
          store = this.#store((n, when) => {
            if (n === end.nth && when === end.when) store.break();
          });
        else restoreWire = dieAtCall(this.#cloud, end.nth, end.when, () => store.break());
        break;
      case 'cut-off': {
        const hang = async (): Promise<void> => {
          this.#others.push(
            clock.sleep(end.thenMs).then(() => this.#resume(this.#driver(this.#store(), `other-${this.#life}`))),
          );
          await clock.sleep(end.forMs);
        };
        store = this.#store(undefined, new HangingStore(this.#under, end.nth, hang));
        break;
      }
    }
    const driver = this.#driver(store, `life-${this.#life}`);
    const { id } = { id: this.#id };
    const begin = async () =>
      (await this.#under.list()).includes(id)
        ? driver.resume(id)
        : driver.start(this.#cloud.spec(this.story.spec) as ElastigroupSpec, { id });
    const letGo = new AbortController();
    try {
      const rollout = await begin();
      if (end?.end === 'let-go')
        clock.schedule(end.afterMs, () => {
          if (!letGo.signal.aborted) this.#orders.push(rollout[Symbol.asyncDispose]());
        });
      return await rollout.result().then((result) => {
        if (result.outcome === 'suspended' && end === undefined && this.#others.length === 0 && this.#life > 3)
          this.#noteStop(result);
        return result;
      });
    } catch (error) {
      if (!BlueGreenError.is(error)) throw error;
      return undefined;
    } finally {
      letGo.abort();
      restoreWire();
      if (end !== undefined) await clock.sleep(end.end === 'cut-off' ? 0 : end.forMs);
      else if (!this.#over) await clock.sleep(MINUTE);
    }
  }

  /** Why the last processes gave up, should none come to the end. */
  #noteStop({ error }: RolloutResult): void {
    if (this.#life === MOST_LIVES) this.#violations.push(`it stops again and again: ${error?.code}: ${error?.message}`);
  }

  async #resume(driver: BlueGreen): Promise<RolloutResult | undefined> {
    try {
      return await (await driver.resume(this.#id)).result();
    } catch (error) {
      if (BlueGreenError.is(error)) return undefined;
      throw error;
    }
  }

  #store(
    onWrite?: (n: number, when: 'before' | 'after') => void,
    under: ConstructorParameters<typeof CrashStore>[0] = this.#under,
  ): CrashStore {
    const store = new CrashStore(under, onWrite);
    this.#stores.push(store);
    return store;
  }

  #driver(store: ConstructorParameters<typeof CrashStore>[0], process: string): BlueGreen {
    const driver = driverOf(this.story, this.wire, this.#cloud, store, process);
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
