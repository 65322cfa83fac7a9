import { expectTypeOf } from 'vitest';
import { BlueGreen, BlueGreenError } from '../../src/index.js';
import type {
  Clock,
  Duration,
  ElastigroupSpec,
  EventPayload,
  Fleets,
  Kind,
  Outcome,
  RolloutEngine,
  RolloutEvent,
  RolloutResult,
  RolloutSpec,
} from '../../src/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';

// Compiled, never run: `npm run types` fails when one of these does not hold.

declare const blueGreen: BlueGreen;
declare const spec: ElastigroupSpec;

// deploy() resolves for success alone, and its result is the one of the spec's kind.
expectTypeOf(blueGreen.deploy(spec)).resolves.toHaveProperty('outcome').toEqualTypeOf<'succeeded'>();
expectTypeOf(blueGreen.deploy(spec)).resolves.toHaveProperty('kind').toEqualTypeOf<'elastigroup'>();
expectTypeOf(blueGreen.deploy(spec)).resolves.toExtend<RolloutResult<'elastigroup'>>();

// start() answers a handle that is no promise itself, and whose result has every outcome.
const rollout = await blueGreen.start(spec);
expectTypeOf(rollout).not.toHaveProperty('then');
expectTypeOf(rollout.result()).resolves.toEqualTypeOf<RolloutResult<'elastigroup'>>();
expectTypeOf<RolloutResult['outcome']>().toEqualTypeOf<Outcome>();
expectTypeOf<Outcome>().toEqualTypeOf<'succeeded' | 'rolled-back' | 'refused' | 'failed' | 'suspended'>();
expectTypeOf(rollout.events()).toExtend<AsyncIterable<RolloutEvent>>();

// A spec is one of a union, told apart by kind.
expectTypeOf<RolloutSpec['kind']>().toEqualTypeOf<Kind>();
expectTypeOf<Extract<RolloutSpec, { kind: 'elastigroup' }>>().toEqualTypeOf<ElastigroupSpec>();
// @ts-expect-error a kind that is not known
void blueGreen.deploy({ ...spec, kind: 'canary' });
// @ts-expect-error an Elastigroup must be named
void blueGreen.deploy({ kind: 'elastigroup', green: spec.green, codeDeploy: spec.codeDeploy });
// @ts-expect-error a value, or two in turn, but not both
({ tagKey: 'Colour', alternate: ['a', 'b', 'c'] }) satisfies ElastigroupSpec['green'];

// A literal keeps its kind without being annotated.
const literal = blueGreen.deploy({
  kind: 'elastigroup',
  elastigroupId: 'sig-1a2b3c4d',
  green: { tagKey: 'Colour' },
  codeDeploy: {
    applicationName: 'shop',
    deploymentGroupName: 'shop-prod',
    revision: { s3: { bucket: 'releases', key: 'shop-412.zip', bundleType: 'zip' } },
  },
});
expectTypeOf(literal).resolves.toHaveProperty('kind').toEqualTypeOf<'elastigroup'>();

// Results of several kinds are narrowed by kind.
declare const result: RolloutResult;
if (result.kind === 'elastigroup') expectTypeOf(result.blue).toEqualTypeOf<Fleets['elastigroup'] | undefined>();

// Durations carry their unit.
expectTypeOf<'90s'>().toExtend<Duration>();
expectTypeOf<'90'>().not.toExtend<Duration>();
expectTypeOf<'soon'>().not.toExtend<Duration>();

// Events are narrowed by name.
declare const event: RolloutEvent;
if (event.name === 'gate:answer:recorded')
  expectTypeOf(event.data).toEqualTypeOf<EventPayload<'gate:answer:recorded'>>();

// The class is the interface that users may fake, and the simulated cloud gives it what it needs.
expectTypeOf<BlueGreen>().toExtend<RolloutEngine>();
const cloud = new SimulatedCloud();
expectTypeOf(new BlueGreen(cloud.options())).toEqualTypeOf<BlueGreen>();
expectTypeOf(cloud.clock).toExtend<Clock>();
expectTypeOf(blueGreen.deploy(cloud.spec())).resolves.toHaveProperty('outcome').toEqualTypeOf<'succeeded'>();

// An error is recognised without its class.
declare const unknown: unknown;
if (BlueGreenError.is(unknown)) expectTypeOf(unknown.code).toBeString();
