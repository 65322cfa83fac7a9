import { html, type Html } from './html.js';

const iso = (at: number): string => new Date(at).toISOString();

/** `09:03:36`, with the whole in the attribute. */
export function timeOfDay(at: number): Html {
  return html`<time datetime="${iso(at)}">${iso(at).slice(11, 19)}</time>`;
}

/** `2026-01-05 09:03:36 UTC` */
export function dateAndTime(at: number): Html {
  return html`<time datetime="${iso(at)}">${iso(at).slice(0, 10)} ${iso(at).slice(11, 19)} UTC</time>`;
}

/** Where instants stand on the width of a chart. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  percent(at: number): number;
}

export function scaleOf(from: number, to: number): Scale {
  const width = Math.max(1, to - from);
  const percent = (at: number): number =>
    Number((((Math.min(Math.max(at, from), to) - from) / width) * 100).toFixed(3));
  return { from, to, percent };
}

const NICE_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800,
].map((seconds) => seconds * 1_000);

/** Round instants, `most` of them at most. */
export function ticksOf({ from, to }: Scale, most: number): readonly number[] {
  const stepMs = NICE_MS.find((each) => (to - from) / each <= most - 1) ?? 604_800_000;
  const first = Math.ceil(from / stepMs) * stepMs;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / stepMs) + 1) },
    (_, index) => first + index * stepMs,
  ).slice(0, most);
}
