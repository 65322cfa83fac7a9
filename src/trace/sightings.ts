import { canonicalJson, type Json } from '../internal/json.js';
import type { TraceEntry, TraceWhat } from './cloud-trace.js';

export interface Sighting {
  readonly subject: string;
  readonly now: Json;
}

interface Last extends Sighting {
  readonly cloud: TraceEntry['cloud'];
  readonly what: TraceWhat;
  /** Of what it is a part: whoever reads that, and does not find it, has seen that it is gone. */
  readonly whole: string | undefined;
  readonly text: string;
  untilMs: number;
  /** Until when it stands in the trace. */
  toldMs: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Turns what is read again and again into what has changed. */
export class Sightings {
  readonly #last = new Map<string, Last>();

  constructor(
    private readonly now: () => number,
    private readonly note: (entry: TraceEntry) => void,
  ) {}

  /**
   * What one answer told. With `whole`, the answer told everything that belongs to it: what was told of it before, and is
   * missing now, is gone.
   */
  saw(cloud: TraceEntry['cloud'], what: TraceWhat, told: readonly Sighting[], whole?: string): void {
    const atMs = this.now();
    const there = new Set(told.map(({ subject }) => subject));
    const gone = whole === undefined ? [] : this.#subjectsOf(cloud, what, whole).filter((each) => !there.has(each));
    const entries = new Map<string, TraceEntry & { readonly subjects: string[] }>();
    for (const { subject, now } of [...told, ...gone.map((each) => ({ subject: each, now: null }))]) {
      const key = `${cloud} ${what} ${subject}`;
      const text = canonicalJson(now);
      const before = this.#last.get(key);
      if (before?.text === text) {
        before.untilMs = atMs;
        continue;
      }
      if (before === undefined && now === null) continue;
      this.#last.set(key, { cloud, what, subject, now, whole, text, untilMs: atMs, toldMs: atMs });
      const was = before === undefined ? {} : { was: before.now, wasUntil: iso(before.untilMs) };
      const alike = `${text} ${before === undefined ? '' : `${before.text} ${before.untilMs}`}`;
      const entry = entries.get(alike);
      if (entry === undefined) entries.set(alike, { at: iso(atMs), cloud, what, subjects: [subject], now, ...was });
      else entry.subjects.push(subject);
    }
    for (const entry of entries.values()) this.note(entry);
  }

  /**
   * Until when what was last told was seen so, alike in one entry: of everything, for the end, or of some things, before
   * an order that may change them.
   */
  stillSeen(only?: ReadonlySet<TraceWhat>): readonly TraceEntry[] {
    const entries = new Map<string, TraceEntry & { readonly subjects: string[] }>();
    for (const last of this.#last.values()) {
      const { cloud, what, subject, untilMs } = last;
      if (untilMs === last.toldMs || only?.has(what) === false) continue;
      last.toldMs = untilMs;
      const alike = `${untilMs} ${cloud} ${what}`;
      const entry = entries.get(alike);
      if (entry === undefined)
        entries.set(alike, { at: iso(untilMs), cloud, what: 'still', subjects: [subject], now: what });
      else entry.subjects.push(subject);
    }
    return [...entries.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  #subjectsOf(cloud: TraceEntry['cloud'], what: TraceWhat, whole: string): readonly string[] {
    return [...this.#last.values()]
      .filter((each) => each.cloud === cloud && each.what === what && each.whole === whole)
      .map(({ subject }) => subject);
  }
}
