/** Signals by which steps keep something going between two looks: each ends when its step is left for good. */
export class LastingSignals {
  readonly #open = new Map<string, AbortController>();

  of(stepId: string): AbortSignal {
    const open = this.#open.get(stepId) ?? new AbortController();
    this.#open.set(stepId, open);
    return open.signal;
  }

  end(stepId: string): void {
    this.#open.get(stepId)?.abort(new Error('the step is over'));
    this.#open.delete(stepId);
  }

  endAll(): void {
    for (const stepId of [...this.#open.keys()]) this.end(stepId);
  }
}
