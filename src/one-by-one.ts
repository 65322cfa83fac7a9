/** Two callers that ask for the same rollout at the same time are not two drivers. */
export class OneByOne {
  /** What is being opened now, by id: who asks for the same meanwhile is given the same. */
  readonly #opening = new Map<string, Promise<void>>();

  async do<T>(id: string, open: () => Promise<T>): Promise<T> {
    while (this.#opening.has(id)) await this.#opening.get(id);
    const opened = open();
    const settled = opened.then(
      () => {},
      () => {},
    );
    this.#opening.set(id, settled);
    void settled.then(() => this.#opening.delete(id));
    return opened;
  }

  has(id: string): boolean {
    return this.#opening.has(id);
  }

  get busy(): boolean {
    return this.#opening.size > 0;
  }

  /** When everything that is being opened now has been opened, or could not be. */
  async settled(): Promise<void> {
    await Promise.all(this.#opening.values());
  }
}
