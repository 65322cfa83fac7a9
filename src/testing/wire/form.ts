/** The parameters of the AWS query protocols: `Filter.1.Value.2=x`. */
export class Form {
  readonly #fields: URLSearchParams;

  constructor(body: string) {
    this.#fields = new URLSearchParams(body);
  }

  text(name: string): string | undefined {
    return this.#fields.get(name) ?? undefined;
  }

  whole(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** The values of `name.1`, `name.2`, … */
  list(name: string): string[] {
    return this.#numbers(name).flatMap((number) => this.text(`${name}.${number}`) ?? []);
  }

  /** The entries `name.1.…`, `name.2.…`, each as a prefix to ask with. */
  entries(name: string): string[] {
    return this.#numbers(name).map((number) => `${name}.${number}`);
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this.#fields);
  }

  #numbers(name: string): number[] {
    const start = `${name}.`;
    const numbers = new Set<number>();
    for (const key of this.#fields.keys())
      if (key.startsWith(start)) numbers.add(Number.parseInt(key.slice(start.length), 10));
    return [...numbers].filter((number) => number > 0).sort((left, right) => left - right);
  }
}
