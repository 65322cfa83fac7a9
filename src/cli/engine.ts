import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BlueGreen, BlueGreenError, FileStore, type BlueGreenOptions, type RolloutEvent } from '../index.js';
import type { CliContext } from './cli-context.js';
import { UsageError, wordsOf } from './usage-error.js';

export interface EngineOptions {
  readonly store?: string | undefined;
  readonly config?: string | undefined;
}

export const DEFAULT_STORE = '.rollouts';

/**
 * Works with a `BlueGreen` made from the configuration file and the store, and closes it afterwards. The work is told the folder of the
 * store, unless the configuration brings a store of its own. `tell` hears of every event, as well as who listens by the configuration.
 */
export async function withEngine<T>(
  context: CliContext,
  { store, config }: EngineOptions,
  work: (engine: BlueGreen, folder: string | undefined) => Promise<T>,
  tell?: (event: RolloutEvent) => void,
): Promise<T> {
  const given: BlueGreenOptions = { ...context.options, ...(config === undefined ? {} : await readConfig(config)) };
  // What should be known is rendered: a logger is somebody's own, by the configuration file.
  // A folder that is named on the command line goes before the configuration file; the default one does not.
  const kept = store === undefined ? given.store : undefined;
  const folder = kept === undefined ? (store ?? DEFAULT_STORE) : undefined;
  const engine = new BlueGreen({
    logger: false,
    ...given,
    ...(tell === undefined ? {} : { onEvent: both(tell, given.onEvent) }),
    store: kept ?? new FileStore(folder ?? DEFAULT_STORE),
  });
  try {
    return await work(engine, folder);
  } finally {
    await engine.close();
  }
}

function both(tell: (event: RolloutEvent) => void, own: BlueGreenOptions['onEvent']): (event: RolloutEvent) => void {
  return (event) => {
    tell(event);
    own?.(event);
  };
}

async function readConfig(file: string): Promise<BlueGreenOptions> {
  let found: unknown;
  try {
    const loaded = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown };
    found = loaded.default;
    if (typeof found === 'function') found = await (found as () => unknown)();
  } catch (error) {
    if (BlueGreenError.is(error)) throw error;
    throw new UsageError(`--config ${file} could not be loaded: ${wordsOf(error)}`);
  }
  if (typeof found === 'object' && found !== null) return found;
  throw new UsageError(
    `--config ${file}: its default export must be BlueGreenOptions, or a function that returns them; it is ${found === null ? 'null' : typeof found}`,
  );
}
