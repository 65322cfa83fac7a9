import { formatDuration } from '../policies/duration.js';
import type { RolloutResult, RolloutStatus } from '../rollout-result.js';
import { html, type Html } from './html.js';
import { dateAndTime } from './report-times.js';
import type { RolloutView } from './rollout-view.js';
import { entriesOf, jsonText, propertyOf } from './unknown-values.js';

const OUTCOMES: Readonly<Record<string, readonly [mark: string, title: string, meaning: string]>> = {
  succeeded: ['✓', 'Succeeded', 'Everything healthy in a production target group is proven green.'],
  'rolled-back': ['↩', 'Rolled back', 'The release was taken back; everything is as it was before, and was checked.'],
  refused: ['⊘', 'Refused', 'The release did not start; nothing was touched.'],
  failed: [
    '✗',
    'Failed',
    'Neither the release nor the way back could be finished. The receipt says what differs and how to mend it.',
  ],
  suspended: ['‖', 'Suspended', 'Nobody drives this rollout now; resume it.'],
  running: ['…', 'Running', 'This rollout has not ended: the page shows it as it stood when the page was made.'],
};

/** How it ended, what it worked on, and when. */
export function reportHeader(
  id: string,
  view: RolloutView,
  status: RolloutStatus,
  result: RolloutResult | undefined,
): Html {
  const outcome = result?.outcome ?? status.outcome;
  const [mark, title, meaning] = OUTCOMES[outcome] ?? ['', outcome, ''];
  const row = (label: string, value: Html | string | undefined): Html | undefined =>
    value === undefined || value === '' ? undefined : html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
  const codes = (values: readonly string[]): Html | undefined =>
    values.length === 0
      ? undefined
      : html`<span class="codes">${values.map((value) => html`<code>${value}</code> `)}</span>`;
  const { pivotPassedAt, spotExpiresAt } = status;
  const running = result === undefined;
  return html`<header class="${outcome}">
<p class="outcome"><span class="mark" aria-hidden="true">${mark}</span> <strong>${title}</strong></p>
<p class="meaning">${meaning}</p>
${running && status.openGates.length > 0 ? html`<p class="meaning"><strong>Waits for an answer:</strong> ${status.openGates.map((gate) => html`the gate <code>${gate}</code> `)}</p>` : undefined}
<dl>
${row('rollout', html`<code>${id}</code>`)}${row('kind', view.kind)}${row('works on', codes(view.targets))}
${row('CodeDeploy', codes(result?.codeDeployDeploymentIds ?? view.codeDeployDeploymentIds))}
${row('started', dateAndTime(view.startedAt))}
${row(running ? 'last event' : 'ended', dateAndTime(view.lastAt))}
${row(running ? 'so far' : 'took', formatDuration(view.lastAt - view.startedAt))}
${row('point of no return', pivotPassedAt === undefined ? 'not passed' : dateAndTime(Date.parse(pivotPassedAt)))}
${row('Spot ends the mode', running && spotExpiresAt !== undefined ? html`by itself at ${dateAndTime(Date.parse(spotExpiresAt))}` : undefined)}
${row('blue', codes(idsOf(result?.blue) ?? view.blueIds))}
${row('green', codes(idsOf(result?.green) ?? view.greenIds))}
${row('green tags', codes(tagsOf(result?.green)))}
${row('strays', codes((result?.strays ?? []).map(({ instanceId }) => instanceId)))}
</dl></header>`;
}

function idsOf(fleet: unknown): readonly string[] | undefined {
  const ids = propertyOf(fleet, 'instanceIds');
  return Array.isArray(ids) ? ids.map((id) => jsonText(id)) : undefined;
}

function tagsOf(fleet: unknown): readonly string[] {
  return entriesOf(propertyOf(fleet, 'tags')).map(([key, value]) => `${key}=${jsonText(value)}`);
}
