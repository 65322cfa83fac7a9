import { BlueGreenError, type BlueGreenErrorJson } from '../errors/blue-green-error.js';
import { toJson } from '../internal/json.js';
import { decideTimeout, heldBack } from './decide-timeout.js';
import { contextOf, driving, type DriverEnvironment, type Driving } from './driving.js';
import type { Direction } from './journal.js';
import { gateStepId } from './gates.js';
import { incompatibility } from './fingerprint.js';
import { leaseLost } from './lease.js';
import { nextAction, type Action } from './next-action.js';
import type { Plan } from './plan.js';
import type { RolloutJournal } from './rollout-journal.js';
import type { RolloutState } from './rollout-state.js';
import type { Step, StepContext, WaitStep } from './step.js';
import { Patience } from './passing-trouble.js';
import { budgetOf, givesUpAt, stageLeft, undisturbedMs } from './time-left.js';
import { waitUntil } from './wait-until.js';

/** Ends whatever a step is doing, so that the journal is read again: an order came in, or the rollout's time is up. */
class Reconsider extends Error {}

const PIVOT_WITHIN_MS = 30 * 60_000;
const FORWARD_PATIENCE_MS = 5 * 60_000;
const UNDO_PATIENCE_MS = 60 * 60_000;
const TROUBLE_PAUSE_MS = 20_000;
/** How often the journal is asked for orders and answers from other processes. */
const ORDERS_EVERY_MS = 5_000;

/** The only loop: asks what comes next, does it, writes it down; until the rollout has ended or this process must stop. */
export async function runPlan(given: DriverEnvironment): Promise<void> {
  const environment = driving(given);
  try {
    await drive(environment);
  } finally {
    environment.lasting.endAll();
  }
}

async function drive(environment: Driving): Promise<void> {
  const { plan, journal, stop, absence } = environment;
  const unsettledMs = absence.unsettledMs.bind(absence);
  for (;;) {
    stop.throwIfAborted();
    await takeIn(environment);
    const { state } = journal;
    const action = nextAction(plan, state, journal.engineTime(), unsettledMs);
    if (goesForward(action)) mustBeCompatible(plan, state);
    if (leavesTheWayForward(action)) environment.lasting.endAll();
    try {
      switch (action.do) {
        case 'nothing':
          return;
        case 'finish': {
          const { outcome, lines, error } = action;
          await journal.append({ type: 'finished', outcome, lines, ...(error === undefined ? {} : { error }) });
          return;
        }
        case 'skip':
          await journal.append({ type: 'step-skipped', step: action.step.id, direction: action.direction });
          break;
        case 'settle':
          await environment.clock.sleep(action.forMs, stop);
          break;
        case 'refuse-abort':
          await journal.append({ type: 'abort-refused', because: action.because });
          break;
        case 'run':
          await runStep(environment, action.step, 'forward');
          break;
        case 'undo':
          await runStep(environment, action.step, 'undo');
          break;
        case 'decide-timeout':
          await journal.append(await decideTimeout({ ...environment, state }, action.scope, action.because));
          break;
        case 'hold':
          throw heldBack(action.because);
        case 'judge-pivot':
          await judgePivot(environment, action.because);
          break;
        default:
          action satisfies never;
      }
    } catch (error) {
      if (!(error instanceof Reconsider)) throw error;
    }
  }
}

/** What others have written: orders, answers; or that one of them drives now, whose writing must not be taken for one's own. */
async function takeIn({ journal, driver }: Driving): Promise<void> {
  await journal.refresh();
  const { driver: current, finished, rolloutId } = journal.state;
  if (finished === undefined && current !== driver) throw leaseLost(rolloutId);
}

function goesForward(action: Action): boolean {
  if (action.do === 'skip') return action.direction === 'forward';
  return action.do === 'run' || (action.do === 'finish' && action.outcome === 'succeeded');
}

function leavesTheWayForward(action: Action): boolean {
  return action.do === 'judge-pivot' || action.do === 'undo';
}

/** A plan of another version may take a rollout back, and never on. */
function mustBeCompatible(plan: Plan, state: RolloutState): void {
  const incompatible = incompatibility(plan, state);
  if (incompatible !== undefined) throw incompatible;
}

async function runStep(environment: Driving, step: Step, direction: Direction): Promise<void> {
  const { journal, stop } = environment;
  const begun = (direction === 'forward' ? journal.state.steps : journal.state.undone).get(step.id);
  if (begun === undefined || begun.again === true) {
    const { id, title, stage } = step;
    const untilAt = givesUpAt(environment, step, contextOf(environment, id, direction, stop));
    const limit = untilAt === undefined ? {} : { untilAt };
    await journal.append({ type: 'step-started', step: id, direction, title, stage, ...limit });
  }
  const interruption = new AbortController();
  const watching =
    direction === 'forward' ? journal.onChange(() => heed(environment, step.id, interruption)) : () => {};
  try {
    // An order that came in while nobody watched.
    if (direction === 'forward' && journal.state.abort !== undefined) throw new Reconsider();
    const signal = AbortSignal.any([stop, interruption.signal]);
    const output = await performPatiently(environment, step, contextOf(environment, step.id, direction, signal));
    environment.lasting.end(step.id);
    await journal.append({ type: 'step-done', step: step.id, direction, output: toJson(output) });
  } catch (error) {
    if (error instanceof Reconsider || stop.aborted || journal.broken || endsDriver(error)) throw error;
    environment.lasting.end(step.id);
    await journal.append({ type: 'step-failed', step: step.id, direction, error: stored(error, step.id) });
  } finally {
    watching();
  }
}

