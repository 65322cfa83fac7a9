import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../src/testing/shop.js';
import { SpotOverHttp } from './spot-http.js';

const OPENAPI = new URL('../../../shared/reference/spot-elastigroup-openapi.json', import.meta.url);
const present = existsSync(OPENAPI);
if (!present)
  console.info(`Spot's OpenAPI file is not at ${OPENAPI.pathname}: field names are not checked against it.`);

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface OpenApi {
  readonly paths: Record<
    string,
    Record<string, { responses: Record<number, { content: { 'application/json': { schema: Schema } } }> }>
  >;
}

/** Where Spot's SDKs know better: an object and not a list, and the name and status of a roll. */
const KNOWN_DIFFERENCES = [
  'GET : response.items.strategy.persistence is a object',
  'GET /roll/{rollId}: response.items.id is not in the schema',
  'GET /roll/{rollId}: response.items.status is not in the schema',
];

const parts = (schema: Schema): readonly Schema[] => [
  schema,
  ...[...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(parts),
];

/** Fields of the answer that no schema knows, and values of another type. */
function differences(value: unknown, schemas: readonly Schema[], path: string): string[] {
  const all = schemas.flatMap(parts);
  if (value === null) return [];
  const types = new Set(all.flatMap(({ type }) => type ?? []));
  const kind = Array.isArray(value) ? 'array' : typeof value;
  const named = kind === 'number' ? ['integer', 'number'] : [kind];
  if (types.size > 0 && !named.some((name) => types.has(name))) return [`${path} is a ${kind}`];
  if (Array.isArray(value)) {
    const items = all.flatMap((schema) => schema.items ?? []);
    return value.flatMap((entry) => differences(entry, items, path));
  }
  if (kind !== 'object') return [];
  // An object without named properties may hold anything.
  if (all.every((schema) => schema.properties === undefined)) return [];
  return Object.entries(value as object).flatMap(([field, member]) => {
    const below = all
      .flatMap((schema) => schema.properties?.[field] ?? [])
      .filter((schema) => typeof schema === 'object');
    const where = path === '' ? field : `${path}.${field}`;
    return below.length === 0 ? [`${where} is not in the schema`] : differences(member, below, where);
  });
}

describe.skipIf(!present)("answers have the fields of Spot's OpenAPI file", () => {
  const schemaOf = (method: string, below: string, status: number): Schema => {
    const { paths } = JSON.parse(readFileSync(OPENAPI, 'utf8')) as OpenApi;
    const response = paths[`/aws/ec2/group/{groupId}${below}`]?.[method]?.responses[status];
    if (response === undefined) throw new Error(`The schema knows no ${method} ${below} with ${status}.`);
    return response.content['application/json'].schema;
  };
  let spot: SpotOverHttp;
  afterEach(() => spot.close());

  it('in every call', async () => {
    const { applicationName, deploymentGroupName } = SHOP;
    const deploymentGroups = [{ applicationName, deploymentGroupName }];
    spot = new SpotOverHttp(
      { elastigroup: { registerAtLaunch: true } },
      {
        persistence: { shouldPersistRootDevice: true },
        elasticIps: ['eipalloc-1'],
        privateIps: ['10.0.0.1'],
        classicLoadBalancers: ['shop-classic'],
        codeDeployIntegration: deploymentGroups,
        scheduledTasks: [{ taskType: 'scale', cronExpression: '0 1 * * *', scaleTargetCapacity: 2 }],
      },
    );
    const wrong: string[] = [];
    const check = async (
      method: 'GET' | 'PUT' | 'POST' | 'DELETE',
      below: string,
      data?: unknown,
      template = below.replace(/\?.*/, ''),
    ) => {
      const { status, body } = await spot.call(method, below, data);
      const schema = schemaOf(method.toLowerCase(), template, status);
      wrong.push(...differences(body, [schema], '').map((difference) => `${method} ${template}: ${difference}`));
      expect(`${method} ${below} ${status}`).toBe(`${method} ${below} 200`);
      return body.response;
    };
    const mode = '/codeDeploy/blueGreenDeployment';
    const now = spot.cloud.clock.now();
    await check('GET', '');
    await check('GET', '/instanceHealthiness');
    await check('PUT', '/capacity', { capacity: { minimum: 1, maximum: 6, target: 3 } });
    await check('POST', '/suspension', { suspensions: [{ name: 'AUTO_SCALE', ttlInMinutes: 5 }] });
    await check('GET', '/suspension');
    await check('DELETE', '/suspension', { processes: ['AUTO_SCALE'] });
    const roll = (await check('PUT', '/roll', { batchSizePercentage: 20, gracePeriod: 300 })).items[0]!;
    await check('GET', '/roll');
    await check('GET', `/roll/${roll.id}`, undefined, '/roll/{rollId}');
    await check('PUT', `/roll/${roll.id}`, { roll: { status: 'STOPPED' } }, '/roll/{rollId}');
    const deployment = { timeout: 3600, tags: [{ tagKey: 'Colour', tagValue: 'green' }], deploymentGroups };
    const entered = (await check('POST', mode, { deployment })).items[0]!;
    spot.cloud.advance(30_000);
    await check('GET', mode);
    await check('GET', '/status');
    await check('GET', `/logs?fromDate=${now}&toDate=${spot.cloud.clock.now()}`);
    await check('PUT', `${mode}/${entered.id}/stop`, undefined, `${mode}/{deploymentId}/stop`);
    const instancesToDetach = [spot.members()[0]!.instanceId];
    await check('PUT', '/detachInstances', { instancesToDetach, shouldTerminateInstances: true });
    expect(wrong).toEqual(KNOWN_DIFFERENCES);
  });

  it('in refusals', async () => {
    spot = new SpotOverHttp();
    const { status, body } = await spot.call('PUT', '/detachInstances', { instancesToDetach: ['i-0'] });
    expect(status).toBe(400);
    expect(differences(body, [schemaOf('put', '/detachInstances', 400)], '')).toEqual([]);
  });
});
