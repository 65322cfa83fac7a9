import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileStore, MemoryStore, type ErrorCode } from '../../../src/index.js';
import type { RolloutStore, StoredEntry } from '../../../src/ports/rollout-store.js';
import { latch, ROLLOUT_ID, specOf } from '../../helpers/crash.js';
import { inDirectory } from '../../helpers/sweep.js';
import { ofCall, ofResult, scene, whenBegins, type Provocation, type Scene } from './provocation.js';

/** The first process lets go of its rollout once green is waited for. */
async function suspended(stage: Scene): Promise<void> {
  const waiting = whenBegins('await-green');
  const first = stage.process({ onEvent: waiting.onEvent });
  const rollout = await first.start(specOf(stage.cloud), { id: ROLLOUT_ID });
  await waiting.seen;
  await rollout[Symbol.asyncDispose]();
}

/** The store, and who drives. */
export const STORE = {
  ROLLOUT_CONFLICT: {
    sends: 'nothing',
    async provoke() {
      await using stage = scene();
      await suspended(stage);
      const entries = await stage.store.read(ROLLOUT_ID);
      // What a second writer would do that has not seen the last entry of the first.
      return ofCall(stage, () => stage.store.append(ROLLOUT_ID, entries.length - 1, entries.slice(0, 1)));
    },
  },
  STORE_CORRUPT: {
    sends: 'nothing',
    says: /line 2/,
    provoke: () =>
      inDirectory(async (directory) => {
        await using stage = scene();
        const waiting = whenBegins('await-green');
        const first = stage.process({ onEvent: waiting.onEvent }, new FileStore(directory));
        await first.start(specOf(stage.cloud), { id: ROLLOUT_ID });
        await waiting.seen;
        await first.close();
        const file = join(directory, 'rollouts', `${ROLLOUT_ID}.jsonl`);
        writeFileSync(file, readFileSync(file, 'utf8').replace('"seq":1', '"seq":oops'));
        return await ofCall(stage, () => stage.process({}, new FileStore(directory)).resume(ROLLOUT_ID));
      }),
  },
  STORE_FAILED: {
    sends: 'nothing',
    says: /ENOTDIR|EEXIST/,
    provoke: () =>
      inDirectory(async (directory) => {
        await using stage = scene();
        const file = join(directory, 'a-file');
        writeFileSync(file, '');
        return await ofCall(stage, () => stage.process({}, new FileStore(file)).deploy(specOf(stage.cloud)));
      }),
  },
  ALREADY_DRIVEN: {
    sends: 'nothing',
    says: /another process drives/,
    async provoke() {
      await using stage = scene();
      const waiting = whenBegins('await-green');
      const first = await stage.process({ onEvent: waiting.onEvent }).start(specOf(stage.cloud), { id: ROLLOUT_ID });
      await waiting.seen;
      const sent = stage.watch();
      const provoked = await (await stage.process().resume(ROLLOUT_ID)).result();
      // The first is still before its second call.
      const told = ofResult(provoked, sent());
      await first[Symbol.asyncDispose]();
      return told;
    },
  },
  LEASE_LOST: {
    sends: 'nothing',
    says: /another process/,
    provoke: leaseLost,
  },
  ANCHOR_UNREADABLE: {
    sends: 'nothing',
    says: /us-east-1/,
    async provoke() {
      await using stage = scene();
      await suspended(stage);
      const sent = stage.watch();
      const { aws } = stage.cloud.options();
      const elsewhere = stage.process({ aws: { ...aws, region: 'us-east-1' } });
      return ofResult(await (await elsewhere.resume(ROLLOUT_ID)).result(), sent());
    },
  },
  PLAN_INCOMPATIBLE: {
    sends: 'nothing',
    says: /capture-blue/,
    async provoke() {
      await using stage = scene();
      await suspended(stage);
      const other = new MemoryStore();
      await other.append(ROLLOUT_ID, 0, (await stage.store.read(ROLLOUT_ID)).map(asOfAnotherVersion));
      const sent = stage.watch();
      return ofResult(await (await stage.process({}, other).resume(ROLLOUT_ID)).result(), sent());
    },
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;

/** Cut off from the store for ten minutes, it comes back when another process has taken over, and must send nothing. */
async function leaseLost() {
  await using stage = scene();
  const [cutOff, comesBack] = [latch(), latch()];
  let isCutOff = false;
  const under = stage.store;
  const slow: RolloutStore = {
    durable: true,
    read: (...args) => under.read(...args),
    list: () => under.list(),
    readRecord: (...args) => under.readRecord(...args),
    writeRecord: async (...args) => {
      if (isCutOff) await comesBack.opened;
      return under.writeRecord(...args);
    },
    append: async (...args) => {
      const [entry] = args[2];
      if (entry?.['type'] === 'operation-intended' && entry['key'] === 'release-green/1') {
        isCutOff = true;
        cutOff.open();
      }
      if (isCutOff) await comesBack.opened;
      return under.append(...args);
    },
  };
  const first = await stage.process({}, slow).start(specOf(stage.cloud), { id: ROLLOUT_ID });
  await cutOff.opened;
  const releasing = whenBegins('await-codedeploy');
  await stage.process({ onEvent: releasing.onEvent }, under).resume(ROLLOUT_ID);
  await releasing.seen;
  const sent = stage.watch();
  comesBack.open();
  return ofResult(await first.result(), sent());
}

function asOfAnotherVersion(entry: StoredEntry): StoredEntry {
  if (entry['type'] !== 'rollout-started') return entry;
  const fingerprint = (entry['fingerprint'] as ReadonlyArray<readonly [string, number]>).map(
    ([id, version]): [string, number] => [id, id === 'capture-blue' ? version + 1 : version],
  );
  return { ...entry, fingerprint };
}
