import type { Json } from '../internal/json.js';

/**
 * What an entry tells:
 *
 * - `state`: of a deployment mode (`cdbg-…`), a CodeDeploy deployment (`d-…`) or an instance (`i-…`).
 * - `member`: whether an instance belongs to the Elastigroup. `members`: how many do, and how many have no id yet.
 * - `tags`: what an instance or a mode carries under green's keys.
 * - `target`: an instance in a target group (`name/i-…`), or under a CodeDeploy deployment (`d-…/i-…`). `targets`: how many a
 *   target group has.
 * - `capacity`, `suspensions`, `settings`: of the Elastigroup; `settings` also of a mode and of a deployment group.
 * - `filter`: of the deployment group.
 * - `call`: something that the rollout ordered, and how that ended.
 * - `driver`: a process began to look, or stopped.
 * - `still`: until when what was told of these subjects was seen unchanged; `now` names what.
 */
export type TraceWhat =
  | 'state'
  | 'member'
  | 'members'
  | 'tags'
  | 'target'
  | 'targets'
  | 'capacity'
  | 'suspensions'
  | 'settings'
  | 'filter'
  | 'call'
  | 'driver'
  | 'still';

/** One thing that was seen to be other than before, or seen for the first time. */
export interface TraceEntry {
  /** ISO time of the answer that told it. */
  readonly at: string;
  readonly cloud: 'spot' | 'codedeploy' | 'ec2' | 'elbv2' | 'us';
  readonly what: TraceWhat;
  /** Ids: several, where one answer told the same of several. */
  readonly subjects: readonly string[];
  /** Null: missing from an answer that it would be in. */
  readonly now: Json;
  /** Absent where this process had not seen it before. */
  readonly was?: Json;
  /** ISO time at which it was last seen as it was. */
  readonly wasUntil?: string;
}

/**
 * What the clouds did during a rollout, as its reads told it, and what the rollout ordered. Ids, states, counts, the values
 * of green's tags: no other tag values, no user data, no credentials, no words of people's.
 */
export interface CloudTrace {
  readonly v: 1;
  readonly rolloutId: string;
  readonly kind: string;
  /** ISO time. */
  readonly startedAt: string;
  readonly entries: readonly TraceEntry[];
  /** How many entries were left out because the trace was full. */
  readonly droppedEntries?: number;
}
