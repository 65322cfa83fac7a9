import { HOOK_STAGES, type GivenHook, type Hook, type HookEntry, type HookStage } from '../engine/hooks.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import { parseDuration } from '../policies/duration.js';

/** Hooks by stage: one, or several that run in this order. A bare function is named by its own name. */
export type Hooks = { readonly [S in HookStage]?: Hook | HookEntry | ReadonlyArray<Hook | HookEntry> | undefined };

const NAME = /^[\w.-]{1,64}$/;

/**
 * The hooks in the order in which they run, each with a name.
 *
 * @throws OPTIONS_INVALID naming the stage or the hook that is wrong
 */
export function givenHooks(hooks: Hooks = {}): readonly GivenHook[] {
  const stages: readonly string[] = HOOK_STAGES;
  for (const stage of Object.keys(hooks)) {
    if (!stages.includes(stage)) throw invalid(`hooks.${stage}`, 'no hook runs at it', `one of ${stages.join(', ')}`);
  }
  return HOOK_STAGES.flatMap((stage) => {
    const given = hooks[stage];
    const list: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
    const entries = list.map((one, index) => entryOf(stage, one, index));
    const names = new Set(entries.map(({ name }) => name));
    if (names.size < entries.length) throw invalid(`hooks.${stage}`, 'two hooks of the same name', 'names that differ');
    return entries.map((entry) => ({ stage, entry }));
  });
}

function entryOf(stage: HookStage, given: unknown, index: number): HookEntry {
  const field = `hooks.${stage}[${index}]`;
  const isEntry = typeof given === 'object' && given !== null && 'run' in given && typeof given.run === 'function';
  if (typeof given !== 'function' && !isEntry)
    throw invalid(field, typeof given, 'a function, or { name, run, veto?, timeout? }');
  const entry =
    typeof given === 'function'
      ? { name: given.name || `hook-${index + 1}`, run: given as Hook }
      : (given as HookEntry);
  if (typeof entry.name !== 'string' || !NAME.test(entry.name)) {
    throw invalid(
      `${field}.name`,
      JSON.stringify(entry.name) ?? 'nothing',
      'up to 64 letters, digits, dots, dashes and underscores',
    );
  }
  if (entry.timeout !== undefined) parseDuration(entry.timeout, `${field}.timeout`);
  return entry;
}

function invalid(field: string, found: string, allowed: string): BlueGreenError {
  return new BlueGreenError('OPTIONS_INVALID', `${field}: found ${found}; allowed is ${allowed}`, {
    details: { field },
  });
}
