import type { Ending } from './ending.js';

/** A capacity that differs in the end is one that could not be put back: not one that nobody tried to. */
export function neverPutBack({ story, cloud, result, watch }: Ending): string[] {
  const { lines, pivotPassedAt } = result?.receipt ?? { lines: [] };
  const differs = lines.some(
    ({ what, verdict }) => ['minimum', 'target', 'maximum'].includes(what) && verdict === 'differs',
  );
  const faults = [...story.faults, ...(story.mishaps ?? []).flatMap((mishap) => mishap.faults)];
  const denied = faults.some(({ fault }) => fault === 'refused') || story.timeLimits !== undefined;
  const others = story.company?.modeByHand !== undefined || story.company?.rivalMode !== undefined;
  if (!differs || denied || others || pivotPassedAt !== undefined) return [];
  const captured = watch.before.elastigroups[0]?.capacity.target ?? 0;
  const tried = cloud.requests.some(
    ({ operation, body }) => operation === 'updateCapacity' && JSON.stringify(body).includes(`"target":${captured}`),
  );
  const { members = [] } = cloud.snapshot().elastigroups[0] ?? {};
  // Below what is there, Spot would choose who goes.
  const below = captured < members.length;
  return tried || below ? [] : ['it failed over a capacity that nobody tried to put back'];
}
