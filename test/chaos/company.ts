import type { BlueGreenOptions, CheckAnswer, HookResult, HookStage } from '../../src/index.js';
import { Refusal } from '../../src/testing/model/parts.js';
import { SHOP, type SimulatedCloud } from '../../src/testing/index.js';
import type { Dice } from './dice.js';
import type { Story } from './story.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** What a mode of somebody else's tags its green with. */
const RIVAL = 'rival';

/** Who else has a hand in it. */
export interface Company {
  /** A deployment mode that somebody has started by hand, so long before the release; its green is tagged `Colour=green`. */
  readonly modeByHand?: { readonly beforeMs: number };
  /** Somebody else enters a deployment mode, with tags of their own, or tries to. */
  readonly rivalMode?: { readonly atMs: number };
  /** An instance outside of the Elastigroup carries green's tags, or one of them, from then on. */
  readonly tagsElsewhere?: { readonly atMs: number; readonly which: 'all' | 'one' };
  /** Another rollout onto the same target, in the same store. */
  readonly rivalRollout?: { readonly atMs: number; readonly onAlreadyDeploying?: 'wait' | 'supersede' };
  readonly hooks?: readonly StoryHook[];
  /** A check that says this to the first so many questions, and the other to all after them. */
  readonly check?: { readonly first: CheckAnswer; readonly questions: number; readonly then: CheckAnswer };
}

export interface StoryHook {
  readonly stage: HookStage;
  readonly does: 'passes' | 'takes-its-time' | 'comes-back' | 'says-no' | 'throws' | 'stays-silent';
  readonly veto: boolean;
}

const STAGES: readonly HookStage[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
];
const HOLDING: ReadonlySet<HookStage> = new Set(['RECONCILE_SERVICE', 'PRE_SCALE_UP']);

export function writeCompany(dice: Dice): Company {
  return {
    ...dice.maybe(6, () => ({ modeByHand: { beforeMs: dice.between(5, 400) * SECOND } })),
    ...dice.maybe(4, () => ({ rivalMode: { atMs: dice.between(0, 600) * SECOND } })),
    ...dice.maybe(5, () => ({
      tagsElsewhere: { atMs: dice.between(0, 200) * SECOND, which: dice.one(['all', 'one', 'one'] as const) },
    })),
    ...dice.maybe(5, () => ({ rivalRollout: { atMs: dice.between(1, 900) * SECOND } })),
    ...dice.maybe(20, () => ({ hooks: dice.some(dice.between(1, 3), () => writeHook(dice)) })),
    ...dice.maybe(12, () => ({
      check: {
        first: dice.one(['pass', 'wait'] as const),
        questions: dice.between(0, 12),
        then: dice.one(['pass', 'pass', 'fail'] as const),
      },
    })),
  };
}

function writeHook(dice: Dice): StoryHook {
  const stage = dice.one(STAGES);
  const does = dice.one([
    'passes',
    'passes',
    'takes-its-time',
    'comes-back',
    'says-no',
    'throws',
    'stays-silent',
  ] as const);
  return { stage, does, veto: dice.percent(HOLDING.has(stage) ? 50 : 5) };
}

/** What others do to the cloud, at their times. */
export function join(cloud: SimulatedCloud, { company = {}, spec }: Story, isOver: () => boolean): void {
  const { rivalMode, tagsElsewhere } = company;
  if (rivalMode !== undefined)
    cloud.clock.schedule(rivalMode.atMs, () => {
      if (!isOver()) enterByHand(cloud, RIVAL);
    });
  if (tagsElsewhere !== undefined)
    cloud.clock.schedule(tagsElsewhere.atMs, () => {
      if (isOver()) return;
      const tags = Object.entries(tagsOf(spec, cloud));
      // One of one would be all of them.
      if (tagsElsewhere.which === 'one' && tags.length === 1) return;
      cloud.ec2.launch({ tags: Object.fromEntries(tagsElsewhere.which === 'all' ? tags : tags.slice(1)) });
    });
}

/** Starts the mode that the release is to find. */
export function startByHand(cloud: SimulatedCloud, { company = {} }: Story): void {
  if (company.modeByHand === undefined) return;
  enterByHand(cloud, 'green');
  cloud.advance(company.modeByHand.beforeMs);
}

function enterByHand(cloud: SimulatedCloud, value: string): void {
  try {
    cloud.elastigroups.enterDeploymentMode(SHOP.elastigroupId, {
      timeout: 24 * 3_600,
      tags: [{ tagKey: 'Colour', tagValue: value }],
      deploymentGroups: [{ applicationName: SHOP.applicationName, deploymentGroupName: SHOP.deploymentGroupName }],
      aside: value === RIVAL,
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function tagsOf({ green }: Story['spec'], cloud: SimulatedCloud): Record<string, string> {
  const [mode] = cloud.elastigroups.deploymentModes(SHOP.elastigroupId);
  if (mode !== undefined) return Object.fromEntries(mode.config.tags.map(({ tagKey, tagValue }) => [tagKey, tagValue]));
  return green !== undefined && 'tags' in green ? { ...green.tags } : { Colour: 'green' };
}

/** The functions that every process of the story is started with. */
export function functionsOf(
  { company = {} }: Story,
  cloud: SimulatedCloud,
): Pick<BlueGreenOptions, 'hooks' | 'checks'> {
  const hooks: Partial<Record<HookStage, object[]>> = {};
  for (const [index, { stage, does, veto }] of (company.hooks ?? []).entries()) {
    const entry = { name: `${does}-${index}`, veto, timeout: '5m' as const, run: hookOf(does, cloud) };
    (hooks[stage] ??= []).push(entry);
  }
  const { check } = company;
  let asked = 0;
  return {
    hooks: hooks as NonNullable<BlueGreenOptions['hooks']>,
    ...(check === undefined
      ? {}
      : { checks: [{ name: 'errors', run: () => (asked++ < check.questions ? check.first : check.then) }] }),
  };
}

function hookOf(does: StoryHook['does'], { clock }: SimulatedCloud) {
  return async ({ details, signal }: { details: unknown; signal: AbortSignal }): Promise<HookResult | undefined> => {
    switch (does) {
      case 'passes':
        return undefined;
      case 'takes-its-time':
        await clock.sleep(MINUTE, signal);
        return { status: 'SUCCEEDED' };
      case 'comes-back': {
        const times = typeof details === 'number' ? details : 0;
        return times < 3 ? { status: 'IN_PROGRESS', callBackDelay: '30s', details: times + 1 } : undefined;
      }
      case 'says-no':
        return { status: 'FAILED', reason: 'it looked bad' };
      case 'throws':
        throw new Error('broken');
      case 'stays-silent':
        return new Promise(() => undefined);
    }
  };
}
