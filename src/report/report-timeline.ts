import { formatDuration } from '../policies/duration.js';
import { html, type Html } from './html.js';
import { axis } from './report-fleets.js';
import { timeOfDay, type Scale } from './report-times.js';
import type { Milestone, Note, RolloutView, StepView } from './rollout-view.js';

/** Seen under a bar even when a step took no time. */
const LEAST_PERCENT = 0.5;

/** Every step where it stood in time, with what it did and saw: the release, and the way back. */
export function timelineSections(view: RolloutView, scale: Scale): Html {
  const forward = view.steps.filter(({ direction }) => direction === 'forward');
  const back = view.steps.filter(({ direction }) => direction === 'undo');
  return html`${timeline('timeline', 'The release, step by step', forward, view, scale)}
${back.length === 0 ? undefined : timeline('way-back', 'The way back', back, view, scale)}`;
}

function timeline(id: string, title: string, steps: readonly StepView[], view: RolloutView, scale: Scale): Html {
  const stages = steps.reduce<Array<{ stage: string; steps: StepView[] }>>((grouped, step) => {
    const last = grouped.at(-1);
    if (last?.stage === step.stage) last.steps.push(step);
    else grouped.push({ stage: step.stage, steps: [step] });
    return grouped;
  }, []);
  const way =
    id === 'timeline'
      ? view.milestones.filter(({ sort }) => sort !== 'unwind')
      : view.milestones.filter(({ sort }) => sort === 'unwind');
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${way.map(milestone)}
<table class="timeline"><thead><tr><th scope="col">at, UTC</th><th scope="col">step</th><th scope="col">took</th><th scope="col" class="bars">${axis(scale, 6)}</th></tr></thead>
${stages.map(
  ({ stage, steps: ofStage }) => html`<tbody>
${id === 'timeline' ? html`<tr class="stage"><th scope="rowgroup" colspan="4">${stage}</th></tr>` : undefined}
${ofStage.map((step) => row(step, view, scale))}</tbody>`,
)}</table></section>`;
}

function milestone({ at, sort, text }: Milestone): Html {
  return html`<p class="milestone ${sort}"><strong>${MILESTONES[sort]}</strong> ${timeOfDay(at)} <span class="pre">${text}</span></p>`;
}

const MILESTONES: Readonly<Record<Milestone['sort'], string>> = {
  pivot: 'Point of no return',
  unwind: 'Turned back',
  abort: 'Order to abort',
  refused: 'Abort refused',
  stopped: 'Suspended',
  resumed: 'Resumed',
};

function row(step: StepView, view: RolloutView, scale: Scale): Html {
  const end = step.endedAt ?? scale.to;
  const seen = step.notes.filter(({ sort }) => sort === 'saw');
  const done = step.notes.filter(({ sort }) => sort !== 'saw');
  const tookMs = end - step.startedAt;
  return html`<tr class="${step.status}"><td>${timeOfDay(step.startedAt)}</td>
<td class="step"><span class="status" aria-label="${step.status}">${MARKS[step.status]}</span> ${step.title}${step.status === 'running' ? ' (under way)' : ''} <code class="id">${step.id}</code>
${done.length === 0 ? undefined : html`<ul>${done.map(noteLine)}</ul>`}
${seen.length === 0 ? undefined : html`<details${step.status === 'done' ? undefined : html` open`}><summary>${seen.length === 1 ? 'one thing' : `${seen.length} things`} seen while it waited</summary><ul>${seen.map(noteLine)}</ul></details>`}</td>
<td class="took">${tookMs === 0 ? '–' : formatDuration(tookMs)}${step.untilAt === undefined ? undefined : html`<br><span class="soft">until ${timeOfDay(step.untilAt)}</span>`}</td>
<td class="bars">${bar(step, end, view, scale)}</td></tr>`;
}

const MARKS: Readonly<Record<StepView['status'], string>> = { done: '✓', failed: '✗', running: '…' };

function noteLine({ at, sort, text }: Note): Html {
  return html`<li class="${sort}">${timeOfDay(at)} <span class="pre">${text}</span></li>`;
}

function bar(step: StepView, end: number, { milestones }: RolloutView, scale: Scale): Html {
  const x = Math.min(scale.percent(step.startedAt), 100 - LEAST_PERCENT);
  const width = Math.max(LEAST_PERCENT, scale.percent(end) - x);
  const sort = step.id.startsWith('gate/') || step.id.startsWith('hook/') ? 'gate' : step.waits ? 'wait' : 'work';
  const marks = milestones.filter(({ sort: each }) => each === 'pivot' || each === 'unwind' || each === 'abort');
  return html`<svg width="100%" height="18" aria-hidden="true"><rect class="bar ${sort} ${step.status} ${step.direction}" x="${x}%" width="${width}%" y="4" height="10" rx="2"/>
${step.notes
  .filter(({ sort: each }) => each !== 'saw')
  .map(({ at, sort: each }) => html`<circle class="note ${each}" cx="${scale.percent(at)}%" cy="9" r="3.5"/>`)}
${marks.map(({ at, sort: each }) => html`<line class="mark ${each}" x1="${scale.percent(at)}%" x2="${scale.percent(at)}%" y1="0" y2="100%"/>`)}</svg>`;
}
