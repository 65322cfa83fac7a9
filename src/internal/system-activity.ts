import { monotonicMs } from './system-timers.js';

const PENDING_WORK = /^(FSReq|CloseReq|GetAddrInfoReq|TCPConnectWrap|WriteWrap)/;
/** After so long what looks like loading is something else: a port that stays open, a module that awaits its own end. */
const LONGEST_LOADING_MS = 1_000;

let usualPorts = Number.POSITIVE_INFINITY;
let unusualSince: number | undefined;

/**
 * Whether the process waits for the file system, a name, a connection or a loader of modules in a thread of its own:
 * work that no turn of the event loop shows. The loader (tsx, say) shows as a `MessagePort` more than usual.
 */
export function waitsForTheSystem(): boolean {
  let ports = 0;
  for (const name of process.getActiveResourcesInfo()) {
    if (PENDING_WORK.test(name)) return true;
    if (name === 'MessagePort') ports += 1;
  }
  if (ports <= usualPorts) {
    usualPorts = ports;
    unusualSince = undefined;
    return false;
  }
  unusualSince ??= monotonicMs();
  if (monotonicMs() - unusualSince < LONGEST_LOADING_MS) return true;
  usualPorts = ports;
  return false;
}

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
