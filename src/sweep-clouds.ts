import { lookingContext, type LookingContext } from './engine/looking-context.js';
import type { Leftover } from './engine/outlook.js';
import type { Plan } from './engine/plan.js';
import type { ReceiptLine } from './engine/receipt.js';
import type { RolloutJournal } from './engine/rollout-journal.js';
import type { ReadStep, WaitStep } from './engine/step.js';
import { BlueGreenError } from './errors/blue-green-error.js';
import { leftoverOf } from './sweep-leftover.js';
import type { SweepLeftover } from './sweep-report.js';

/** How the plan of a rollout in the store is made; throws where this version cannot read its spec. */
export type PlanOf = (journal: RolloutJournal) => Promise<Plan>;

/**
 * What a dead or failed rollout left in the clouds, by looking alone. Of a failed one also what its receipt would say now,
 * unless another rollout has worked on the same target since: what that one changed is no leftover.
 */
export async function leftInClouds(
  journal: RolloutJournal,
  ground: { readonly planOf: PlanOf; readonly signal: AbortSignal },
  look: { readonly at: number; readonly compare: boolean },
): Promise<readonly SweepLeftover[]> {
  const { at, compare } = look;
  try {
    const plan = await ground.planOf(journal);
    const context = contextOf(journal, ground.signal);
    await plan.readAnchors(context);
    const found = await plan.findLeftovers(context);
    const differing = compare ? await differences(plan, context) : [];
    const told = new Map(differing.map((each) => [keyOf(each), each.fix]));
    const others = differing.filter((line) => !found.some((each) => keyOf(each) === keyOf(line)));
    const resume = compare ? `Resume rollout ${journal.rolloutId}, which tries it again. By hand: ` : '';
    return [
      ...found.map((each) => leftoverOf(journal, at, { ...each, remedy: remedyOf(journal, told, each, resume) })),
      ...others.map(({ what, subject, fix }) => {
        const since = journal.state.startedAt;
        return leftoverOf(journal, at, { what, subject, since, serving: false, remedy: `${resume}${fix}` });
      }),
    ];
  } catch (error) {
    if (!BlueGreenError.is(error) || ground.signal.aborted) throw error;
    return [leftoverOf(journal, at, notLookedAt(journal, error))];
  }
}

/** A receipt names the Elastigroup where a look has found the very mode. */
const keyOf = ({ what, subject }: { readonly what: string; readonly subject: string }): string =>
  what === 'deployment mode' ? what : subject;

/** What has not ended is best mended by its own rules; what failed, as its receipt says. */
function remedyOf(
  { rolloutId, state }: RolloutJournal,
  told: ReadonlyMap<string, string>,
  found: Leftover,
  resume: string,
): string {
  const { remedy } = found;
  if (state.finished !== undefined) return `${resume}${told.get(keyOf(found)) ?? remedy}`;
  const order = state.pivot === undefined ? 'Abort or resume' : 'Resume';
  return `${order} rollout ${rolloutId}, which knows when this may go. By hand: ${remedy}`;
}

/** A look that failed is no sign that nothing is left. */
function notLookedAt({ rolloutId }: RolloutJournal, { message, hint }: BlueGreenError) {
  const remedy = `What it left in the clouds could not be looked at: ${message}. ${hint}`;
  return { what: 'not looked at', subject: rolloutId, serving: false, remedy };
}

function contextOf(journal: RolloutJournal, signal: AbortSignal): LookingContext {
  const { state } = journal;
  return lookingContext({
    state,
    now: () => journal.engineTime(),
    signal,
    direction: state.unwinding === undefined ? 'forward' : 'undo',
  });
}

type Difference = Extract<ReceiptLine, { readonly verdict: 'differs' }>;

/** What the end of the rollout would be compared with now. */
async function differences(plan: Plan, context: LookingContext): Promise<readonly Difference[]> {
  const step = context.state.pivot === undefined ? plan.verifyRestored : plan.takeStock;
  const { lines = [] } = (await lookOnce(step, context)) as { readonly lines?: readonly ReceiptLine[] };
  return lines.filter((line) => line.verdict === 'differs');
}

async function lookOnce(step: ReadStep | WaitStep, context: LookingContext): Promise<unknown> {
  if (step.type === 'read') return step.read(context);
  const observation = await step.observe(context);
  const verdict = step.judge(observation, { at: context.now(), elapsedMs: 0, memo: undefined, last: true }, context);
  return 'ready' in verdict ? verdict.ready : {};
}
