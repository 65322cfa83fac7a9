import {
  labelled,
  newTarget,
  type SimulatedCodeDeployTarget,
  type SimulatedDeployment,
} from './code-deploy-deployment.js';
import { ALLOW_EVENTS, BLOCK_EVENTS, INSTALL_EVENTS } from './code-deploy-lifecycle.js';
import { type InstanceSelection, selectInstances } from './code-deploy-tags.js';
import type { Ec2Model } from './parts.js';

/** The instances that a deployment is for, as CodeDeploy sees their tags at the moment it starts. */
export function decideTargets(
  { work, settings, group, targetInstances }: SimulatedDeployment,
  ec2: Ec2Model,
  now: number,
): SimulatedCodeDeployTarget[] {
  const make = (
    label: SimulatedCodeDeployTarget['label'],
    names: readonly string[],
    ids: readonly string[],
  ): SimulatedCodeDeployTarget[] => ids.map((id, index) => newTarget(id, label, index, names, now));
  const found = (selection: InstanceSelection): string[] =>
    selectInstances(ec2, selection).map((instance) => instance.instanceId);
  const alive = (ids: readonly string[]): string[] =>
    ids.filter((id) => !['shutting-down', 'terminated', undefined].includes(ec2.get(id)?.state));
  const allow = settings.trafficControl ? ALLOW_EVENTS : [];
  const block = settings.trafficControl ? BLOCK_EVENTS : [];
  switch (work.kind) {
    case 'blue-green': {
      const green = found(targetInstances ?? {});
      const isGreen = new Set(green);
      const blue = found(group.filter).filter((id) => !isGreen.has(id));
      return [...make('Green', [...INSTALL_EVENTS, ...allow], green), ...make('Blue', block, blue)];
    }
    case 'in-place':
      return make(undefined, [...block, ...INSTALL_EVENTS, ...allow], found(group.filter));
    case 'redeploy':
      return make('Blue', [...INSTALL_EVENTS, ...(work.allowTraffic ? allow : [])], alive(work.instanceIds));
    case 'return-traffic':
      return [...make('Blue', allow, alive(work.blueIds)), ...make('Green', block, alive(work.greenIds))];
  }
}

/** The targets that a deployment begins with; without one it fails. */
export function firstTargets(deployment: SimulatedDeployment): readonly SimulatedCodeDeployTarget[] {
  switch (deployment.work.kind) {
    case 'blue-green':
      return labelled(deployment, 'Green');
    case 'in-place':
      return deployment.targets;
    case 'redeploy':
    case 'return-traffic':
      return labelled(deployment, 'Blue');
  }
}

/** What the deployment has left undone: nobody knows what an event that was under way did to its instance. */
export function settleTarget(target: SimulatedCodeDeployTarget): void {
  for (const event of target.events) {
    if (event.status === 'Pending') event.status = 'Skipped';
    if (event.status === 'InProgress') event.status = 'Unknown';
  }
  if (target.status === 'InProgress') target.status = 'Unknown';
  if (target.status === 'Pending' || target.status === 'Ready') target.status = 'Skipped';
}
