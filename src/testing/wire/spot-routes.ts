import type { WireRequest } from './http.js';

/** One call of Spot's API: a name, a method and a route template. */
interface SpotRoute {
  readonly operation: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: RegExp;
}

const route = (operation: string, method: SpotRoute['method'], below: string): SpotRoute => ({
  operation,
  method,
  path: new RegExp(`^/aws/ec2/group/([^/]+)${below.replaceAll('*', '([^/]+)')}$`),
});

const ROUTES = [
  route('readElastigroup', 'GET', ''),
  route('listInstances', 'GET', '/status'),
  route('listInstanceHealth', 'GET', '/instanceHealthiness'),
  route('updateCapacity', 'PUT', '/capacity'),
  route('detachInstances', 'PUT', '/detachInstances'),
  route('listSuspensions', 'GET', '/suspension'),
  route('suspendProcesses', 'POST', '/suspension'),
  route('resumeProcesses', 'DELETE', '/suspension'),
  route('listRolls', 'GET', '/roll'),
  route('startRoll', 'PUT', '/roll'),
  route('readRoll', 'GET', '/roll/*'),
  route('stopRoll', 'PUT', '/roll/*'),
  route('listLogs', 'GET', '/logs'),
  route('listDeploymentModes', 'GET', '/codeDeploy/blueGreenDeployment'),
  route('enterDeploymentMode', 'POST', '/codeDeploy/blueGreenDeployment'),
  route('stopDeploymentMode', 'PUT', '/codeDeploy/blueGreenDeployment/*/stop'),
] as const;

export interface SpotCall {
  readonly operation: string;
  readonly elastigroupId: string;
  /** The roll or the deployment that the path names, else empty. */
  readonly itemId: string;
  readonly query: URLSearchParams;
}

/** The call that a request makes, if there is such a call. */
export function spotCall(request: WireRequest): SpotCall | undefined {
  const url = new URL(request.url);
  for (const { operation, method, path } of ROUTES) {
    if (method !== request.method.toUpperCase()) continue;
    const [, elastigroupId, itemId = ''] = path.exec(url.pathname) ?? [];
    if (elastigroupId === undefined) continue;
    const names = { elastigroupId: decodeURIComponent(elastigroupId), itemId: decodeURIComponent(itemId) };
    return { operation, ...names, query: url.searchParams };
  }
  return undefined;
}
