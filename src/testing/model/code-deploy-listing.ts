import type { SimulatedCodeDeployTarget, SimulatedDeployment } from './code-deploy-deployment.js';
import { TARGET_STATUSES } from './code-deploy-deployment.js';
import { Refusal } from './parts.js';

/** Few on a page, so that a caller that ignores `nextToken` is found out by small fleets. */
const PAGE_SIZE = 10;
const DEPLOYMENT_STATUSES = ['Created', 'Queued', 'InProgress', 'Baking', 'Succeeded', 'Failed', 'Stopped', 'Ready'];
const LABELS = ['Blue', 'Green'];

export interface Page {
  readonly ids: readonly string[];
  readonly nextToken: string | undefined;
}

export interface DeploymentListFilter {
  readonly includeOnlyStatuses?: readonly string[] | undefined;
  readonly createdFrom?: number | undefined;
  readonly createdTo?: number | undefined;
}

/** A page that starts after the id that the token names: what is created meanwhile neither repeats nor hides an id. */
export function pageOf(ids: readonly string[], token: string | undefined): Page {
  const after = token === undefined ? -1 : ids.indexOf(token.replace(/^after-/, ''));
  if (token !== undefined && after < 0) {
    throw new Refusal('InvalidNextTokenException', `The next token was specified in an invalid format: ${token}`);
  }
  const page = ids.slice(after + 1, after + 1 + PAGE_SIZE);
  const last = page.at(-1);
  const more = after + 1 + PAGE_SIZE < ids.length;
  return { ids: page, nextToken: more && last !== undefined ? `after-${last}` : undefined };
}

export function filterDeployments(
  deployments: readonly SimulatedDeployment[],
  filter: DeploymentListFilter,
): readonly SimulatedDeployment[] {
  const { includeOnlyStatuses: statuses = [], createdFrom, createdTo } = filter;
  const unknown = statuses.find((status) => !DEPLOYMENT_STATUSES.includes(status));
  if (unknown !== undefined) {
    throw new Refusal('InvalidDeploymentStatusException', `Unknown deployment status: ${unknown}`);
  }
  if (createdFrom !== undefined && createdTo !== undefined && createdFrom > createdTo) {
    throw new Refusal('InvalidTimeRangeException', 'The start of the time range is after its end.');
  }
  return deployments.filter(
    (deployment) =>
      (statuses.length === 0 || statuses.includes(deployment.status)) &&
      (createdFrom === undefined || deployment.createdAt >= createdFrom) &&
      (createdTo === undefined || deployment.createdAt <= createdTo),
  );
}

export function filterTargets(
  targets: readonly SimulatedCodeDeployTarget[],
  filters: Readonly<Record<string, readonly string[]>>,
): readonly SimulatedCodeDeployTarget[] {
  let left = targets;
  for (const [name, values] of Object.entries(filters)) {
    if (name === 'TargetStatus') {
      refuseUnknown('InvalidInstanceStatusException', values, TARGET_STATUSES);
      left = left.filter((target) => values.includes(target.status));
    } else if (name === 'ServerInstanceLabel') {
      refuseUnknown('InvalidInstanceTypeException', values, LABELS);
      left = left.filter((target) => target.label !== undefined && values.includes(target.label));
    } else {
      throw new Refusal('InvalidTargetFilterNameException', `The target filter name is invalid: ${name}`);
    }
  }
  return left;
}

function refuseUnknown(code: string, values: readonly string[], known: readonly string[]): void {
  const unknown = values.find((value) => !known.includes(value));
  if (unknown !== undefined) throw new Refusal(code, `Not a valid filter value: ${unknown}`);
}
