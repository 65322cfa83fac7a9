import type { Fault } from '../../src/testing/faults.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { at, type Moment } from '../helpers/moments.js';
import { afterCall } from './after-call.js';
import type { Dice } from './dice.js';
import type { LifeEnd, Story } from './story.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What goes wrong just when something else has happened: chance alone hardly ever brings the two together. */
export type Mishap = (
  | { readonly afterCall: string; readonly byMs: number }
  | { readonly moment: Moment; readonly byMs: number }
) & { readonly faults: readonly Fault[] };

/** What a story gets on top of everything else. */
export type Bundle = Pick<Story, 'faults' | 'lives' | 'mishaps'> & {
  readonly undocumented?: Story['cloud']['undocumented'];
  readonly timings?: Story['cloud']['timings'];
};

export function writeMishaps(dice: Dice, blue: number): Bundle {
  const kind = dice.between(1, 100);
  if (kind <= 4) return diesAfterACall(dice, blue);
  if (kind <= 8) return sentBlindly(dice);
  if (kind <= 11) return greenGoesWithBlueLeft(dice, blue);
  if (kind <= 14) return lostAfterRefusals(dice);
  return { faults: [], lives: [], mishaps: [] };
}

/** A process dies right after a call that changed something, and what that was about is gone before the next one comes. */
function diesAfterACall(dice: Dice, blue: number): Bundle {
  const of = dice.one([
    'updateCapacity',
    'updateCapacity',
    'detachInstances',
    'StopDeployment',
    'stopDeploymentMode',
    'RegisterTargets',
    'DeregisterTargets',
    'CreateTags',
  ]);
  const life: LifeEnd = {
    end: 'crash',
    at: 'call',
    of,
    nth: 1,
    when: dice.one(['before', 'after', 'after']),
    forMs: dice.between(1, 20) * MINUTE,
  };
  const colour = dice.one(['green', 'green', 'blue'] as const);
  const faults = dice.percent(70) ? interruptions(colour, dice.percent(60) ? blue : 1) : [];
  return {
    faults: [],
    lives: [life],
    mishaps: [{ afterCall: of, byMs: SECOND, faults }],
    undocumented: of === 'updateCapacity' ? { stopMode: 'leaves-green' } : {},
  };
}

/** The answer to a call is lost, and whoever then looks for what it did is not let look. */
function sentBlindly(dice: Dice): Bundle {
  const [service, operation, look] = dice.one([
    ['spot', 'enterDeploymentMode', 'listDeploymentModes'],
    ['codedeploy', 'CreateDeployment', 'ListDeployments'],
    ['spot', 'detachInstances', 'listInstances'],
    ['spot', 'updateCapacity', 'readElastigroup'],
  ] as const);
  const times = dice.between(1, 8);
  const lost: Fault = {
    fault: dice.one(['lost-answer', 'no-answer'] as const),
    on: { service, operation },
    acted: true,
  };
  const refused: Fault = {
    fault: 'refused',
    on: { service, operation: look, times },
    code: 'AccessDeniedException',
    status: 403,
  };
  return { faults: [lost], lives: [], mishaps: [{ afterCall: operation, byMs: 0, faults: [refused] }] };
}

/** CodeDeploy does not see green's tags for a while; the answer to one of the later tries is lost, and listed late. */
function lostAfterRefusals(dice: Dice): Bundle {
  const nth = dice.between(4, 7);
  const lost: Fault = { fault: 'lost-answer', on: { service: 'codedeploy', operation: 'CreateDeployment', nth } };
  const timings = { tagVisibleInCodeDeployMs: 150 * SECOND, codeDeployReadAfterWriteMs: 15 * SECOND };
  return { faults: [lost], lives: [], mishaps: [], timings };
}

/** The release is out, Spot does not take blue away, and green is reclaimed before we do. */
function greenGoesWithBlueLeft(dice: Dice, blue: number): Bundle {
  return {
    faults: [{ fault: 'blue-not-removed', finishes: dice.percent(50) }],
    lives: [],
    mishaps: [
      {
        moment: 'blue-out',
        byMs: dice.between(5, 180) * SECOND,
        faults: interruptions('green', dice.percent(30) ? blue : 1),
      },
    ],
  };
}

const interruptions = (colour: 'blue' | 'green', count: number): readonly Fault[] =>
  Array.from({ length: count }, (_, instance) => ({ fault: 'interruption', colour, instance, atMs: 0 }));

/** Lets the mishaps of a story befall its cloud. */
export function befall(cloud: SimulatedCloud, { mishaps = [] }: Story): void {
  for (const mishap of mishaps) {
    const strike = (): void => {
      for (const fault of mishap.faults) cloud.faults.add(fault);
    };
    if ('moment' in mishap) at(cloud, mishap.moment, () => cloud.clock.schedule(mishap.byMs, strike));
    else afterCall(cloud, mishap, strike);
  }
}
