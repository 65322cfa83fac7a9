import { SHOP } from '../../src/testing/shop.js';
import type { Ending } from './ending.js';

const CAPACITY = new Set(['minimum', 'target', 'maximum']);

/** A capacity that differs in the end is one that could not be put back: not one that nobody tried to. */
export function neverPutBack({ story, cloud, result, watch }: Ending): string[] {
  const { lines, pivotPassedAt } = result?.receipt ?? { lines: [] };
  const differing = new Set(lines.flatMap(({ what, verdict }) => (verdict === 'differs' ? [what] : [])));
  // While the mode goes on, or green is left because nobody else would serve, the capacity that they need stays.
  if (differing.has('deployment mode') || differing.has('green instance')) return [];
  if (![...CAPACITY].some((what) => differing.has(what))) return [];
  const faults = [...story.faults, ...(story.mishaps ?? []).flatMap((mishap) => mishap.faults)];
  const denied = faults.some(({ fault }) => fault === 'refused') || story.timeLimits !== undefined;
  const others = story.company?.modeByHand !== undefined || story.company?.rivalMode !== undefined;
  if (denied || others || pivotPassedAt !== undefined) return [];
  const captured = watch.before.elastigroups[0]?.capacity.target ?? 0;
  const tried = cloud.requests.some(
    ({ operation, body }) => operation === 'updateCapacity' && JSON.stringify(body).includes(`"target":${captured}`),
  );
  // Below what is there and what is still being launched, Spot would choose who goes.
  const below = captured < cloud.elastigroups.status(SHOP.elastigroupId).length;
  return tried || below ? [] : ['it failed over a capacity that nobody tried to put back'];
}
