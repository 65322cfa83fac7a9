import { makeEvent, type EventName, type EventPayload, type RolloutEvent } from '../events/events.js';
import type { TimeoutAction } from '../policies/timeout.js';
import type { JournalEntry } from './journal.js';

const MEANS: Readonly<Record<TimeoutAction, string>> = {
  rollback: 'it is to be taken back',
  fail: 'it stops here, and nothing more is touched',
  hold: 'it is held: resume gives it a new budget, abort takes the release back',
};

/** A journal entry as the event that users see: live and replayed alike. */
export function eventOf(rolloutId: string, entry: JournalEntry): RolloutEvent {
  const make = <N extends EventName>(name: N, text: string, data: EventPayload<N>): RolloutEvent =>
    makeEvent(name, entry.at, text, data, rolloutId);
  switch (entry.type) {
    case 'rollout-started': {
      const { kind, targets } = entry;
      return make('rollout:start:recorded', `rollout ${rolloutId} (${kind}) on ${targets.join(', ')}`, {
        kind,
        targets,
      });
    }
    case 'driver-started': {
      const { driver, resumed } = entry;
      return make('rollout:drive:started', resumed ? 'resumed' : 'started', { driver, resumed });
    }
    case 'driver-stopped': {
      const { driver, because } = entry;
      return make('rollout:drive:stopped', `suspended: ${because}`, { driver, because });
    }
    case 'step-started': {
      const { step, direction, title, stage, untilAt } = entry;
      const limit = untilAt === undefined ? {} : { untilAt: new Date(untilAt).toISOString() };
      const data = { step, direction, title, stage, ...limit };
      return make('step:run:started', direction === 'undo' ? `going back: ${title}` : title, data);
    }
    case 'step-observed': {
      const { step, direction, saw, facts } = entry;
      const data = { step, direction, saw, ...(facts === undefined ? {} : { facts }) };
      return make('step:run:observed', saw, data);
    }
    case 'step-done': {
      const { step, direction, output } = entry;
      return make('step:run:completed', `${step} done`, { step, direction, output });
    }
    case 'step-skipped': {
      const { step, direction } = entry;
      return make('step:run:skipped', `${step} not needed`, { step, direction });
    }
    case 'step-failed': {
      const { step, direction, error } = entry;
      return make('step:run:failed', `${step}: ${error.message}`, { step, direction, error });
    }
    case 'operation-intended': {
      const { key, call, token, step } = entry;
      return make('operation:send:intended', `${call} (${token})`, { key, call, token, step });
    }
    case 'operation-done': {
      const { key, how, result } = entry;
      const text =
        how === 'answered'
          ? `${key} done`
          : how === 'found'
            ? `${key} found done, its answer was lost`
            : `${key} taken as done`;
      return make('operation:send:completed', text, { key, how, result });
    }
    case 'operation-refused': {
      const { key, error } = entry;
      return make('operation:send:refused', `${key} refused: ${error.message}`, { key, error });
    }
    case 'pivot-passed':
      return make('rollout:pivot:passed', `no way back from here: ${entry.fact}`, { fact: entry.fact });
    case 'abort-ordered': {
      const { by, reason } = entry;
      return make('rollout:abort:ordered', `${by} aborts: ${reason}`, { by, reason });
    }
    case 'abort-refused':
      return make('rollout:abort:refused', `too late to abort: ${entry.because}`, { because: entry.because });
    case 'gate-answered': {
      const { gate, answer, by, reason, evidence } = entry;
      const data = {
        gate,
        answer,
        by,
        ...(reason === undefined ? {} : { reason }),
        ...(evidence === undefined ? {} : { evidence }),
      };
      return make('gate:answer:recorded', `${by} ${answer} ${gate}${reason === undefined ? '' : `: ${reason}`}`, data);
    }
    case 'gate-answer-refused': {
      const { gate, by, because } = entry;
      const text = `the answer of ${by} to ${gate} does not count: ${because}`;
      return make('gate:answer:refused', text, { gate, by, because });
    }
    case 'timeout-decided': {
      const { action, scope, stage, error, by, because } = entry;
      const data = {
        action,
        scope,
        error,
        by,
        ...(stage === undefined ? {} : { stage }),
        ...(because === undefined ? {} : { because }),
      };
      return make('rollout:timeout:decided', `${error.message}; ${MEANS[action]} (${because ?? by})`, data);
    }
    case 'unwinding-started':
      return make('rollout:unwind:started', `taking the release back: ${entry.error.message}`, { error: entry.error });
    case 'taken-up-again':
      return make('rollout:retry:started', 'the rollout had failed, and is tried again', {});
    case 'warned': {
      const { code, message } = entry;
      return make('rollout:check:warned', message, { code, message });
    }
    case 'finished': {
      const { outcome, error } = entry;
      return make('rollout:finish:recorded', outcome, { outcome, ...(error === undefined ? {} : { error }) });
    }
    default:
      return entry satisfies never;
  }
}
