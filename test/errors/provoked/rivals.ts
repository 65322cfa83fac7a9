import type { ErrorCode } from '../../../src/index.js';
import { ROLLOUT_ID, specOf } from '../../helpers/crash.js';
import { Race } from '../../helpers/races.js';
import {
  changesSince,
  ofRelease,
  ofResult,
  scene,
  whenBegins,
  type Provocation,
  type Provoked,
} from './provocation.js';

const ORDER = { by: 'Ada', reason: 'not tonight' };
const READY = { deploymentGroup: { readyWaitMinutes: 60 } } as const;

/** Somebody else was first, came later, or gave an order. */
export const RIVALS = {
  ROLLOUT_SUPERSEDED: {
    sends: 'nothing',
    says: /third/,
    async provoke(): Promise<Provoked> {
      await using race = new Race(READY, undefined, 'short');
      const first = await race.enter('first', 'fail');
      await first.reaches('await-ready');
      const second = await race.enter('second', 'wait');
      const third = await race.enter('third', 'supersede');
      const [told] = await Promise.all([second.rollout.result(), first.rollout.result(), third.rollout.result()]);
      const ours = race.cloud
        .snapshot()
        .codeDeployDeployments.filter(({ description }) => description?.startsWith('second#') === true);
      return ofResult(
        told,
        ours.map(() => 'codedeploy CreateDeployment'),
      );
    },
  },
  TARGET_BUSY: {
    sends: 'nothing',
    says: /held by rollout first/,
    async provoke(): Promise<Provoked> {
      await using race = new Race({}, undefined, 'short');
      const first = await race.enter('first', 'fail');
      await first.reaches('await-green');
      const sent = changesSince(race.cloud);
      const second = await race.enter('second', 'fail');
      const told = ofResult(await second.rollout.result(), sent());
      await first.rollout.result();
      return told;
    },
  },
  ALREADY_DEPLOYING: {
    sends: 'nothing',
    says: /waited/,
    async provoke(): Promise<Provoked> {
      await using race = new Race(READY, undefined, 'short');
      race.strangerDeploys();
      const options = { timeouts: { steps: { 'await-deployment-group': '10m' } } } as const;
      const sent = changesSince(race.cloud);
      const only = await race.enter('only', 'wait', { options });
      return ofResult(await only.rollout.result(), sent());
    },
  },
  RELEASE_STOPPED: {
    sends: 'something',
    says: /not by this rollout/,
    provoke: () =>
      ofRelease({
        onEvent: (event, cloud) => {
          if (event.name !== 'step:run:started' || event.data.step !== 'await-codedeploy') return;
          const [ours] = cloud.snapshot().codeDeployDeployments;
          cloud.clock.schedule(20_000, () => cloud.codeDeploy.stopDeployment(ours?.deploymentId ?? '', false));
        },
      }),
  },
  ABORTED: {
    sends: 'something',
    says: /Ada.*not tonight/,
    async provoke(): Promise<Provoked> {
      await using stage = scene();
      const waiting = whenBegins('await-green');
      const sent = stage.watch();
      const rollout = await stage.process({ onEvent: waiting.onEvent }).start(specOf(stage.cloud), { id: ROLLOUT_ID });
      await waiting.seen;
      await stage.process().abort(ROLLOUT_ID, ORDER);
      return ofResult(await rollout.result(), sent());
    },
  },
  SUSPENDED: {
    sends: 'nothing',
    async provoke(): Promise<Provoked> {
      await using stage = scene();
      const waiting = whenBegins('await-green');
      const stop = new AbortController();
      const rollout = await stage
        .process({ onEvent: waiting.onEvent })
        .start(specOf(stage.cloud), { id: ROLLOUT_ID, signal: stop.signal, onSignal: 'suspend' });
      await waiting.seen;
      const sent = stage.watch();
      stop.abort();
      return ofResult(await rollout.result(), sent());
    },
  },
} as const satisfies Partial<Record<ErrorCode, Provocation>>;
