// Its warning on old Node versions would be printed between our tables, and only this variable silences it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

import type { Wait, WaitOrder } from './wait-all.js';

// Started by waiting.ts: takes orders, answers waits, ends.
process.once('message', (orders: readonly WaitOrder[]) => void run(orders));

async function run(orders: readonly WaitOrder[]): Promise<void> {
  const { waitAll } = await import('./wait-all.js');
  const waits: Wait[] = [];
  for (const order of orders) waits.push(...(await waitAll(order)));
  process.send?.(waits, () => process.disconnect());
}
