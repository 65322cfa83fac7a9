import type { Fault } from '../faults.js';
import type { FaultBoard } from './fault-board.js';
import { Refusal, type Timers } from './parts.js';

export type SimulatedAlarmKind = 'metric' | 'composite';
export type SimulatedAlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] satisfies SimulatedAlarmState[];

export interface SimulatedAlarm {
  readonly name: string;
  readonly kind: SimulatedAlarmKind;
  readonly state: SimulatedAlarmState;
  readonly reason: string;
  /** When it came into this state. */
  readonly since: number;
  /** When its state was last set, to the same value perhaps. */
  readonly updatedAt: number;
}

interface AlarmsParts {
  readonly timers: Timers;
  readonly faults: FaultBoard;
  /** CodeDeploy watches alarms by itself. */
  readonly codeDeploy: { raiseAlarm(name: string): void };
}

type AlarmFires = Extract<Fault, { readonly fault: 'alarm-fires' }>;

/** CloudWatch's alarms. No metric is kept, and no rule is worked out: an alarm is in the state that somebody sets. */
export class AlarmsSimulation {
  readonly #parts: AlarmsParts;
  readonly #alarms = new Map<string, SimulatedAlarm>();

  constructor(parts: AlarmsParts) {
    this.#parts = parts;
    const startedAt = parts.timers.now();
    parts.faults.onAdded((fault) => {
      if (fault.fault !== 'alarm-fires') return;
      if (!this.#alarms.has(fault.alarm)) this.createAlarm({ name: fault.alarm });
      if (fault.during === undefined) this.#fire(fault, startedAt + (fault.atMs ?? 0));
    });
    parts.faults.onReached((point) => {
      const fault = parts.faults.find('alarm-fires', ({ during }) => during === point);
      // Off the board at once: whoever reaches the same point next finds it gone.
      if (fault !== undefined && parts.faults.remove(fault)) this.#fire(fault, this.#now + (fault.afterMs ?? 0));
    });
  }

  /** An alarm of the same name is replaced. `state` is where it begins; nobody is told. */
  createAlarm(alarm: {
    readonly name: string;
    readonly kind?: SimulatedAlarmKind;
    readonly state?: SimulatedAlarmState;
  }): SimulatedAlarm {
    const { name, kind = 'metric', state = 'OK' } = alarm;
    return this.#set({ name, kind, state, reason: 'Simulated: so it began', since: this.#now, updatedAt: this.#now });
  }

  deleteAlarm(name: string): void {
    this.#known(name);
    this.#alarms.delete(name);
  }

  /** In ALARM, CodeDeploy stops what watches it. An unknown name is refused with `ResourceNotFound`. */
  setState(name: string, state: SimulatedAlarmState, reason?: string): void {
    const before = this.#known(name);
    if (!STATES.includes(state)) throw new Refusal('ValidationError', `There is no alarm state ${state}`);
    const said = reason ?? (state === 'ALARM' ? 'Threshold Crossed: simulated' : `Simulated: set to ${state}`);
    const since = before.state === state ? before.since : this.#now;
    this.#set({ ...before, state, reason: said, since, updatedAt: this.#now });
    if (state === 'ALARM') this.#parts.codeDeploy.raiseAlarm(name);
  }

  get(name: string): SimulatedAlarm | undefined {
    return this.#alarms.get(name);
  }

  /** In the order of their names. */
  all(): readonly SimulatedAlarm[] {
    return [...this.#alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get #now(): number {
    return this.#parts.timers.now();
  }

  #set(alarm: SimulatedAlarm): SimulatedAlarm {
    this.#alarms.set(alarm.name, alarm);
    return alarm;
  }

  #known(name: string): SimulatedAlarm {
    const alarm = this.#alarms.get(name);
    if (alarm === undefined) throw new Refusal('ResourceNotFound', `Unknown alarm: ${name}`, 404);
    return alarm;
  }

  /** Never in the middle of what another model is doing: always by a timer of its own. */
  #fire(fault: AlarmFires, at: number): void {
    const { timers, faults } = this.#parts;
    const waits = fault.during === undefined;
    timers.schedule(Math.max(0, at - timers.now()), () => {
      // One that still waits on the board may have been called off; one whose alarm was deleted has nothing to fire.
      if (waits && !faults.remove(fault)) return;
      if (this.#alarms.has(fault.alarm)) this.setState(fault.alarm, 'ALARM', fault.reason);
    });
  }
}