/**
 * A read or an effect that a passing trouble of a cloud cut short is done again from its start: what it had already done
 * stands in the journal. Going back is worth more patience than going forward.
 */
async function performPatiently(environment: Driving, step: Step, context: StepContext): Promise<unknown> {
  const { journal, clock } = environment;
  const { direction } = context;
  const patienceMs =
    direction === 'forward' ? Math.min(FORWARD_PATIENCE_MS, stageLeft(environment, step).leftMs) : UNDO_PATIENCE_MS;
  const patience = new Patience(direction);
  const since = context.now();
  for (;;) {
    try {
      return await perform(environment, step, context);
    } catch (error) {
      if (step.type === 'wait' || context.now() - since >= patienceMs || !patience.lasts(error, context.now()))
        throw error;
      const saw = `a cloud is in trouble: ${error.message}`;
      await journal.append({ type: 'step-observed', step: step.id, direction, saw });
      await clock.sleep(TROUBLE_PAUSE_MS, context.signal);
    }
  }
}

function perform(environment: Driving, step: Step, context: StepContext): Promise<unknown> {
  switch (step.type) {
    case 'read':
      return step.read(context);
    case 'effect':
      return step.run(context);
    case 'wait':
      return wait(environment, step, context);
  }
}

function wait(environment: Driving, step: WaitStep, context: StepContext): Promise<unknown> {
  const { journal, clock, random, polling } = environment;
  return waitUntil(step, {
    journal,
    context,
    random,
    polling,
    ...budgetOf(environment, step, context),
    untilAt: step.until?.(context),
    sleep: async (ms, signal) => {
      const leftMs = undisturbedMs(environment, context.direction);
      for (let restMs = Math.max(0, Math.min(ms, leftMs)); ; restMs -= ORDERS_EVERY_MS) {
        await clock.sleep(Math.min(restMs, ORDERS_EVERY_MS), signal);
        await takeIn(environment);
        if (restMs <= ORDERS_EVERY_MS) break;
      }
      if (leftMs <= ms) throw new Reconsider();
    },
    onPivot: async (fact) => {
      if (journal.state.pivot !== undefined) return;
      const retries = failedStep(journal);
      await journal.append({ type: 'pivot-passed', fact, ...(retries === undefined ? {} : { retries }) });
      if (context.direction === 'undo') throw new Reconsider();
    },
  });
}

/** Asks the cloud, not the journal, whether going back is still possible. */
async function judgePivot(environment: Driving, because: BlueGreenErrorJson): Promise<void> {
  const { plan, journal, stop } = environment;
  const step: WaitStep<string | undefined> = {
    type: 'wait',
    id: 'judge-pivot',
    version: 1,
    stage: 'CLEAN_UP',
    title: 'see whether going back is still possible',
    observe: (context) => plan.observePivot(context),
    judge: (fact) => ({ ready: fact }),
    within: () => PIVOT_WITHIN_MS,
  };
  const context = contextOf(environment, step.id, 'undo', stop);
  const fact = (await wait(environment, step, context)) as string | undefined;
  if (fact === undefined) {
    await journal.append({ type: 'unwinding-started', error: because });
    return;
  }
  const retries = failedStep(journal);
  await journal.append({ type: 'pivot-passed', fact, ...(retries === undefined ? {} : { retries }) });
}

/** An order, or the answer that the running step waits for, ends its sleep at once. */
function heed({ journal }: DriverEnvironment, stepId: string, interruption: AbortController): void {
  const latest = journal.entries.at(-1);
  const answered = latest?.type === 'gate-answered' && gateStepId(latest.gate) === stepId;
  if (journal.state.abort !== undefined || answered) interruption.abort(new Reconsider());
}

function failedStep(journal: RolloutJournal): string | undefined {
  return [...journal.state.steps].find(([, step]) => step.status === 'failed')?.[0];
}

/** Errors that say nothing about the rollout, only about this process's right or ability to drive it. */
function endsDriver(error: unknown): boolean {
  if (!BlueGreenError.is(error)) return false;
  return ['LEASE_LOST', 'STORE_FAILED', 'STORE_CORRUPT', 'ROLLOUT_CONFLICT'].includes(error.code);
}

function stored(error: unknown, stepId: string): BlueGreenErrorJson {
  if (BlueGreenError.is(error)) return { ...error.toJSON(), stepId };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new BlueGreenError('INTERNAL', message, { stepId }).toJSON();
}
