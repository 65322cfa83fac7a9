export { compareTrace, type TraceVerdict } from './compare/compare-trace.js';
export { checkRolloutStore } from './contracts/check-rollout-store.js';
export type { Fault, OnRequest } from './faults.js';
export type { Colour, TrafficCounts, TrafficFailure } from './model/traffic.js';
export type { SimulatedTimings, Undocumented } from './options.js';
export { DEFAULT_TIMINGS, UNDOCUMENTED } from './options.js';
export type { ShopSpec } from './shop.js';
export { SHOP } from './shop.js';
export type { SimulatedClockOptions } from './simulated-clock.js';
export { SimulatedClock } from './simulated-clock.js';
export type { SimulatedCloudAccess } from './simulated-cloud.js';
export { SimulatedCloud } from './simulated-cloud.js';
export type {
  ShopDeploymentGroupOptions,
  ShopElastigroupOptions,
  SimulatedCloudOptions,
} from './simulated-cloud-options.js';
export type { CloudSnapshot } from './snapshot.js';
export type { CloudRequest } from './wire/request-log.js';
export type { CloudServer } from './wire/server.js';
