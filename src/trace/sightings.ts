import { giveWay, PART } from '../internal/give-way.js';
import { canonicalJson, type Json } from '../internal/json.js';
import type { TraceEntry, TraceWhat } from './cloud-trace.js';

export interface Sighting {
  readonly subject: string;
  readonly now: Json;
}

interface Last {
  readonly now: Json;
  /** Of what it is a part: whoever reads that, and does not find it, has seen that it is gone. */
  readonly whole: string | undefined;
  readonly text: string;
  untilMs: number;
  /** Until when it stands in the trace. */
  toldMs: number;
  /** The look that saw it last. */
  look: number;
}

/** Everything that was seen of one kind, by subject. */
interface Kind {
  readonly cloud: TraceEntry['cloud'];
  readonly what: TraceWhat;
  readonly last: Map<string, Last>;
}

/** What one answer tells, put together as it is gone through. */
interface Look {
  readonly number: number;
  readonly atMs: number;
  readonly kind: Kind;
  readonly whole: string | undefined;
  /** What has changed, alike in one entry. */
  readonly entries: Map<string, TraceEntry & { readonly subjects: string[] }>;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Turns what is read again and again into what has changed. */
export class Sightings {
  readonly #kinds = new Map<string, Kind>();
  #looks = 0;

  constructor(
    private readonly now: () => number,
    private readonly note: (entry: TraceEntry) => void,
  ) {}

  /**
   * What one answer told. With `whole`, the answer told everything that belongs to it: what was told of it before, and is
   * missing now, is gone.
   */
  saw(cloud: TraceEntry['cloud'], what: TraceWhat, told: readonly Sighting[], whole?: string): void {
    const look = this.#begin(cloud, what, whole);
    for (const sighting of told) see(look, sighting);
    this.#end(look);
  }

  /** The same of an answer that may tell of thousands: everything else in the process has its turns meanwhile, and after it. */
  async sawAll<T>(
    cloud: TraceEntry['cloud'],
    what: TraceWhat,
    answer: readonly T[],
    tell: (one: T) => Sighting,
    whole?: string,
  ): Promise<void> {
    const look = this.#begin(cloud, what, whole);
    for (let from = 0; from < answer.length; from += PART) {
      for (const one of answer.slice(from, from + PART)) see(look, tell(one));
      await giveWay(answer.length);
    }
    this.#end(look);
  }

  /**
   * Until when what was last told was seen so, alike in one entry: of everything, for the end, or of some things, before
   * an order that may change them.
   */
  stillSeen(only?: ReadonlySet<TraceWhat>): readonly TraceEntry[] {
    const entries: TraceEntry[] = [];
    for (const { cloud, what, last } of this.#kinds.values()) {
      if (only?.has(what) === false) continue;
      const subjectsUntil = new Map<number, string[]>();
      for (const [subject, seen] of last) {
        const { untilMs } = seen;
        if (untilMs === seen.toldMs) continue;
        seen.toldMs = untilMs;
        const subjects = subjectsUntil.get(untilMs);
        if (subjects === undefined) subjectsUntil.set(untilMs, [subject]);
        else subjects.push(subject);
      }
      for (const [untilMs, subjects] of subjectsUntil)
        entries.push({ at: iso(untilMs), cloud, what: 'still', subjects, now: what });
    }
    return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  #begin(cloud: TraceEntry['cloud'], what: TraceWhat, whole: string | undefined): Look {
    const name = `${cloud} ${what}`;
    const kind = this.#kinds.get(name) ?? { cloud, what, last: new Map<string, Last>() };
    this.#kinds.set(name, kind);
    this.#looks += 1;
    return { number: this.#looks, atMs: this.now(), kind, whole, entries: new Map() };
  }

  #end(look: Look): void {
    const { number, kind, whole, entries } = look;
    if (whole !== undefined)
      for (const [subject, seen] of kind.last)
        if (seen.whole === whole && seen.look < number) see(look, { subject, now: null });
    for (const entry of entries.values()) this.note(entry);
  }
}

function see({ number, atMs, kind, whole, entries }: Look, { subject, now }: Sighting): void {
  const { cloud, what, last } = kind;
  const text = canonicalJson(now);
  const before = last.get(subject);
  if (before?.text === text) {
    before.untilMs = atMs;
    before.look = number;
    return;
  }
  if (before === undefined && now === null) return;
  last.set(subject, { now, whole, text, untilMs: atMs, toldMs: atMs, look: number });
  const was = before === undefined ? {} : { was: before.now, wasUntil: iso(before.untilMs) };
  const alike = `${text} ${before === undefined ? '' : `${before.text} ${before.untilMs}`}`;
  const entry = entries.get(alike);
  if (entry === undefined) entries.set(alike, { at: iso(atMs), cloud, what, subjects: [subject], now, ...was });
  else entry.subjects.push(subject);
}
