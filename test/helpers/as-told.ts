import type { RolloutPlanMutation } from '../../src/index.js';
import type { CloudRequest } from '../../src/testing/index.js';

/** What the simulated cloud calls otherwise than the library does. */
const SAME_CALL: Readonly<Record<string, string>> = { updateCapacity: 'setCapacity' };

/** A call by its service and name, as plans have it. */
export const callOf = ({ service, operation }: { readonly service: string; readonly operation: string }): string =>
  `${service} ${SAME_CALL[operation] ?? operation}`;

/** Whether this is the request that a plan told of. */
export function isAsTold(request: CloudRequest, mutation: RolloutPlanMutation): boolean {
  if (callOf(request) !== callOf(mutation)) return false;
  if (mutation.route !== undefined) {
    const [method, path = ''] = mutation.route.split(' ');
    const sentTo = (request.path.split('?')[0] ?? '').split('/');
    const told = path.split('/');
    if (request.method !== method || sentTo.length !== told.length) return false;
    if (!told.every((part, index) => /^\{\w+\}$/.test(part) || part === sentTo[index])) return false;
  }
  const open = (mutation.notKnownYet ?? []).map(({ field }) => field);
  if (request.service !== 'ec2' && request.service !== 'elbv2') return matches(request.body, mutation.body, open);
  return formMatches(request, mutation.body as Readonly<Record<string, unknown>>);
}

/** Equal, but for the fields that were not known. */
function matches(sent: unknown, told: unknown, open: readonly string[], at = ''): boolean {
  if (told === null && open.includes(at)) return sent !== undefined;
  if (typeof told !== 'object' || told === null || typeof sent !== 'object' || sent === null) return sent === told;
  const names = new Set([...Object.keys(told), ...Object.keys(sent)]);
  return [...names].every((name) =>
    matches(
      (sent as Record<string, unknown>)[name],
      (told as Record<string, unknown>)[name],
      open,
      at === '' ? name : `${at}.${name}`,
    ),
  );
}

const FORM: Readonly<Record<string, string>> = { Resources: 'ResourceId', Tags: 'Tag' };

/** The services of the query protocol flatten lists: of those that are known each value is compared, of the others the name. */
function formMatches({ body, service }: CloudRequest, told: Readonly<Record<string, unknown>>): boolean {
  const form = { ...(body as Record<string, string>) };
  delete form['Action'];
  delete form['Version'];
  for (const [name, value] of Object.entries(told)) {
    const wire = service === 'ec2' ? (FORM[name] ?? name) : name;
    const names = Object.keys(form).filter((each) => each === wire || each.startsWith(`${wire}.`));
    if (names.length === 0) return false;
    if (typeof value === 'string' && form[wire] !== value) return false;
    if (Array.isArray(value)) {
      const values = (value as ReadonlyArray<Record<string, string>>).flatMap((each) => Object.values(each));
      if (JSON.stringify(names.map((each) => form[each])) !== JSON.stringify(values)) return false;
    }
    for (const each of names) delete form[each];
  }
  return Object.keys(form).length === 0;
}
