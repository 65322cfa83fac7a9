import type { History, Sight } from './history.js';
import type { SeenMode } from './modes.js';

/** The Elastigroup that the rollout was about. */
export function elastigroupIn(history: History): string | undefined {
  const [id] = history.all('spot', 'members').keys();
  return id;
}

/** Instances that carried a mode's green tags without the rollout having given them those. */
export function greenOf(history: History, { tags }: SeenMode): ReadonlySet<string> {
  const byUs = new Set(history.sent('createTags').flatMap(({ subjects }) => subjects));
  const green = [...history.all<Record<string, string> | null>('ec2', 'tags')].filter(
    ([id, sights]) => !byUs.has(id) && sights.some(({ value }) => carries(value, tags)),
  );
  return new Set(green.map(([id]) => id));
}

export function carries(
  value: Readonly<Record<string, string>> | null,
  tags: Readonly<Record<string, string>>,
): boolean {
  const wanted = Object.entries(tags);
  return value !== null && wanted.length > 0 && wanted.every(([key, each]) => value[key] === each);
}

/** Instances that were seen to have joined the Elastigroup within a time, and were not there at its first look. */
export function joinedBetween(history: History, from: number, until: number): readonly string[] {
  return [...history.all<true | null>('spot', 'member')]
    .filter(([, [first]]) => first !== undefined && first.from > from && first.from <= until)
    .map(([id]) => id);
}

export interface Departure {
  readonly instanceId: string;
  readonly at: number;
}

/** Instances that were seen to have left the Elastigroup. */
export function departures(history: History): readonly Departure[] {
  return [...history.all<true | null>('spot', 'member')].flatMap(([instanceId, sights]) =>
    sights.filter(({ value }) => value === null).map(({ from }) => ({ instanceId, at: from })),
  );
}

export interface Capacity {
  readonly minimum: number;
  readonly target: number;
  readonly maximum: number;
}

export const capacitiesOf = (history: History): ReadonlyArray<Sight<Capacity>> =>
  history.of<Capacity>('spot', 'capacity', elastigroupIn(history) ?? '');

export interface Members {
  readonly count: number;
  readonly pending: number;
}

export const membersOf = (history: History): ReadonlyArray<Sight<Members>> =>
  history.of<Members>('spot', 'members', elastigroupIn(history) ?? '');

/** By process. */
export const suspensionsOf = (history: History): ReadonlyArray<Sight<Readonly<Record<string, string | null>>>> =>
  history.of('spot', 'suspensions', elastigroupIn(history) ?? '');
