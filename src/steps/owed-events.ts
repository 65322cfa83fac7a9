import type { Json } from '../internal/json.js';

/** An event that the agent of an instance owes. */
export interface OwedEvent {
  readonly event: string;
  /** Instances that had been through by then, where only that nobody moves tells whose turn it is. */
  readonly after?: number;
}

/** The same, once it has been seen. */
export interface Owed extends OwedEvent {
  /** Engine time of the first look that saw it: no clock of CodeDeploy's is compared with ours. */
  readonly since: number;
}

/** As a wait remembers it. Where nobody moves, all that have not begun owe the same: then none of them is named. */
interface OwedTogether extends Owed {
  readonly instanceIds?: readonly string[];
}

interface Memo {
  readonly owing?: readonly OwedTogether[];
  /** How journals of earlier versions tell it. */
  readonly owed?: Readonly<Record<string, Owed>>;
}

/** Since when an instance has been seen to owe just this; undefined: it has not. */
export type OwedSince = (instanceId: string, now: OwedEvent) => number | undefined;

/** What is remembered of earlier looks. */
export function owedBefore(memo: unknown): OwedSince {
  const { owing = [], owed = {} } = (memo ?? {}) as Memo;
  const known = new Map<string, Owed>(Object.entries(owed));
  for (const { instanceIds = [], ...what } of owing) for (const id of instanceIds) known.set(id, what);
  const unnamed = owing.filter(({ instanceIds }) => instanceIds === undefined);
  const same = (one: OwedEvent | undefined, other: OwedEvent): boolean =>
    one?.event === other.event && one.after === other.after;
  return (instanceId, now) => {
    const own = known.get(instanceId);
    return same(own, now) ? own?.since : unnamed.find((each) => same(each, now))?.since;
  };
}

/** To be remembered: each event once, with those that owe it, so that a journal grows little with the fleet. */
export function owedMemo(owed: ReadonlyArray<readonly [instanceId: string, Owed]>): { readonly owing: Json } {
  const together = new Map<string, Owed & { readonly instanceIds: string[] }>();
  // Those that owe the same follow one another, mostly.
  let latest: Owed | undefined;
  let others: string[] = [];
  for (const [instanceId, what] of owed) {
    if (what !== latest) {
      const key = `${what.since} ${what.event} ${what.after ?? ''}`;
      const known = together.get(key) ?? { ...what, instanceIds: [] };
      together.set(key, known);
      latest = what;
      others = known.instanceIds;
    }
    if (what.after === undefined) others.push(instanceId);
  }
  const inOrder = [...together].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
  return {
    owing: inOrder.map(({ event, since, after, instanceIds }) =>
      after === undefined ? { event, since, instanceIds: instanceIds.sort() } : { event, since, after },
    ),
  };
}
