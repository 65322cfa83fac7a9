import type { ReceiptLine } from '../engine/receipt.js';
import type { StepContext } from '../engine/step.js';
import type { Tag } from '../ports/elastigroups.js';
import { capturedBlue } from './capture-blue.js';
import { describeFilter, filterMatches, resolveFilter } from './deployment-group-filter.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import { idSetOf } from './id-set.js';
import { isAlive } from './observe-fleets.js';
import { preflightFacts } from './preflight.js';

export const FILTER = 'deployment group’s filter';

/** What is green now is blue next time: the deployment group's filter must select all of it, and nobody else's. */
export async function filterLine(
  release: ElastigroupRelease,
  context: StepContext,
  serving: readonly string[],
): Promise<ReceiptLine> {
  const { clouds, spec, deploymentGroup } = release;
  const { applicationName, deploymentGroupName } = deploymentGroup;
  const call = { signal: context.signal };
  const { filter } = await clouds.codeDeploy.readDeploymentGroup(deploymentGroup, call);
  const selected = (await resolveFilter(clouds.instances, filter, call)).filter(isAlive);
  const members = idSetOf(await clouds.elastigroups.listInstances(spec.elastigroupId, call));
  // Blue that is about to be terminated is nobody's concern by then.
  const leaving = new Set(release.terminate ? capturedBlue(context).instanceIds : []);
  const foreign = selected.map(({ instanceId }) => instanceId).filter((id) => !leaving.has(id) && !members.has(id));
  const line = { what: FILTER, subject: `${applicationName}/${deploymentGroupName}` };
  const tags = await tagsCarried(release, context, serving);
  const isSelected = idSetOf(selected);
  const missed = serving.filter((id) => !isSelected.has(id));
  if (missed.length === 0 && foreign.length === 0)
    return {
      ...line,
      verdict: filterMatches(filter, preflightFacts(context).greenTags) ? 'restored' : 'never-changed',
    };
  const ec2TagSetList = tags.map(({ key, value }) => [{ Type: 'KEY_AND_VALUE', Key: key, Value: value }]);
  const others = foreign.length === 0 ? '' : ` Untag ${foreign.join(', ')}, which it selects as well.`;
  return {
    ...line,
    verdict: 'differs',
    expected: `selects ${tags.map(({ key, value }) => `${key}=${value}`).join(' and ')} alone`,
    found: describeFilter(filter),
    fix: `Before the next release: aws deploy update-deployment-group --application-name ${applicationName} --current-deployment-group-name ${deploymentGroupName} --ec2-tag-set '${JSON.stringify({ ec2TagSetList })}'${others}`,
  };
}

/** Under the green keys, what green carries now: Spot may have rewritten it at the end of the deployment mode. */
export async function tagsCarried(
  { clouds }: ElastigroupRelease,
  context: StepContext,
  serving: readonly string[],
): Promise<readonly Tag[]> {
  const { greenTags } = preflightFacts(context);
  const [first] = await clouds.instances.describeInstances(serving.slice(0, 1), { signal: context.signal });
  return greenTags.map(({ key, value }) => ({
    key,
    value: first?.tags.find((tag) => tag.key === key)?.value ?? value,
  }));
}
