/**
 * A release from its first call to its proof, on a simulated cloud inside this process: nothing leaves this machine.
 *
 *   npm run demo
 *   npm run demo -- --fault script-fails
 *   npm run demo -- --help
 *
 * Exit code: 0 when the release went out, 1 when it was taken back, 2 for a flag that the demo does not know.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import { parseArgs } from 'node:util';
import { BlueGreen, MemoryStore } from 'elastigroup-bluegreen';
import type { Blame, ReceiptLine, RolloutEvent, RolloutResult } from 'elastigroup-bluegreen';
import { SHOP, SimulatedCloud } from 'elastigroup-bluegreen/testing';
import { DEMO_FAULTS } from './shared/simulated-faults.js';

const HELP = [
  'Releases version 412 of a simulated shop blue/green, and prints what happens.',
  '',
  'npm run demo [-- --fault <name>]',
  '',
  ...Object.entries(DEMO_FAULTS).map(([name, { story }]) => `  --fault ${name.padEnd(18)} ${story}`),
  `  --help                     this text`,
].join('\n');

const WHO = {
  release: 'whoever made this version',
  config: 'whoever set this up',
  cloud: 'nobody here: AWS or Spot',
  operator: 'whoever gave the order',
  us: 'the makers of the library',
} satisfies Record<Blame, string>;

const story = readStory();
const cloud = new SimulatedCloud({
  faults: story?.faults ?? [],
  deploymentGroup: { readyWaitMinutes: 60 },
});
const startedAt = cloud.clock.now();
const warnings: string[] = [];

const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore(), onEvent: tell });
const spec = cloud.spec();
const { bucket, key } = spec.codeDeploy.revision.s3;

console.log(`Releasing s3://${bucket}/${key} onto Elastigroup ${spec.elastigroupId}, in simulated time.`);
if (story !== undefined) console.log(`What will go wrong: ${story.story}.`);
console.log('');

const rollout = await blueGreen.start(spec, { id: 'demo-412' });
const result = await rollout.result();
await blueGreen.close();
tellResult(result);
await cloud.close();
process.exitCode = result.outcome === 'succeeded' ? 0 : 1;

function readStory() {
  try {
    const { values } = parseArgs({ options: { fault: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.help === true) {
      console.log(HELP);
      process.exit(0);
    }
    if (values.fault === undefined) return undefined;
    if (Object.hasOwn(DEMO_FAULTS, values.fault)) return DEMO_FAULTS[values.fault];
    throw new Error(`--fault ${values.fault} is not known; allowed are ${Object.keys(DEMO_FAULTS).join(', ')}`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(2);
  }
}

/** One line for what a person would want to see while it happens. */
function tell(event: RolloutEvent): void {
  const seconds = Math.round((Date.parse(event.at) - startedAt) / 1000);
  const clock = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  const say = (mark: string, text: string): void => console.log(`${clock}  ${mark}${text}`);
  switch (event.name) {
    case 'step:run:started':
      say('', event.text);
      break;
    case 'step:run:observed':
      say('    ', event.text);
      break;
    case 'operation:send:intended':
      say('  > ', event.text);
      break;
    case 'operation:send:completed':
      if (event.data.how !== 'answered') say('  < ', event.text);
      break;
    case 'operation:send:refused':
      say('  < ', event.text);
      break;
    case 'cloud:call:failed':
      // Reads are made again, or mean what they say: only a lost answer to a change is worth a line.
      if (event.data.because === 'the service may have acted on it') say('  ! ', event.text);
      break;
    case 'rollout:check:warned':
      warnings.push(`${event.data.code}: ${event.text}`);
      break;
    case 'step:run:failed':
      say('  ! ', `${event.data.step} failed: ${firstLine(event.data.error.message)}`);
      break;
    case 'rollout:unwind:started':
      say('', 'taking the release back');
      break;
    case 'rollout:pivot:passed':
      say('', event.text);
      break;
    default:
  }
}

function tellResult({ outcome, error, green, receipt, strays }: RolloutResult): void {
  const took = Math.round((cloud.clock.now() - startedAt) / 1000);
  const { traffic } = cloud;
  console.log(`\n${outcome.toUpperCase()} after ${Math.floor(took / 60)} min ${took % 60} s of simulated time`);
  if (error !== undefined) {
    console.log('\nWhy');
    const facts = (error.details ?? {}) as Readonly<Record<string, unknown>>;
    tellField('what', firstLine(error.message));
    for (const name of ['instanceId', 'event', 'script', 'reason']) tellField(name, facts[name]);
    if (typeof facts['logTail'] === 'string') {
      tellField('log', 'the last lines');
      for (const line of facts['logTail'].trimEnd().split('\n')) console.log(`              | ${line}`);
    }
    tellField('code', error.code);
    tellField('who must act', `${error.blame} (${WHO[error.blame]})`);
    tellField('what to do', error.hint);
  }
  console.log('\nWho serves');
  for (const line of whoServes()) console.log(`  ${line}`);
  if (outcome === 'succeeded' && green?.tags !== undefined) {
    const tags = Object.entries(green.tags).map(([tag, value]) => `${tag}=${value}`);
    console.log(`  green carries ${tags.join(', ')}`);
  }
  if (strays.length > 0) console.log(`  strays: ${strays.map(({ instanceId }) => instanceId).join(', ')}`);
  console.log(`\nUsers' requests\n  ${traffic.total} in all, ${traffic.failed} failed`);
  const differing = receipt.lines.filter(({ verdict }) => verdict === 'differs' || verdict === 'not-checked').length;
  console.log(`\nReceipt: ${receipt.lines.length} things compared with what was there before, ${differing} differ`);
  for (const line of receipt.lines) tellReceiptLine(line);
  if (warnings.length > 0) console.log(`\nWarnings\n  ${warnings.join('\n  ')}`);
}

/** The truth of the simulated cloud, not what the library believes. */
function whoServes(): string[] {
  const { targetGroups, instances } = cloud.snapshot();
  const healthy = targetGroups.flatMap(({ targets }) => targets).filter(({ state }) => state === 'healthy');
  return healthy.map(({ instanceId, colour }) => {
    const revision = instances.find((instance) => instance.instanceId === instanceId)?.revision ?? 'nothing';
    return `${instanceId}  ${colour === 'other' ? 'neither' : colour}  ${revision}`;
  });
}

function tellReceiptLine(line: ReceiptLine): void {
  const { what, verdict } = line;
  const subject = line.subject.includes(':targetgroup/') ? SHOP.targetGroupName : line.subject;
  console.log(`  ${verdict.padEnd(14)} ${what} (${subject})`);
  if (verdict === 'differs') {
    console.log(`                 expected ${text(line.expected)}, found ${text(line.found)}`);
    console.log(`                 ${line.fix}`);
  }
  if (verdict === 'not-checked') console.log(`                 ${line.because}`);
}

function tellField(name: string, value: unknown): void {
  if (typeof value === 'string') console.log(`  ${name.padEnd(13)} ${value}`);
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
