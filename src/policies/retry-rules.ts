import { CLOUD_SERVICES, type CloudFailure, type CloudService } from '../errors/cloud-error.js';
import { BlueGreenError } from '../errors/blue-green-error.js';
import type { ExponentialBackoffOptions } from './exponential-backoff.js';

/** What is said about failures of one service, one operation or one code. What is left out is any. */
export interface RetryRule {
  /** `spot`, `codedeploy`, `ec2`, `elbv2`, `cloudwatch` or `lambda`. @defaultValue any */
  readonly service?: CloudService | undefined;
  /** The library's name of the call, such as `createDeployment`; the event `cloud:call:failed` has it. @defaultValue any */
  readonly operation?: string | undefined;
  /** The service's own error code, such as `RequestLimitExceeded`. @defaultValue any */
  readonly code?: string | undefined;
  /**
   * `false`: not made again. `true`: made again, at the usual pace. An object: made again, at a pace of its own; what that leaves
   * out is as usual. What a service refused, or does not know, is made again only by a rule with a `code`; what is denied never is.
   */
  readonly retry: boolean | RetryPace;
}

/** How often, and after which pauses. */
export type RetryPace = Omit<ExponentialBackoffOptions, 'rules'>;

/** The kinds of failures that do not pass by themselves, as far as anybody can tell who does not know the code. */
const FINAL: ReadonlySet<CloudFailure['kind']> = new Set(['refused', 'not-found', 'denied']);

/** The place, from 1 on, of the first rule that has something to say about the failure. */
export function ruleFor(rules: readonly RetryRule[], failure: CloudFailure): number | undefined {
  const at = rules.findIndex((rule) => {
    const { service = failure.service, operation = failure.operation, code = failure.code, retry } = rule;
    if (service !== failure.service || operation !== failure.operation || code !== failure.code) return false;
    return retry === false || !FINAL.has(failure.kind) || rule.code !== undefined;
  });
  return at === -1 ? undefined : at + 1;
}

/**
 * EC2 shows what was just launched to one call sooner than to another. Instances are looked for by filter, which answers
 * without the unknown ones; only a call that names one can be told that it does not exist.
 */
export function isNotSeenYet({ service, operation, code }: CloudFailure): boolean {
  return service === 'ec2' && operation === 'createTags' && code === 'InvalidInstanceID.NotFound';
}

const MEMBERS: readonly string[] = ['service', 'operation', 'code', 'retry'] satisfies readonly (keyof RetryRule)[];
const PACE: readonly string[] = [
  'attempts',
  'firstDelay',
  'factor',
  'maxDelay',
  'jitter',
] satisfies readonly (keyof RetryPace)[];

/**
 * A rule that says nothing, or something unknown, would be ignored: most of those are slips of the pen.
 *
 * @throws OPTIONS_INVALID naming the member
 */
export function checkRules(rules: unknown, field: string): readonly RetryRule[] {
  if (!Array.isArray(rules)) throw invalid(field, typeof rules, 'a list of rules');
  for (const [index, rule] of rules.entries()) checkRule(rule, `${field}[${index}]`);
  return rules as readonly RetryRule[];
}

function checkRule(rule: unknown, field: string): void {
  checkMembers(rule, field, MEMBERS);
  const { service, operation, code, retry } = rule as Partial<Record<keyof RetryRule, unknown>>;
  if (service !== undefined && !CLOUD_SERVICES.some((known) => known === service))
    throw invalid(`${field}.service`, JSON.stringify(service), CLOUD_SERVICES.join(', '));
  for (const [name, value] of Object.entries({ operation, code }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw invalid(`${field}.${name}`, JSON.stringify(value) ?? typeof value, 'a name');
  if (typeof retry !== 'boolean') checkMembers(retry, `${field}.retry`, PACE);
}

function checkMembers(found: unknown, field: string, known: readonly string[]): void {
  const allowed = `an object of ${known.join(', ')}`;
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw invalid(field, typeof found, allowed);
  const unknown = Object.keys(found).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw invalid(field, unknown.join(', '), `one of ${known.join(', ')}`);
}

function invalid(field: string, found: string, allowed: string): BlueGreenError {
  return new BlueGreenError('OPTIONS_INVALID', `${field}: found ${found}; allowed is ${allowed}`, {
    details: { field },
  });
}
