import { monotonicMs } from '../internal/system-timers.js';

const PENDING_WORK = /^(FSReq|CloseReq|GetAddrInfoReq|TCPConnectWrap|WriteWrap)/;
/** After so long what looks like loading is something else: a port that stays open. */
const LONGEST_LOADING_MS = 10_000;

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
