import type { CloudRequest } from '../../src/testing/wire/request-log.js';
import type { Ending } from './ending.js';

/** Where a second call would do harm: what shows what became of the first. */
const SHOWN_BY: { readonly [operation: string]: string } = {
  enterDeploymentMode: 'listDeploymentModes',
  CreateDeployment: 'ListDeployments',
  detachInstances: 'listInstances',
};

/** A call that may have been acted upon is sent again only once the service has shown that it was not. */
export function sentBlindly({ cloud: { requests } }: Ending): string[] {
  const violations: string[] = [];
  const open = new Map<string, CloudRequest>();
  for (const request of requests) {
    const { operation, body, status } = request;
    if (operation in SHOWN_BY) {
      const same = `${operation} ${JSON.stringify(body)}`;
      if (open.has(same)) violations.push(`${operation} was sent again, and nobody had seen that it was not done`);
      if (isRefusal(status)) open.delete(same);
      else open.set(same, request);
    } else if (status === 200) {
      for (const [same, sent] of open) if (SHOWN_BY[sent.operation] === operation) open.delete(same);
    }
  }
  return violations;
}

const isRefusal = (status: CloudRequest['status']): boolean =>
  typeof status === 'number' && status >= 400 && status < 500;
