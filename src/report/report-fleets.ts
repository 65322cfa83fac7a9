import type { FleetPoint } from './fleet-history.js';
import { html, type Html } from './html.js';
import { ticksOf, timeOfDay, type Scale } from './report-times.js';
import type { Milestone } from './rollout-view.js';

const LANE_HEIGHT = 54;
/** Bars narrower than this carry no number. */
const LABEL_FROM_PERCENT = 4;

/** How many instances of each colour stood, over time. */
export function fleetsSection(
  fleets: readonly FleetPoint[],
  milestones: readonly Milestone[],
  scale: Scale,
): Html | undefined {
  if (fleets.length === 0) return undefined;
  const most = Math.max(1, ...fleets.flatMap(({ blue = 0, green = 0, wanted = 0 }) => [blue, green, wanted]));
  const marks = milestones.filter(({ sort }) => sort === 'pivot' || sort === 'unwind');
  return html`<section aria-labelledby="instances">
<h2 id="instances">Instances over time</h2>
<div class="chart" role="img" aria-label="${summary(fleets)}">
${lane('blue', fleets, scale, most, marks, ({ blue }) => blue)}
${lane(
  'green',
  fleets,
  scale,
  most,
  marks,
  ({ green }) => green,
  ({ released }) => released,
)}
${axis(scale, 8)}
</div>
<p class="legend"><span class="key blue"></span>blue: captured at the start, still standing <span class="key green"></span>green: launched and tagged <span class="key released"></span>green that carries the release${marks.map(
    ({ sort }) =>
      html` <span class="key ${sort}"></span>${sort === 'pivot' ? 'point of no return' : 'the way back begins'}`,
  )}. As far as the events tell.</p>
</section>`;
}

function lane(
  colour: 'blue' | 'green',
  fleets: readonly FleetPoint[],
  scale: Scale,
  most: number,
  marks: readonly Milestone[],
  count: (point: FleetPoint) => number | undefined,
  part: (point: FleetPoint) => number | undefined = () => undefined,
): Html {
  const bars = fleets.map((point, index) => {
    const end = fleets[index + 1]?.at ?? scale.to;
    return {
      x: scale.percent(point.at),
      width: scale.percent(end) - scale.percent(point.at),
      count: count(point) ?? 0,
      part: part(point) ?? 0,
    };
  });
  const joined = bars.reduce<typeof bars>((kept, bar) => {
    const last = kept.at(-1);
    const same = last !== undefined && last.count === bar.count && last.part === bar.part;
    return same ? [...kept.slice(0, -1), { ...last, width: last.width + bar.width }] : [...kept, bar];
  }, []);
  const heightOf = (of: number): number => (of / most) * (LANE_HEIGHT - 16);
  return html`<div class="lane"><span class="name">${colour}</span><svg width="100%" height="${LANE_HEIGHT}" aria-hidden="true">
<line class="base" x1="0" x2="100%" y1="${LANE_HEIGHT - 0.5}" y2="${LANE_HEIGHT - 0.5}"/>
${joined.map(({ x, width, count: all, part: some }) =>
  all === 0
    ? undefined
    : html`<rect class="${colour}" x="${x}%" width="${width}%" y="${LANE_HEIGHT - heightOf(all)}" height="${heightOf(all)}"/>
${some === 0 ? undefined : html`<rect class="released" x="${x}%" width="${width}%" y="${LANE_HEIGHT - heightOf(Math.min(some, all))}" height="${heightOf(Math.min(some, all))}"/>`}
${width < LABEL_FROM_PERCENT ? undefined : html`<text x="${x + width / 2}%" y="${LANE_HEIGHT - heightOf(all) - 4}">${all}${some === 0 || some === all ? '' : `, ${some} released`}</text>`}`,
)}
${marks.map(({ at, sort }) => html`<line class="mark ${sort}" x1="${scale.percent(at)}%" x2="${scale.percent(at)}%" y1="0" y2="100%"/>`)}
</svg></div>`;
}

/** Times under, or over, a chart. */
export function axis(scale: Scale, most: number): Html {
  return html`<div class="lane axis"><span class="name"></span><svg width="100%" height="20" aria-hidden="true">${ticksOf(
    scale,
    most,
  ).map(
    (at) =>
      html`<line class="tick" x1="${scale.percent(at)}%" x2="${scale.percent(at)}%" y1="0" y2="4"/><text class="${anchor(scale.percent(at))}" x="${scale.percent(at)}%" y="16">${new Date(at).toISOString().slice(11, 19)}</text>`,
  )}</svg></div>`;
}

const anchor = (percent: number): string => (percent < 4 ? 'first' : percent > 96 ? 'last' : 'middle');

function summary(fleets: readonly FleetPoint[]): string {
  const first = fleets.at(0);
  const last = fleets.at(-1);
  const most = Math.max(0, ...fleets.map(({ green }) => green ?? 0));
  return `Blue: ${first?.blue ?? 'unknown'} at the start, ${last?.blue ?? 'unknown'} at the end. Green: at most ${most}, ${last?.green ?? 0} at the end.`;
}

/** The same as a table, for whoever cannot see the chart. */
export function fleetsTable(fleets: readonly FleetPoint[]): Html {
  return html`<details><summary>The same in numbers</summary><div class="wide"><table class="numbers"><thead><tr><th scope="col">from</th><th scope="col">blue</th><th scope="col">green</th><th scope="col">with the release</th></tr></thead><tbody>${fleets.map(
    ({ at, blue, green, released }) =>
      html`<tr><td>${timeOfDay(at)}</td><td>${blue ?? '–'}</td><td>${green ?? '–'}</td><td>${released ?? '–'}</td></tr>`,
  )}</tbody></table></div></details>`;
}
