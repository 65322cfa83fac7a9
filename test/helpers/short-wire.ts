import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import axios, { AxiosError, type AxiosAdapter } from 'axios';
import type { BlueGreenOptions } from '../../src/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Outcome } from '../../src/testing/wire/dispatch.js';
import type { WireRequest } from '../../src/testing/wire/http.js';
import { receiverAt } from '../../src/testing/wire/in-process.js';
import { readDocument, toForm, type Tree } from './query-protocol.js';

/** What a command of the AWS SDK tells before the SDK does anything with it. */
interface Command {
  readonly input: Readonly<Record<string, unknown>>;
  readonly constructor: { readonly name: string };
}

interface Service {
  readonly signingName: string;
  readonly contentType: string;
  readonly target?: string;
  write(operation: string, input: Command['input']): string;
  read(operation: string, body: string): unknown;
  /** The name and the words of what the service refused. */
  readError(body: string): { readonly name: string; readonly message: string };
}

/**
 * The way to a simulated cloud without the SDK's middleware, signatures and sockets: the same gateways, the same requests and
 * answers, some ten times faster. For many stories; that the real clients say the same is for everybody else to show.
 */
export function shortWire(cloud: SimulatedCloud): Pick<BlueGreenOptions, 'spot' | 'aws' | 'clock' | 'random'> {
  const { spot, aws, clock, random } = cloud.options();
  const region = () => Promise.resolve(aws.region);
  const client = (service: Service) => ({
    config: { region },
    send: async (command: Command) => {
      // Whoever asks for credentials opens the way to the cloud.
      await aws.credentials();
      return send(aws.endpoint, aws.region, service, command);
    },
    destroy: () => undefined,
  });
  return {
    spot,
    clock,
    random,
    aws: {
      ...aws,
      clients: {
        codeDeploy: client(CODE_DEPLOY) as unknown as CodeDeployClient,
        ec2: client(EC2) as unknown as EC2Client,
        elasticLoadBalancingV2: client(ELBV2) as unknown as ElasticLoadBalancingV2Client,
        cloudWatch: client(CLOUD_WATCH) as unknown as CloudWatchClient,
      },
    },
  };
}

/** What axios, which the gateway to Spot goes through, takes the short way with. */
export const shortAdapter: AxiosAdapter = async (config) => {
  const url = axios.getUri(config);
  const outcome = await reach({
    method: (config.method ?? 'get').toUpperCase(),
    url,
    headers: Object.fromEntries(
      Object.entries(config.headers.toJSON()).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    body: typeof config.data === 'string' ? config.data : '',
  });
  if (outcome === 'lost') throw new AxiosError('read ECONNRESET', 'ECONNRESET', config);
  const { status, headers, body } = outcome.response;
  return { status, statusText: '', headers: { ...headers }, data: body, config };
};

async function send(endpoint: string, region: string, service: Service, command: Command): Promise<unknown> {
  const operation = command.constructor.name.replace(/Command$/, '');
  const { signingName, contentType, target } = service;
  const credential = `Credential=AKIASIMULATED0000000/20260105/${region}/${signingName}/aws4_request`;
  const outcome = await reach({
    method: 'POST',
    url: `${endpoint}/`,
    headers: {
      'content-type': contentType,
      authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none`,
      ...(target === undefined ? {} : { 'x-amz-target': `${target}.${operation}` }),
    },
    body: service.write(operation, command.input),
  });
  if (outcome === 'lost') throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
  const { status, headers, body } = outcome.response;
  const $metadata = { httpStatusCode: status, requestId: headers['x-amzn-requestid'] };
  try {
    if (status < 300) return { $metadata, ...(service.read(operation, body) as object) };
  } catch (error) {
    throw Object.assign(error as Error, { $metadata });
  }
  const { name, message } = service.readError(body);
  throw Object.assign(new Error(message), { name, $metadata });
}

async function reach(request: WireRequest) {
  const receive = receiverAt(request.url);
  if (receive === undefined)
    throw Object.assign(new Error('the cloud is closed'), { code: 'ECONNREFUSED', syscall: 'connect' });
  const outcome: Outcome = await receive(request);
  return outcome === 'unanswered' ? new Promise<never>(() => undefined) : outcome;
}

/** JSON carries an instant as seconds; the SDK knows from its model which numbers are instants, and here their names tell. */
const INSTANT = /(Time|At|Timestamp|TimeStarted|Date)$/;

const json = (signingName: string, contentType: string, target: string): Service => ({
  signingName,
  contentType,
  target,
  write: (_operation, input) => JSON.stringify(withSeconds(input)),
  read: (_operation, body) => withInstants(JSON.parse(body)),
  readError(body) {
    const { __type = '', message = '' } = JSON.parse(body) as { __type?: string; message?: string };
    return { name: __type.replace(/^.*#/, ''), message };
  },
});

/** In place, for this is what every look at a deployment goes through. */
function withInstants(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const held = value as Record<string, unknown>;
  for (const key in held) {
    if (typeof held[key] !== 'number') withInstants(held[key]);
    else if (INSTANT.test(key)) held[key] = new Date(held[key] * 1000);
  }
  return value;
}

function withSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, withSeconds(held)]));
}

const CODE_DEPLOY = json('codedeploy', 'application/x-amz-json-1.1', 'CodeDeploy_20141006');
const CLOUD_WATCH = json('monitoring', 'application/x-amz-json-1.0', 'GraniteServiceVersion20100801');

const query = (
  signingName: string,
  version: string,
  lists: 'member' | 'flat',
  read: (operation: string, answer: Tree) => unknown,
): Service => ({
  signingName,
  contentType: 'application/x-www-form-urlencoded',
  write: (operation, input) => toForm({ Action: operation, Version: version, ...input }, lists),
  read: (operation, body) => read(operation, readDocument(body)),
  readError(body) {
    const answer = readDocument(body) as { Errors?: { Error?: Tree }; Error?: Tree };
    const error = (answer.Errors?.Error ?? answer.Error) as { Code?: string; Message?: string } | undefined;
    return { name: error?.Code ?? 'Unknown', message: error?.Message ?? '' };
  },
});

const ELBV2 = query('elasticloadbalancing', '2015-12-01', 'member', (operation, answer) => {
  const result = asModelled((answer as Record<string, unknown>)[`${operation}Result`]);
  return result === '' ? {} : result;
});

/** The SDK's model says which texts are numbers, and which elements are lists: of what the gateway reads, these. */
function asModelled(value: unknown, name = ''): unknown {
  if (name === 'Port') return Number(value);
  if (value === '' && /^(TargetGroups|TargetHealthDescriptions|Attributes|LoadBalancerArns)$/.test(name)) return [];
  if (Array.isArray(value)) return value.map((each) => asModelled(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, asModelled(held, key)]));
}

const EC2_LISTS: Readonly<Record<string, string>> = {
  reservationSet: 'Reservations',
  instancesSet: 'Instances',
  tagSet: 'Tags',
  instanceState: 'State',
};
const EC2 = query('ec2', '2016-11-15', 'flat', (_operation, answer) => capitalised(answer));

function capitalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalised);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => {
      const name = EC2_LISTS[key] ?? `${key.charAt(0).toUpperCase()}${key.slice(1)}`;
      const empty = held === '' && key.endsWith('Set');
      return [name, empty ? [] : capitalised(held)];
    }),
  );
}
