import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import type { Fault } from '../../src/testing/faults.js';
import type { SimulatedCloud } from '../../src/testing/simulated-cloud.js';
import type { SimulatedCloudOptions } from '../../src/testing/simulated-cloud-options.js';
import type { Moment } from '../helpers/moments.js';
import type { Company } from './company.js';
import type { Mishap } from './mishaps.js';
import type { Busy, TimeLimits } from './write-policies.js';

/** How one process's part in the rollout ends, before the rollout does. Then another process takes it up. */
export type LifeEnd =
  /** It dies around its nth write to the store, or around its nth request to a cloud; `forMs` later somebody resumes. */
  | {
      readonly end: 'crash';
      readonly at: 'write' | 'call';
      /** Only calls of this operation are counted. */
      readonly of?: string;
      readonly nth: number;
      readonly when: 'before' | 'after';
      readonly forMs: number;
    }
  /** It is told to stop driving. */
  | { readonly end: 'let-go'; readonly afterMs: number; readonly forMs: number }
  /** Believed dead: its nth write hangs for so long, and after `thenMs` somebody else resumes. Two drivers at once. */
  | { readonly end: 'cut-off'; readonly nth: number; readonly thenMs: number; readonly forMs: number }
  /** It stands still, timers and all, at the last look before its nth call that changes something; then it goes on as if nothing had been. */
  | { readonly end: 'frozen'; readonly nth: number; readonly thenMs: number; readonly forMs: number };

/** What somebody asks of the rollout, from a process that does not drive it. */
export type Order =
  | { readonly order: 'abort'; readonly atMs: number }
  | { readonly order: 'abort'; readonly moment: Moment }
  /** Right after a call that changes something was acted upon: what it did may not be listed yet. */
  | { readonly order: 'abort'; readonly afterCall: string; readonly byMs: number }
  /** A second driver, while the first is alive. */
  | { readonly order: 'resume'; readonly atMs: number };

/** How the person behind a gate answers once it is open. */
export interface Answer {
  readonly gate: string;
  readonly answer: 'yes' | 'no' | 'never';
  readonly afterMs: number;
}

/** Everything that happens to one rollout, as plain JSON. */
export interface Story {
  readonly seed: number;
  readonly cloud: Omit<SimulatedCloudOptions, 'clock' | 'faults' | 'seed'>;
  /** What people had suspended before, with minutes to go; without: for good. */
  readonly suspended: ReadonlyArray<{ readonly process: 'AUTO_HEALING' | 'AUTO_SCALE'; readonly minutes?: number }>;
  readonly spec: Partial<ElastigroupSpec>;
  readonly polling: { readonly every: string; readonly urgent: string };
  readonly faults: readonly Fault[];
  readonly lives: readonly LifeEnd[];
  readonly orders: readonly Order[];
  readonly answers: readonly Answer[];
  readonly company?: Company;
  readonly mishaps?: readonly Mishap[];
  /** What the CodeDeploy part of the spec says beside what is released. */
  readonly busy?: Busy;
  readonly timeLimits?: TimeLimits;
  /** How long the store takes for each way at most; absent: no time at all. */
  readonly storeLagMs?: number;
  /** The clock of every process that drives it by itself jumps, so long after the start; those that join in keep theirs. */
  readonly clockJump?: { readonly atMs: number; readonly byMs: number };
}

export function specOf({ spec, busy = {} }: Story, cloud: SimulatedCloud): ElastigroupSpec {
  const { codeDeploy, ...rest } = cloud.spec(spec);
  return { ...rest, codeDeploy: { ...codeDeploy, ...busy } } as ElastigroupSpec;
}
