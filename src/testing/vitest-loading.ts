import { monotonicMs } from '../internal/system-timers.js';

/** After so long what looks like loading is something else: a module that awaits its own end. */
const LONGEST_LOADING_MS = 10_000;

interface VitestModule {
  readonly promise?: unknown;
  readonly evaluated?: boolean;
}

interface VitestWorker {
  readonly resolvingModules?: ReadonlySet<string>;
  readonly evaluatedModules?: { readonly idToModuleMap?: ReadonlyMap<string, VitestModule> };
}

const unevaluatedSince = new WeakMap<VitestModule, number>();

/** Whether vitest is importing a module, which it fetches from its main process: nothing in this process shows it. */
export function waitsForVitest(): boolean {
  const worker = (globalThis as { __vitest_worker__?: VitestWorker }).__vitest_worker__;
  if (worker === undefined) return false;
  if ((worker.resolvingModules?.size ?? 0) > 0) return true;
  for (const module of worker.evaluatedModules?.idToModuleMap?.values() ?? []) {
    if (module.promise === undefined || module.evaluated === true) continue;
    const since = unevaluatedSince.get(module) ?? monotonicMs();
    unevaluatedSince.set(module, since);
    if (monotonicMs() - since < LONGEST_LOADING_MS) return true;
  }
  return false;
}
