import { BlueGreenError } from '../errors/blue-green-error.js';
import type { Clock } from '../ports/clock.js';
import type { RolloutStore } from '../ports/rollout-store.js';
import { otherHolder, targetBusy, type Holder } from './busy-target.js';
import { MakeWay, type TakeBack } from './make-way.js';
import { isOver, RivalWatch, type Rival } from './rival-watch.js';
import type { WaitStep } from './step.js';
import { laterWork, superseded } from './superseded.js';
import { holdsTargets, lockTargets, unlockTargets } from './target-locks.js';
import { rivalsOf, takeTicket, type Ticket, type WhenBusy } from './turns.js';

export const AWAIT_TURN = 'await-turn';
export const AWAIT_TURN_MS = 4 * 3_600_000;

export interface TurnGround {
  readonly store: RolloutStore;
  readonly clock: Clock;
  readonly rolloutId: string;
  readonly targets: readonly string[];
  readonly whenBusy: Exclude<WhenBusy, 'fail'>;
  readonly takeBack: TakeBack;
}

/** What one look told of those that want, or hold, the same targets. */
type Seen = {
  readonly order: number;
  /** The targets are this rollout's from now on. */
  readonly taken?: true;
  readonly superseded?: BlueGreenError;
  readonly holder?: Holder;
  /** What is going on before it can be this rollout's turn. */
  readonly because?: string;
  /** Rollouts that go first. */
  readonly ahead?: readonly string[];
};

type Contender = Ticket & Rival;

/**
 * Waits until the targets are this rollout's, and takes them. Until then it holds nothing that anybody else could need, and
 * has touched nothing.
 */
export function awaitTurn(ground: TurnGround): WaitStep<Seen> {
  const { store, clock, rolloutId, targets, whenBusy } = ground;
  const watch = new RivalWatch(store, clock);
  const makeWay = new MakeWay(rolloutId, clock, ground.takeBack);
  return {
    type: 'wait',
    id: AWAIT_TURN,
    version: 1,
    stage: 'RECONCILE_SERVICE',
    title: 'wait for its turn',
    within: () => AWAIT_TURN_MS,
    observe: async (): Promise<Seen> => {
      const mine = await takeTicket(store, { rolloutId, targets, whenBusy });
      const { order } = mine;
      const contenders: Contender[] = [];
      for (const rival of await rivalsOf(store, mine))
        contenders.push({ ...rival, ...(await watch.look(rival.rolloutId)) });
      const over = await overtaken(ground, watch, mine, contenders);
      if (over !== undefined) return { order, ...over };
      const holder = await otherHolder(store, rolloutId, targets);
      if (holder !== undefined) {
        const because = await aboutHolder(
          ground,
          holder.heldBy,
          await watch.look(holder.heldBy),
          makeWay,
          contenders,
          order,
        );
        return { order, holder, because, ahead: aheadOf(ground, contenders, order, holder.heldBy) };
      }
      // A process that died right after it had taken them: nobody goes first any more.
      const ahead = (await holdsTargets(store, rolloutId, targets)) ? [] : aheadOf(ground, contenders, order);
      if (ahead.length > 0) return { order, ahead, because: `waits for rollout ${ahead[0]}, which came first` };
      return { order, ...(await take(ground, watch, mine)) };
    },
    judge: (seen, look) => {
      const { order, taken, holder, because = 'waits', ahead = [] } = seen;
      if (seen.superseded !== undefined) return { failed: seen.superseded };
      if (taken) return { ready: { order } };
      if (look.last) return { failed: givenUp(seen, look.at, look.elapsedMs) };
      const facts = { order, heldBy: holder?.heldBy ?? null, target: holder?.target ?? null, ahead: [...ahead] };
      const more = ahead.length > 1 ? ` (${ahead.length} go first)` : '';
      return { pending: `${because}${more}`, facts };
    },
  };
}

/** A later rollout that has worked here, or that takes the place of every earlier one. */
async function overtaken(
  { store, rolloutId }: TurnGround,
  watch: RivalWatch,
  mine: Ticket,
  contenders: readonly Contender[],
): Promise<Pick<Seen, 'superseded' | 'because'> | undefined> {
  const worked = await laterWork(store, watch, mine);
  if (worked !== undefined) return { superseded: superseded(rolloutId, worked, 'has worked') };
  const takers = contenders.filter((each) => each.order > mine.order && each.whenBusy === 'supersede' && !isOver(each));
  const alive = takers.find(({ driven }) => driven === 'somebody');
  if (alive !== undefined) return { superseded: superseded(rolloutId, alive.rolloutId, 'takes its place') };
  const open = takers.find(({ driven }) => driven === 'perhaps');
  // Dead, it could take nobody's place.
  return (
    open && { because: `rollout ${open.rolloutId}, which was started later, supersedes it if anybody drives that one` }
  );
}

async function aboutHolder(
  { whenBusy }: TurnGround,
  rolloutId: string,
  { journal, driven }: Rival,
  makeWay: MakeWay,
  contenders: readonly Contender[],
  order: number,
): Promise<string> {
  if (journal?.entries.length === 0)
    return `the store has lost the journal of rollout ${rolloutId}, which holds a target: a sweep frees it`;
  // One without a ticket was started before there were any.
  const isEarlier = (contenders.find((each) => each.rolloutId === rolloutId)?.order ?? 0) < order;
  if (whenBusy === 'supersede' && isEarlier)
    return journal === undefined
      ? `rollout ${rolloutId} was written by another version, and cannot be stopped from here`
      : `rollout ${rolloutId} ${await makeWay.ask(journal, driven)}`;
  const nobody = driven === 'nobody' ? ', which nobody drives: resume it, or sweep' : '';
  return `waits for rollout ${rolloutId}${nobody}`;
}

/** Earlier rollouts that somebody drives, or may drive; whoever supersedes waits for none but the holder. */
function aheadOf(
  { whenBusy }: TurnGround,
  contenders: readonly Contender[],
  order: number,
  holder?: string,
): readonly string[] {
  const first = contenders.filter(
    (each) =>
      each.rolloutId === holder ||
      (whenBusy === 'wait' && each.order < order && each.driven !== 'nobody' && !isOver(each)),
  );
  return first.map(({ rolloutId }) => rolloutId);
}

async function take(
  { store, rolloutId, targets }: TurnGround,
  watch: RivalWatch,
  mine: Ticket,
): Promise<Pick<Seen, 'taken' | 'superseded' | 'because'>> {
  try {
    await lockTargets(store, rolloutId, targets);
  } catch (error) {
    if (!BlueGreenError.is(error) || error.code !== 'TARGET_BUSY') throw error;
    return { because: 'another rollout was quicker' };
  }
  // Nobody else can begin any more; one that has begun and ended since the look before is seen now.
  const by = await laterWork(store, watch, mine);
  if (by === undefined) return { taken: true };
  await unlockTargets(store, rolloutId, targets);
  return { superseded: superseded(rolloutId, by, 'has worked') };
}

function givenUp({ holder, because = '', ahead = [] }: Seen, now: number, waitedMs: number): BlueGreenError {
  if (holder !== undefined) return targetBusy(holder, now, waitedMs);
  return new BlueGreenError('TARGET_BUSY', `its turn did not come: ${because}`, { details: { ahead, waitedMs } });
}
