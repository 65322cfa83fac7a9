import type { SimulatedCloud } from '../../src/testing/index.js';

/** Once, so long after the first such call was acted upon. */
export function afterCall(
  { requests, clock }: SimulatedCloud,
  { afterCall: operation, byMs }: { readonly afterCall: string; readonly byMs: number },
  act: () => void,
): void {
  const push = requests.push.bind(requests);
  let done = false;
  requests.push = (...arrived) => {
    if (!done && arrived.some((request) => request.operation === operation)) {
      done = true;
      clock.schedule(byMs, act);
    }
    return push(...arrived);
  };
}
