import type { HealthPoint } from './health-history.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { axis } from './report-fleets.js';
import { timeOfDay, type Scale } from './report-times.js';
import type { Milestone } from './rollout-view.js';

const HEIGHT = 120;
const TOP = 10;
const WIDTH = 1_000;
/** Curves that lie on each other are both seen. */
const APART = 1.5;

type Colour = 'blue' | 'green';

/** Who carried the load, over time: a curve for each colour. */
export function healthSection(
  health: readonly HealthPoint[],
  milestones: readonly Milestone[],
  scale: Scale,
): Html | undefined {
  if (health.length < 2) return undefined;
  const most = Math.max(1, ...health.flatMap(({ blue = 0, green = 0 }) => [blue, green]));
  const marks = milestones.filter(({ sort }) => sort === 'pivot' || sort === 'unwind');
  const y = (count: number): number => HEIGHT - 2 - (count / most) * (HEIGHT - 2 - TOP);
  const levels = most === 1 ? [0, 1] : [0, Math.round(most / 2), most];
  return html`<section aria-labelledby="health">
<h2 id="health">Healthy instances over time</h2>
<div class="chart" role="img" aria-label="${summary(health)}">
<div class="lane"><span class="name levels"><svg width="100%" height="${HEIGHT}" aria-hidden="true">${levels.map((level) => html`<text class="last" x="100%" y="${y(level) + 4}">${level}</text>`)}</svg></span>
<svg width="100%" height="${HEIGHT}" aria-hidden="true">
${levels.map((level) => html`<line class="base" x1="0" x2="100%" y1="${y(level)}" y2="${y(level)}"/>`)}
${marks.map(({ at, sort }) => html`<line class="mark ${sort}" x1="${scale.percent(at)}%" x2="${scale.percent(at)}%" y1="0" y2="100%"/>`)}
<svg width="100%" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
${curve('blue', health, scale, (count) => y(count) + APART)}
${curve('green', health, scale, (count) => y(count) - APART)}
</svg>
${looks('blue', health, scale, (count) => y(count) + APART)}
${looks('green', health, scale, (count) => y(count) - APART)}
</svg></div>
${axis(scale, 8)}
</div>
<p class="legend"><span class="key blue"></span>blue <span class="key released"></span>green <svg class="look" width="12" height="12" aria-hidden="true"><circle class="look" cx="6" cy="6" r="4"/></svg>healthy in every production target group, as these said <svg class="look" width="12" height="12" aria-hidden="true"><circle class="look told" cx="6" cy="6" r="4"/></svg>in traffic, as CodeDeploy’s AllowTraffic and BlockTraffic say${marks.map(
    ({ sort }) =>
      html` <span class="key ${sort}"></span>${sort === 'pivot' ? 'point of no return' : 'the way back begins'}`,
  )}. Between two looks a curve stays where it was.</p>
</section>
${table(health)}`;
}

function curve(colour: Colour, health: readonly HealthPoint[], scale: Scale, y: (count: number) => number): Html {
  const x = (at: number): number => (scale.percent(at) / 100) * WIDTH;
  const points = health.flatMap(({ at, [colour]: count }) => (count === undefined ? [] : [{ at, count }]));
  const [first] = points;
  if (first === undefined) return html``;
  const steps = points.slice(1).map(({ at, count }) => `H${number(x(at))}V${number(y(count))}`);
  const path = [`M${number(x(first.at))} ${number(y(first.count))}`, ...steps, `H${WIDTH}`].join('');
  return html`<path class="curve ${colour}" d="${path}"/>`;
}

/** The looks themselves: where a curve is known, and not only drawn on. */
function looks(
  colour: Colour,
  health: readonly HealthPoint[],
  scale: Scale,
  y: (count: number) => number,
): readonly Html[] {
  return health.flatMap(({ at, [colour]: count, source, looked }) =>
    count === undefined || !looked.includes(colour)
      ? []
      : [
          html`<circle class="look ${colour} ${source === 'codedeploy' ? 'told' : ''}" cx="${scale.percent(at)}%" cy="${number(y(count))}" r="3.5"/>`,
        ],
  );
}

const number = (value: number): string => String(Number(value.toFixed(2)));

function summary(health: readonly HealthPoint[]): string {
  const counts = (colour: Colour): readonly number[] =>
    health.flatMap(({ [colour]: count }) => (count === undefined ? [] : [count]));
  const told = (colour: Colour): string => {
    const all = counts(colour);
    return `${all.at(0) ?? 'unknown'} at first, ${all.at(-1) ?? 'unknown'} at last`;
  };
  const together = Math.min(...health.map(({ blue = 0, green = 0 }) => blue + green));
  return `Healthy blue: ${told('blue')}. Healthy green: ${told('green')}. Together never fewer than ${together}.`;
}

function table(health: readonly HealthPoint[]): Html {
  return html`<details><summary>The same in numbers</summary><div class="wide"><table class="numbers"><thead><tr><th scope="col">at</th><th scope="col">blue</th><th scope="col">green</th><th scope="col">as told by</th></tr></thead><tbody>${health.map(
    ({ at, blue, green, source }) =>
      html`<tr><td>${timeOfDay(at)}</td><td>${blue ?? '–'}</td><td>${green ?? '–'}</td><td>${source === 'codedeploy' ? 'CodeDeploy' : 'the target groups'}</td></tr>`,
  )}</tbody></table></div></details>`;
}
