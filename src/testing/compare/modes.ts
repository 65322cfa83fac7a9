import { DEPLOYMENT_MODE_STATES, isTerminal, type DeploymentModeState } from '../model/deployment-mode-states.js';
import type { History, SeenCall, Sight } from './history.js';

/** One deployment mode as it was seen. */
export interface SeenMode {
  readonly id: string;
  /** A state, or a word that nobody has published; null: no longer listed. */
  readonly sights: ReadonlyArray<Sight<string | null>>;
  /** Orders of ours to stop it that Spot may have taken. */
  readonly stops: readonly SeenCall[];
  /** The order of ours that made it. */
  readonly entered: SeenCall | undefined;
  /** Green's tags of it. */
  readonly tags: Readonly<Record<string, string>>;
}

const RUNS_TO_ITS_END: ReadonlySet<string> = new Set([
  'WAIT_BEFORE_TERMINATION',
  'REMOVE_OLD_INSTANCES',
  'REMOVE_ALL_SUSPENSIONS',
]);

export const isPublished = (state: string): boolean => (DEPLOYMENT_MODE_STATES as readonly string[]).includes(state);
export const hasEnded = (state: string | null): boolean => state === null || isTerminal(state as DeploymentModeState);

export function modesIn(history: History): readonly SeenMode[] {
  const settings = history.all<{ readonly tags: Record<string, string> }>('spot', 'settings');
  return [...history.all<string | null>('spot', 'state')].map(([id, sights]) => ({
    id,
    sights,
    stops: history.sent('stopDeploymentMode').filter(({ subjects }) => subjects.includes(id)),
    entered: history.sent('enterDeploymentMode').find(({ made }) => made === id),
    tags: settings.get(id)?.[0]?.value.tags ?? {},
  }));
}

/** Modes that were seen to run. */
export const runningModes = (history: History): readonly SeenMode[] =>
  modesIn(history).filter(({ sights }) => sights.some(({ value }) => !hasEnded(value)));

export const firstStopAt = ({ stops }: SeenMode): number => Math.min(...stops.map(({ sentAt }) => sentAt));

export const wasIn = ({ sights }: SeenMode, ...states: readonly string[]): boolean =>
  sights.some(({ value }) => value !== null && states.includes(value));

/** When it was first seen to be over because it had done everything; a mode that vanishes is last seen shortly before. */
export function finishedAt({ sights }: SeenMode): number | undefined {
  const index = sights.findIndex(
    ({ value }, i) =>
      value === 'FINISHED' || (value === null && i > 0 && RUNS_TO_ITS_END.has(sights[i - 1]?.value ?? '')),
  );
  return sights[index]?.from;
}

/** From the first look to the last at which it was seen in one of these states. */
export function timeIn(
  { sights }: SeenMode,
  isIn: (state: string) => boolean,
): { readonly from: number; readonly until: number } | undefined {
  const those = sights.filter(({ value }) => value !== null && isIn(value));
  const [first] = those;
  const last = those.at(-1);
  return first === undefined || last === undefined ? undefined : { from: first.from, until: last.until };
}

const BEFORE_LAUNCH: ReadonlySet<string> = new Set(['STARTING', 'VALIDATE_TAGS', 'LAUNCHING_NEW_INSTANCES']);
const LEAVING: ReadonlySet<string> = new Set([
  'STOPPING',
  'REMOVE_NEW_INSTANCES',
  'REMOVE_OLD_INSTANCES',
  'REMOVE_ALL_SUSPENSIONS',
]);

/** It has launched what it launches, and is not over. */
export const hasLaunched = (state: string): boolean => !hasEnded(state) && !BEFORE_LAUNCH.has(state);
/** The same, and nothing is taken away yet: what is there is blue, green and replacements. */
export const holdsBoth = (state: string): boolean => hasLaunched(state) && !LEAVING.has(state);
