import type { BlueGreen } from '../../src/index.js';
import type { ElastigroupSpec } from '../../src/specs/elastigroup-spec.js';
import { AWAIT_TURN } from '../../src/engine/await-turn.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { Watch } from '../helpers/invariants.js';
import type { DriverOptions } from './drivers.js';
import type { Story } from './story.js';

const RIVAL = 'rival';
const GATE = 'its-turn';

interface Parts {
  readonly story: Story;
  readonly id: string;
  readonly cloud: SimulatedCloud;
  readonly watch: Watch;
  readonly driver: (options: DriverOptions) => BlueGreen;
  readonly broke: (what: string) => void;
}

/**
 * Starts another rollout onto the same target. Its turn comes only once this one has ended, whoever drives it; from there on it waits
 * for a person, and touches nothing.
 */
export async function startRival({ story, id, cloud, watch, driver, broke }: Parts): Promise<void> {
  const { codeDeploy, ...spec } = cloud.spec({
    ...story.spec,
    alarms: [],
    gates: [{ name: GATE, before: 'PRE_SCALE_UP' }],
  });
  const onAlreadyDeploying = story.company?.rivalRollout?.onAlreadyDeploying ?? 'fail';
  const looks: Array<Promise<void>> = [];
  let sentAtItsTurn: number | undefined;
  const isItsTurn = async (): Promise<void> => {
    const rollout = (await blueGreen.list()).find((each) => each.id === id);
    const hasBegun = rollout?.step !== undefined && rollout.step !== AWAIT_TURN;
    if (hasBegun && rollout.finishedAt === undefined) broke('another rollout got its turn, and this one had not ended');
  };
  const blueGreen = driver({
    onEvent: ({ name, data, rolloutId }) => {
      if (rolloutId !== RIVAL || name !== 'step:run:started' || data.step !== `gate/${GATE}`) return;
      sentAtItsTurn = watch.sent.length;
      looks.push(isItsTurn());
    },
  });
  const rollout = await blueGreen.start(
    { ...spec, codeDeploy: { ...codeDeploy, onAlreadyDeploying } } as ElastigroupSpec,
    {
      id: RIVAL,
    },
  );
  const { outcome } = await rollout.result();
  await Promise.all(looks);
  if (outcome === 'suspended' && watch.sent.length > (sentAtItsTurn ?? Number.POSITIVE_INFINITY))
    broke('it went on while it was another rollout’s turn');
  if (outcome === 'succeeded' || outcome === 'failed')
    broke(`another rollout, which nobody let begin, ended ${outcome}`);
}
