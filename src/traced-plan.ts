import type { BlueGreenErrorJson } from './errors/blue-green-error.js';
import { drive } from './drive.js';
import type { Plan } from './engine/plan.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { ElastigroupSpec } from './specs/elastigroup-spec.js';
import type { Clouds } from './steps/elastigroup-release.js';
import { traceClouds } from './trace/trace-clouds.js';
import { TraceKeeper } from './trace/trace-keeper.js';

/** What keeps the trace of whoever drives a plan. */
export interface PlanTrace {
  begin(): void;
  end(): Promise<void>;
}

/** A plan over clouds whose answers are noted. */
export type TracedPlan = Plan & { readonly trace: PlanTrace };

/** The clouds for one plan, with what notes their answers. */
export function traced(
  rolloutId: string,
  spec: Pick<ElastigroupSpec, 'green'>,
  clouds: Clouds,
  { store, clock, log }: ResolvedOptions,
): { readonly clouds: Clouds; readonly trace: PlanTrace } {
  const warn = (message: string): void => log.of(rolloutId)?.warn(message);
  const keeper = new TraceKeeper({ store, clock, rolloutId, warn });
  const note = keeper.note.bind(keeper);
  const scope = { rolloutId, greenKeys: greenKeysOf(spec) };
  const { clouds: noted, sightings } = traceClouds(clouds, scope, () => clock.now(), note);
  return { clouds: noted, trace: { begin: () => keeper.begin(), end: () => keeper.end(sightings) } };
}

/** Drives as `drive` does, and keeps what the clouds did meanwhile. */
export async function driveTraced(
  options: ResolvedOptions,
  { trace, ...plan }: TracedPlan,
  ...how: Parameters<typeof drive> extends [unknown, unknown, ...infer Rest] ? Rest : never
): Promise<BlueGreenErrorJson | undefined> {
  trace.begin();
  const because = await drive(options, plan, ...how);
  await trace.end();
  return because;
}

function greenKeysOf({ green }: Pick<ElastigroupSpec, 'green'>): ReadonlySet<string> {
  return new Set('tags' in green ? Object.keys(green.tags) : [green.tagKey]);
}
