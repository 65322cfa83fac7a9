import { html, type Html } from './html.js';
import { timeOfDay } from './report-times.js';
import type { RolloutView } from './rollout-view.js';

type Colour = 'blue' | 'green';

interface Seen {
  readonly at: number;
  readonly failed: boolean;
}

interface Course {
  readonly id: string;
  readonly colour: Colour;
  /** When each of CodeDeploy's events was first seen on it. */
  readonly events: ReadonlyMap<string, Seen>;
}

/** More rows than this nobody reads; the counts are in the time line. */
const MOST_ROWS = 40;

/** Of each instance when it was first seen in which of CodeDeploy's events. */
export function instancesSection({ releases, failures }: Pick<RolloutView, 'releases' | 'failures'>): Html | undefined {
  const courses = withFailures(coursesOf(releases), failures);
  const isPartial = releases.some(
    ({ told: { green, blue, instances } }) => instances.length < (green['total'] ?? 0) + (blue['total'] ?? 0),
  );
  const tables = (['green', 'blue'] as const).flatMap((colour) => tableOf(colour, courses) ?? []);
  if (tables.length === 0) return undefined;
  return html`<section aria-labelledby="events"><h2 id="events">CodeDeploy’s events on each instance</h2>
<p class="soft">The time at which an event was first seen, as far as this rollout looked; a short one may have been missed.${isPartial ? ' Of many instances only those are told that failed, or were not where most were.' : ''}</p>
${tables}</section>`;
}

function coursesOf(releases: RolloutView['releases']): readonly Course[] {
  const courses = new Map<string, Course>();
  for (const { at, told } of releases) {
    for (const { id, colour, event, eventStatus } of told.instances) {
      if (event === undefined) continue;
      const events = new Map(courses.get(id)?.events);
      const seen = events.get(event);
      events.set(event, { at: seen?.at ?? at, failed: eventStatus === 'Failed' });
      courses.set(id, { id, colour, events });
    }
  }
  return [...courses.values()];
}

/** The look that ends a wait with a failure is told by its error alone. */
function withFailures(courses: readonly Course[], failures: RolloutView['failures']): readonly Course[] {
  return courses.map((course) => {
    const own = failures.filter(({ id }) => id === course.id);
    if (own.length === 0) return course;
    const seen = own.map(({ event, at }) => [event, { at: course.events.get(event)?.at ?? at, failed: true }] as const);
    return { ...course, events: new Map([...course.events, ...seen]) };
  });
}

const hasFailed = ({ events }: Course): boolean => [...events.values()].some(({ failed }) => failed);

function tableOf(colour: Colour, courses: readonly Course[]): Html | undefined {
  const ofColour = courses.filter((course) => course.colour === colour);
  if (ofColour.length === 0) return undefined;
  const first = new Map<string, number>();
  for (const { events } of ofColour)
    for (const [name, { at }] of events) first.set(name, Math.min(at, first.get(name) ?? at));
  const names = [...first].sort(([, a], [, b]) => a - b).map(([name]) => name);
  const shown = [...ofColour].sort((a, b) => Number(hasFailed(b)) - Number(hasFailed(a))).slice(0, MOST_ROWS);
  const more = ofColour.length - shown.length;
  return html`<div class="wide"><table class="events"><thead><tr><th scope="col"><span class="key ${colour === 'green' ? 'released' : 'blue'}"></span>${colour}</th>${names.map(
    (name) => html`<th scope="col">${breakable(name)}</th>`,
  )}</tr></thead><tbody>
${shown.map(
  (course) =>
    html`<tr class="${hasFailed(course) ? 'failed' : ''}"><td><code>${course.id}</code></td>${names.map((name) =>
      cell(course.events.get(name)),
    )}</tr>`,
)}</tbody></table></div>
${more > 0 ? html`<p class="soft">And ${more} more.</p>` : undefined}`;
}

function cell(seen: Seen | undefined): Html {
  if (seen === undefined) return html`<td>–</td>`;
  return html`<td>${seen.failed ? html`<strong class="bad">✗ failed</strong> ` : undefined}${timeOfDay(seen.at)}</td>`;
}

/** `After` and `Install` may stand under each other. */
function breakable(name: string): readonly (Html | string)[] {
  return name.split(/(?=[A-Z])/).flatMap((word, index) => (index === 0 ? [word] : [html`<wbr>`, word]));
}
