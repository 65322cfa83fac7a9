import type { Clouds } from '../steps/elastigroup-release.js';
import type { TraceEntry } from './cloud-trace.js';
import type { TraceScope } from './kept-answers.js';
import { Sightings } from './sightings.js';
import { traceCodeDeploy } from './trace-code-deploy.js';
import { traceElastigroups } from './trace-elastigroups.js';
import { traceInstances } from './trace-instances.js';
import { traceTargetGroups } from './trace-target-groups.js';

/** Where a traced port writes to. */
export interface TraceGround extends TraceScope {
  readonly now: () => number;
  readonly note: (entry: TraceEntry) => void;
  readonly sightings: Sightings;
}

/** The same clouds: what they answer, and what they are ordered, is noted. Nothing else is asked of them for it. */
export function traceClouds(
  clouds: Clouds,
  scope: TraceScope,
  now: () => number,
  note: (entry: TraceEntry) => void,
): { readonly clouds: Clouds; readonly sightings: Sightings } {
  const sightings = new Sightings(now, note);
  const ground: TraceGround = { ...scope, now, note, sightings };
  const { elastigroups, codeDeploy, instances, targetGroups, aws, alarms, requests } = clouds;
  return {
    sightings,
    clouds: {
      elastigroups: traceElastigroups(elastigroups, requests, ground),
      codeDeploy: traceCodeDeploy(codeDeploy, ground),
      instances: traceInstances(instances, ground),
      targetGroups: traceTargetGroups(targetGroups, ground),
      aws,
      alarms,
      requests,
    },
  };
}
