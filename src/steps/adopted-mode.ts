import type { DeploymentMode, DeploymentGroupRef, Tag } from '../ports/elastigroups.js';
import { greenTagChoices, type ElastigroupRelease } from './elastigroup-release.js';
import type { Finding } from './findings.js';
import { hasEnded, isAwaitingDeployment, isOnItsWayToAwaiting, sameTags } from './mode-states.js';

const CHECK = 'adopt';

/** A deployment mode that this release takes over, and what speaks against taking over one that runs. */
export function modeToAdopt(
  release: ElastigroupRelease,
  modes: readonly DeploymentMode[],
): { readonly adopted: DeploymentMode | undefined; readonly findings: readonly Finding[] } {
  const { spec, deploymentGroup } = release;
  if (spec.adopt !== true) return { adopted: undefined, findings: [] };
  const findings: Finding[] = [];
  const find = (found: string, fix: string): void => void findings.push({ check: CHECK, found, fix });
  if ('tagKey' in spec.green && !('alternate' in spec.green) && spec.green.value === undefined) {
    find(
      'green.value is not given, and the rollout’s id is no value that a person could have started the mode with',
      'Say green.value, green.alternate or green.tags: the tags of the mode.',
    );
    return { adopted: undefined, findings };
  }
  const running = modes.filter((mode) => !hasEnded(mode));
  const [mode] = running;
  if (mode === undefined) return { adopted: undefined, findings };
  const choices = greenTagChoices(release);
  const differs = [
    ...(running.length > 1 ? [`there are ${running.length} of them`] : []),
    ...(choices.some((tags) => sameTags(tags, mode.tags))
      ? []
      : [`its tags are ${tagText(mode.tags)}, and the spec says ${choices.map(tagText).join(' or ')}`]),
    ...(isAlone(deploymentGroup, mode.deploymentGroups)
      ? []
      : [`its deployment groups are ${mode.deploymentGroups.map(groupText).join(', ') || 'not told'}`]),
    ...(isAwaitingDeployment(mode) || isOnItsWayToAwaiting(mode)
      ? []
      : ['it neither waits for a release nor is on its way there']),
  ];
  if (differs.length === 0) return { adopted: mode, findings };
  find(
    `deployment mode ${mode.deploymentModeId} (${mode.state}) cannot be taken over: ${differs.join('; ')}`,
    `Stop it, or start one with the tags of the spec for ${groupText(deploymentGroup)} alone.`,
  );
  return { adopted: undefined, findings };
}

/** An explicit `modeTimeout` is what the mode must have been started with, at least. */
export function limitTooShort({ deploymentModeId, timeoutMs }: DeploymentMode, wantedMs: number): Finding {
  const limit = timeoutMs === undefined ? 'Spot does not tell its limit' : `its limit is ${timeoutMs} ms`;
  return {
    check: CHECK,
    found: `deployment mode ${deploymentModeId} cannot be taken over: ${limit}, and modeTimeout is ${wantedMs} ms`,
    fix: 'Start one with that limit, or leave modeTimeout out.',
  };
}

function isAlone(wanted: DeploymentGroupRef, groups: readonly DeploymentGroupRef[]): boolean {
  return groups.length === 1 && groups.every((group) => groupText(group) === groupText(wanted));
}

const tagText = (tags: readonly Tag[]): string => tags.map(({ key, value }) => `${key}=${value}`).join(' and ');
const groupText = ({ applicationName, deploymentGroupName }: DeploymentGroupRef): string =>
  `${applicationName}/${deploymentGroupName}`;
