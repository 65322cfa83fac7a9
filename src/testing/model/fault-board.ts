import type { Fault, OnRequest } from '../faults.js';

type NamedFault<K extends Fault['fault']> = Extract<Fault, { readonly fault: K }>;

/** A fault of the wire: it is tied to a request. */
export type WireFault = Extract<Fault, { readonly on: OnRequest }>;

/** A fault of a model: it is tied to what a service does. */
export type ModelFault = Exclude<Fault, WireFault>;
export type ModelFaultKind = ModelFault['fault'];

interface ArmedWireFault {
  readonly fault: WireFault;
  toSkip: number;
  toHit: number;
}

const isWireFault = (fault: Fault): fault is WireFault => 'on' in fault;

/** The faults that a test has injected and that have not been used up. */
export class FaultBoard {
  readonly #wire: ArmedWireFault[] = [];
  readonly #model: ModelFault[] = [];
  readonly #listeners: Array<(fault: ModelFault) => void> = [];
  readonly #reachedListeners: Array<(point: string) => void> = [];

  add(fault: Fault): void {
    if (isWireFault(fault)) {
      this.#wire.push({ fault, toSkip: (fault.on.nth ?? 1) - 1, toHit: fault.on.times ?? 1 });
      return;
    }
    this.#model.push(fault);
    for (const listener of this.#listeners) listener(fault);
  }

  /** Called with every model fault, those already on the board included: for faults that set a timer, such as `interruption` at a time. */
  onAdded(listener: (fault: ModelFault) => void): void {
    this.#listeners.push(listener);
    for (const fault of [...this.#model]) listener(fault);
  }

  /** A model says how far it has come: a state of a mode, a lifecycle event, a wait. For faults of another model. */
  reached(point: string): void {
    for (const listener of this.#reachedListeners) listener(point);
  }

  onReached(listener: (point: string) => void): void {
    this.#reachedListeners.push(listener);
  }

  /** The first fault of this kind that meets the condition; it stays on the board. */
  find<K extends ModelFaultKind>(
    kind: K,
    matches: (fault: NamedFault<K>) => boolean = () => true,
  ): NamedFault<K> | undefined {
    return this.#model.find((fault): fault is ModelFault & NamedFault<K> => isKind(fault, kind) && matches(fault));
  }

  /** As `find`, and takes it off the board: it strikes once. */
  take<K extends ModelFaultKind>(
    kind: K,
    matches: (fault: NamedFault<K>) => boolean = () => true,
  ): NamedFault<K> | undefined {
    const found = this.find(kind, matches);
    if (found !== undefined) this.remove(found);
    return found;
  }

  /** Takes this very fault off the board; false if it was no longer there. */
  remove(fault: ModelFault): boolean {
    const index = this.#model.indexOf(fault);
    if (index < 0) return false;
    this.#model.splice(index, 1);
    return true;
  }

  /**
   * The fault that hits this request, if any. Every armed fault that matches counts the request; the oldest whose turn
   * it is strikes.
   *
   * @param sinceStartMs - simulated milliseconds since the cloud was made
   */
  takeForRequest(service: OnRequest['service'], operation: string, sinceStartMs: number): WireFault | undefined {
    let struck: WireFault | undefined;
    for (const armed of [...this.#wire]) {
      const { on } = armed.fault;
      if (on.service !== service || (on.operation !== undefined && on.operation !== operation)) continue;
      if (on.atMs !== undefined && sinceStartMs < on.atMs) continue;
      if (armed.toSkip > 0) armed.toSkip -= 1;
      else if (struck === undefined) {
        struck = armed.fault;
        armed.toHit -= 1;
        if (armed.toHit <= 0) this.#wire.splice(this.#wire.indexOf(armed), 1);
      }
    }
    return struck;
  }

  /** What has not been used up: for a test that wants every fault to have struck. */
  remaining(): readonly Fault[] {
    return [...this.#wire.map((armed) => armed.fault), ...this.#model];
  }

  clear(): void {
    this.#wire.length = 0;
    this.#model.length = 0;
  }
}

function isKind<K extends ModelFaultKind>(fault: ModelFault, kind: K): fault is ModelFault & NamedFault<K> {
  return fault.fault === kind;
}
