/**
 * A process is killed in the middle of a release, with SIGKILL, so that it has no last word. Another one takes the release
 * up from the same store and finishes it, and nothing is done twice.
 *
 *   npx tsx examples/resume-after-crash.ts
 *
 * This process is the simulated cloud, on a port of this machine; the two that drive are children of it. All three have
 * clocks that run thirty times as fast as real time: the second driver must wait until it is sure that the first is dead,
 * three minutes here.
 */
import './shared/quiet-aws.js';
import './shared/preload.js';
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BlueGreen, FileStore, parseSpec } from 'elastigroup-bluegreen';
import { SimulatedClock, SimulatedCloud } from 'elastigroup-bluegreen/testing';

const ID = 'shop-412';
const FACTOR = 30;

const [role, folder = '', startedAt = '', spec = ''] = process.argv.slice(2);
if (role === undefined) await supervise();
else await drive();

/** What each driver does. The first finds no rollout of this id in the store, the second does. */
async function drive(): Promise<void> {
  const blueGreen = new BlueGreen({
    store: new FileStore(folder),
    clock: hurriedClock(Number(startedAt)),
    // On a busy machine: two seconds of real time.
    timeouts: { call: '60s' },
    onEvent: ({ at, name, level, text }) => {
      if (level !== 'debug' || name.startsWith('operation:')) console.log(`${at.slice(11, 19)}  ${name}  ${text}`);
    },
  });
  const rollout =
    role === 'resume' ? await blueGreen.resume(ID) : await blueGreen.start(parseSpec(JSON.parse(spec)), { id: ID });
  const { outcome, error } = await rollout.result();
  console.log(`outcome: ${outcome} ${error?.message ?? ''}`.trimEnd());
  await blueGreen.close();
}

async function supervise(): Promise<void> {
  const store = mkdtempSync(join(tmpdir(), 'resume-after-crash-'));
  const began = Date.now();
  await using cloud = new SimulatedCloud({ clock: hurriedClock(began), blue: 2, deregistrationDelayMs: 30_000 });
  const { environment } = await cloud.listen();
  const children: ChildProcess[] = [];
  const driver = (name: string, word: 'start' | 'resume', onLine: (line: string) => void): Promise<string> => {
    const file = fileURLToPath(import.meta.url);
    const args = [...process.execArgv, file, word, store, String(began), JSON.stringify(cloud.spec())];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(`${name}  ${line}`);
      onLine(line);
    });
    return new Promise((resolve) => void child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`)));
  };

  try {
    const first = await driver('first ', 'start', (line) => {
      // The intent is in the store. Whether the call has reached CodeDeploy, nobody in the second process can know.
      if (line.includes('operation:send:intended  codedeploy createDeployment')) children[0]?.kill('SIGKILL');
    });
    console.log(`the first process ended by ${first}; ${changes(cloud)} so far`);
    assert.equal(first, 'SIGKILL');

    let last = '';
    const second = await driver('second', 'resume', (line) => (last = line));
    console.log(`the second process ended by ${second}; ${changes(cloud)} in all`);
    assert.equal(second, 'exit code 0');
    assert.equal(last, 'outcome: succeeded');
    // One deployment mode and one CodeDeploy deployment, whichever of the two processes sent them.
    assert.equal(changes(cloud), 'enterDeploymentMode once, CreateDeployment once');
    assert.deepEqual(cloud.snapshot().serving, { blue: 0, green: 2, other: 0 });
    console.log(`${cloud.traffic.total} requests of users, ${cloud.traffic.failed} failed`);
    assert.equal(cloud.traffic.failed, 0);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(store, { recursive: true });
  }
}

/** The same time in every process that is told when the cloud began. */
function hurriedClock(began: number): SimulatedClock {
  return new SimulatedClock({ factor: FACTOR, startAt: began + (Date.now() - began) * FACTOR });
}

/** What was changed in the clouds so far, by whichever process. */
function changes({ requests }: SimulatedCloud): string {
  const times = new Map<string, number>();
  for (const { operation } of requests)
    if (!/^(list|read|describe|get|batchget)/i.test(operation)) times.set(operation, (times.get(operation) ?? 0) + 1);
  const words = [...times].map(([operation, count]) => `${operation} ${count === 1 ? 'once' : `${count} times`}`);
  return words.join(', ') || 'nothing was changed';
}
