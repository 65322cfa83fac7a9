// Drives one release onto the cloud that its environment names, and tells its end. Argument: a `ReleaseOrder` as JSON.
import { BlueGreen, FileStore } from '../../../src/index.js';
import type { ReleaseOrder } from '../../helpers/killed-process.js';
import { LockstepClock } from '../../helpers/lockstep-clock.js';

const order = JSON.parse(process.argv[2] ?? '') as ReleaseOrder;
const arrivals: Array<() => void> = [];
process.on('message', () => arrivals.shift()?.());

const clock = new LockstepClock(order.startAt, (at) => {
  process.send?.({ at });
  return new Promise((resolve) => void arrivals.push(resolve));
});
let ids = 0;
const blueGreen = new BlueGreen({
  clock,
  random: () => 0.5,
  newId: () => `process-1-${(ids += 1)}`,
  store: new FileStore(order.folder),
  polling: order.polling,
});
const rollout = await blueGreen.start(order.spec, { id: order.rolloutId });
// It lives on until it is killed: even the last line may be the one to die after.
process.send?.({ result: await rollout.result() });
