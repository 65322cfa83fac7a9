import type { PollingPolicy } from '../policies/polling.js';
import type { TimeoutPolicy } from '../policies/timeout.js';
import type { Clock } from '../ports/clock.js';
import { Absence } from './absence.js';
import type { TimeoutDecider } from './decide-timeout.js';
import { runEffect } from './effect.js';
import type { Direction } from './journal.js';
import { LastingSignals } from './lasting-signals.js';
import type { Lease } from './lease.js';
import type { Plan } from './plan.js';
import type { RolloutJournal } from './rollout-journal.js';
import type { StepContext } from './step.js';

export interface DriverEnvironment {
  readonly plan: Plan;
  readonly journal: RolloutJournal;
  readonly driver: string;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timeout: TimeoutPolicy;
  readonly polling: PollingPolicy;
  readonly decider: TimeoutDecider;
  /** This process is to stop driving. */
  readonly stop: AbortSignal;
  /** The lease's term and a call's timeout: how long a former driver's request may still be under way. */
  readonly formerSenderMs: number;
}

export interface Driving extends DriverEnvironment {
  readonly absence: Absence;
  readonly lasting: LastingSignals;
}

/** What a process keeps in mind while it drives. */
export function driving(environment: DriverEnvironment): Driving {
  const { clock, driver, formerSenderMs, journal } = environment;
  const absence = new Absence({ clock, driver, formerSenderMs, now: () => journal.engineTime() });
  return { ...environment, absence, lasting: new LastingSignals() };
}

/** What a step is given by who drives. */
export function contextOf(
  environment: Driving,
  stepId: string,
  direction: Direction,
  signal: AbortSignal,
): StepContext {
  const { journal, driver, lease, clock, stop, absence } = environment;
  const context: StepContext = {
    rolloutId: journal.rolloutId,
    direction,
    signal,
    lasting: environment.lasting.of(stepId),
    now: () => journal.engineTime(),
    get state() {
      return journal.state;
    },
    output: <T>(id: string, where: Direction = 'forward') => {
      const step = (where === 'forward' ? journal.state.steps : journal.state.undone).get(id);
      return step?.status === 'done' ? (step.output as T) : undefined;
    },
    effect: (operation) =>
      runEffect(
        {
          journal,
          driver,
          step: stepId,
          direction,
          absence,
          now: () => journal.engineTime(),
          sleep: (ms) => clock.sleep(ms, stop),
          assertLease: () => lease.assert(),
        },
        operation,
      ),
    warn: async (code, message) => {
      if (journal.state.warnings.some((warning) => warning.code === code && warning.message === message)) return;
      await journal.append({ type: 'warned', code, message });
    },
  };
  return context;
}

/** For looking at what the start captured, before anything is judged. */
export function anchorContext(environment: DriverEnvironment): StepContext {
  return contextOf(driving(environment), 'read-anchors', 'forward', environment.stop);
}
