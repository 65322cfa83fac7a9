import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { BlueGreen, type ErrorCode } from '../../../src/index.js';
import { ROLLOUT_ID, specOf } from '../../helpers/crash.js';
import { ofCall, ofRelease, ofResult, ofThrow, scene, type Provocation } from './provocation.js';

/** What was given to the library is wrong. */
export const GIVEN = {
  SPEC_INVALID: {
    sends: 'nothing',
    says: /colour/,
    async provoke() {
      await using stage = scene();
      return ofCall(stage, () => stage.process().deploy(stage.cloud.spec({ colour: 'red' })));
    },
  },
  OPTIONS_INVALID: {
    sends: 'nothing',
    says: /call is 'soon'/,
    provoke: () => Promise.resolve(ofThrow(() => new BlueGreen({ timeouts: { call: 'soon' as never } }))),
  },
  CREDENTIALS_MISSING: {
    sends: 'nothing',
    says: /SPOTINST_TOKEN/,
    async provoke() {
      await using stage = scene();
      const home = mkdtempSync(join(tmpdir(), 'home-'));
      for (const name of ['SPOTINST_TOKEN', 'SPOTINST_PROFILE']) vi.stubEnv(name, '');
      for (const name of ['HOME', 'USERPROFILE']) vi.stubEnv(name, home);
      try {
        const { baseUrl } = stage.cloud.options().spot;
        return await ofCall(stage, () => stage.process({ spot: { baseUrl } }).deploy(specOf(stage.cloud)));
      } finally {
        vi.unstubAllEnvs();
        rmSync(home, { recursive: true });
      }
    },
  },
  PREFLIGHT_REFUSED: {
    sends: 'nothing',
    says: /IN_PLACE/,
    provoke: () => ofRelease({ cloud: { deploymentGroup: { deploymentType: 'IN_PLACE' } } }),
  },
  ROLLOUT_ID_TAKEN: {
    sends: 'nothing',
    says: /shop-412/,
    async provoke() {
      await using stage = scene();
      const driver = stage.process();
      await driver.deploy(specOf(stage.cloud), { id: 'shop-412' });
      return ofCall(stage, () => driver.deploy(specOf(stage.cloud, { minimumHealthyPercent: 50 }), { id: 'shop-412' }));
    },
  },
  ROLLOUT_UNKNOWN: {
    sends: 'nothing',
    says: /nobody/,
    async provoke() {
      await using stage = scene();
      return ofCall(stage, () => stage.process().resume('nobody'));
    },
  },
  HOOK_MISSING: {
    sends: 'nothing',
    says: /smoke/,
    async provoke() {
      await using stage = scene({ deploymentGroup: { readyWaitMinutes: 60 } });
      const hooks = { PRODUCTION_TRAFFIC_SHIFT: { name: 'smoke', run: () => undefined } };
      const first = await stage.process({ hooks }).start(specOf(stage.cloud), { id: ROLLOUT_ID });
      await first[Symbol.asyncDispose]();
      const sent = stage.watch();
      const resumed = await stage.process().resume(ROLLOUT_ID);
      return ofResult(await resumed.result(), sent());
    },
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;
