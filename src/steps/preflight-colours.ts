import type { Call } from '../ports/call.js';
import type { DeploymentGroup } from '../ports/code-deploy.js';
import type { DeploymentMode, Elastigroup, Tag } from '../ports/elastigroups.js';
import type { Instance } from '../ports/instances.js';
import { describeFilter, filterMatches, resolveFilter } from './deployment-group-filter.js';
import { greenTagChoices, type ElastigroupRelease } from './elastigroup-release.js';
import type { Finding } from './findings.js';
import { FIRST_RELEASE } from './first-release.js';
import { idSetOf } from './id-set.js';

const CHECK = 'colours';

/** Chooses the green tags, and finds whatever would let CodeDeploy or us take one fleet for the other. */
export async function checkColours(
  release: ElastigroupRelease,
  elastigroup: Elastigroup,
  group: DeploymentGroup,
  adopted: DeploymentMode | undefined,
  call: Call,
): Promise<{
  readonly greenTags: readonly Tag[];
  readonly members: readonly string[];
  readonly findings: readonly Finding[];
}> {
  const { clouds, spec } = release;
  const members = (await clouds.elastigroups.listInstances(spec.elastigroupId, call)).flatMap(
    ({ instanceId }) => instanceId ?? [],
  );
  const running = (await clouds.instances.describeInstances(members, call)).filter(({ state }) => state === 'running');
  // Under a mode that is taken over, what carries the green tags is what that mode has launched.
  const blue = adopted === undefined ? running : running.filter((instance) => !carriesAll(instance, adopted.tags));
  const findings: Finding[] = [];
  const find = (found: string, fix: string): void => void findings.push({ check: CHECK, found, fix });

  const choices = greenTagChoices(release);
  const greenTags =
    adopted?.tags ?? choices.find((tags) => !blue.some((instance) => carriesAny(instance, tags))) ?? choices[0] ?? [];
  if (blue.length === 0) find('the Elastigroup has no running instance', FIRST_RELEASE);
  for (const { key, value } of greenTags) {
    const without = blue.filter((instance) => valueOf(instance, key) === undefined);
    if (without.length > 0) {
      find(
        `blue does not carry the tag ${key} (${idsOf(without)})`,
        `Tag blue, and the launch specification, with ${key} and a value other than ${value}.`,
      );
    }
    const same = blue.filter((instance) => valueOf(instance, key) === value);
    if (same.length > 0) {
      const fix =
        choices.length > 1
          ? 'Both alternate values are in use: give blue one and the same.'
          : 'Choose a value that no instance carries.';
      find(`blue already carries ${key}=${value} (${idsOf(same)})`, fix);
    }
  }
  const taken = await clouds.instances.findByTags(
    greenTags.map(({ key, value }) => ({ key, values: [value] })),
    call,
  );
  const isMember = new Set(members);
  const elsewhere = taken.filter(({ instanceId }) => !isMember.has(instanceId));
  if (elsewhere.length > 0) {
    find(
      `instances that are none of this Elastigroup’s carry all the green tags (${idsOf(elsewhere)})`,
      'CodeDeploy would release onto them too: choose another value, or untag or terminate them.',
    );
  }
  const isBlue = idSetOf(blue);
  const leftOver = taken.filter(({ instanceId }) => isMember.has(instanceId) && !isBlue.has(instanceId));
  if (leftOver.length > 0 && adopted === undefined) {
    find(
      `instances of this Elastigroup that do not run carry all the green tags (${idsOf(leftOver)})`,
      'Terminate them, or choose another value.',
    );
  }
  findings.push(...(await checkFilter(release, elastigroup, group, { blue, members, greenTags }, call)));
  return { greenTags, members, findings };
}

async function checkFilter(
  { clouds }: ElastigroupRelease,
  elastigroup: Elastigroup,
  group: DeploymentGroup,
  { blue, members, greenTags }: { blue: readonly Instance[]; members: readonly string[]; greenTags: readonly Tag[] },
  call: Call,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const filter = describeFilter(group.filter);
  const fix = `Set the deployment group’s tag filter so that it selects exactly blue: aws deploy update-deployment-group --ec2-tag-set …`;
  const find = (found: string): void => void findings.push({ check: CHECK, found, fix });
  const selected = await resolveFilter(clouds.instances, group.filter, call);
  const isSelected = idSetOf(selected);
  const missed = blue.filter(({ instanceId }) => !isSelected.has(instanceId));
  if (missed.length > 0) find(`the deployment group’s filter ${filter} does not select blue (${idsOf(missed)})`);
  const isMember = new Set(members);
  const foreign = selected.filter(({ instanceId }) => !isMember.has(instanceId));
  if (foreign.length > 0)
    find(`the deployment group’s filter ${filter} selects instances of others (${idsOf(foreign)})`);
  const greenKeys = new Set(greenTags.map(({ key }) => key));
  const green = [...elastigroup.launchTags.filter(({ key }) => !greenKeys.has(key)), ...greenTags];
  if (filterMatches(group.filter, green)) find(`the deployment group’s filter ${filter} would select green as well`);
  return findings;
}

function valueOf(instance: Instance, key: string): string | undefined {
  return instance.tags.find((tag) => tag.key === key)?.value;
}

function carriesAny(instance: Instance, tags: readonly Tag[]): boolean {
  return tags.some(({ key, value }) => valueOf(instance, key) === value);
}

/** Green is what carries every one of the green tags. */
export function carriesAll(instance: Instance, tags: readonly Tag[]): boolean {
  return tags.every(({ key, value }) => valueOf(instance, key) === value);
}

function idsOf(instances: readonly Instance[]): string {
  const ids = instances.map(({ instanceId }) => instanceId);
  return ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
}
