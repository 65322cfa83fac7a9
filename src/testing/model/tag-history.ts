/** What an instance carried when: the services see its tags as they were some time ago. */
export class TagHistory {
  // Oldest first; the last entry is the truth.
  readonly #versions: Array<{ readonly since: number; readonly tags: ReadonlyMap<string, string> }>;

  constructor(since: number, tags: Readonly<Record<string, string>>) {
    this.#versions = [{ since, tags: new Map(Object.entries(tags)) }];
  }

  now(): ReadonlyMap<string, string> {
    return this.#versions.at(-1)?.tags ?? new Map<string, string>();
  }

  at(time: number): ReadonlyMap<string, string> {
    return this.#versions.findLast((version) => version.since <= time)?.tags ?? new Map<string, string>();
  }

  change(time: number, change: (tags: Map<string, string>) => void): void {
    const tags = new Map(this.now());
    change(tags);
    this.#versions.push({ since: time, tags });
  }
}
