/**
 * Two people must say yes, neither of them the one who started the release, and each for what is there when they look:
 * two gates before the same stage, and one function on top of the public API.
 *
 *   npx tsx examples/quorum.ts                          on a simulated cloud; nothing leaves this machine
 *   npx tsx examples/quorum.ts --real                   on the account that the environment names, started by $USER
 *   npx tsx examples/quorum.ts --real approve ID NAME   from another terminal, for each of the two
 *
 * `--real` needs a deployment group that waits in Ready. Its variables are those of `deploy-elastigroup.ts`.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { BlueGreen, MemoryStore } from 'elastigroup-bluegreen';
import type { BlueGreenOptions, ElastigroupSpec, RolloutEngine, RolloutEvent } from 'elastigroup-bluegreen';
import { SimulatedCloud } from 'elastigroup-bluegreen/testing';
import { realAccount } from './shared/real-account.js';

/** They open one after the other, and each yes has to name the evidence that it is given for. */
const GATES = ['first-yes', 'second-yes'].map((name) => ({
  name,
  before: 'PRODUCTION_TRAFFIC_SHIFT' as const,
  evidence: 'required' as const,
}));

/** Says yes at the gate that is open: each person once in a rollout, and never the one who started it. */
async function approveOnce(engine: RolloutEngine, id: string, by: string): Promise<string> {
  const [open] = (await engine.status(id)).gates;
  if (open === undefined) throw new Error('nothing waits for an answer');
  // Whoever starts a release puts the own name behind its id: it stands in the journal for ever.
  if (id.endsWith(`.${by}`)) throw new Error(`${by} started it`);
  await using rollout = await engine.watch(id);
  const answered = new Set<string>();
  for await (const event of rollout.events()) {
    if (event.name === 'gate:answer:recorded') answered.add(event.data.by);
    if (event.name === 'gate:answer:refused') answered.delete(event.data.by);
    if (event.name === 'step:run:started' && event.data.step === `gate/${open.name}`) break;
  }
  if (answered.has(by)) throw new Error(`${by} has answered already`);
  await engine.approve(id, open.name, { by, ...(open.hash === undefined ? {} : { evidence: open.hash }) });
  return `${by} says yes at ${open.name}`;
}

const words = process.argv.slice(2).filter((word) => word !== '--real');
if (process.argv.includes('--real')) {
  const { options, spec } = realAccount();
  const [, id, by] = words;
  if (id !== undefined && by !== undefined) console.log(await withEngine(options, (them) => approveOnce(them, id, by)));
  else console.log(await rollOut(options, spec, `${randomUUID().slice(0, 8)}.${process.env['USER'] ?? 'nobody'}`));
} else {
  await using cloud = new SimulatedCloud({ deploymentGroup: { readyWaitMinutes: 60 } });
  const options = { ...cloud.options(), store: new MemoryStore() };
  // Whoever comes by, in this order: at the first gate, and at the second.
  const outcome = await rollOut(options, cloud.spec(), 'shop-412.ada', ['ada', 'bob'], ['bob', 'cleo']);
  assert.equal(outcome, 'succeeded');
  assert.deepEqual(cloud.snapshot().serving, { blue: 0, green: 3, other: 0 });
}

async function rollOut(
  options: BlueGreenOptions,
  spec: ElastigroupSpec,
  id: string,
  ...visitors: string[][]
): Promise<string> {
  return withEngine({ ...options, onEvent: tell }, async (engine) => {
    const rollout = await engine.start({ ...spec, gates: GATES }, { id });
    for await (const { name, data } of rollout.events()) {
      const shows = name === 'step:run:observed' && data.facts !== undefined && data.step.startsWith('gate/');
      // Each of them is a process of its own, which knows no more than the store.
      for (const by of shows ? (visitors.shift() ?? []) : [])
        console.log(await withEngine(options, (them) => approveOnce(them, id, by)).catch(String));
    }
    return (await rollout.result()).outcome;
  });
}

async function withEngine<T>(options: BlueGreenOptions, work: (engine: BlueGreen) => Promise<T>): Promise<T> {
  const engine = new BlueGreen(options);
  return work(engine).finally(() => engine.close());
}

function tell({ at, level, name, text }: RolloutEvent): void {
  if (level !== 'debug') console.log(`${at.slice(11, 19)}  ${name}  ${text}`);
}
