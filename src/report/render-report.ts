import { createHash } from 'node:crypto';
import type { BlueGreenErrorJson } from '../errors/blue-green-error.js';
import type { Rollout } from '../rollout.js';
import type { RolloutResult, RolloutStatus } from '../rollout-result.js';
import { viewError } from './error-view.js';
import { html, Html } from './html.js';
import { recordedEvents } from './recorded-events.js';
import { errorSection, receiptSection, warningsSection } from './report-findings.js';
import { fleetsSection, fleetsTable } from './report-fleets.js';
import { gatesSection } from './report-gates.js';
import { reportHeader } from './report-header.js';
import { healthSection } from './report-health.js';
import { instancesSection } from './report-instances.js';
import { REPORT_STYLE } from './report-style.js';
import { timelineSections } from './report-timeline.js';
import { scaleOf } from './report-times.js';
import { EMPTY_VIEW, viewAfter } from './rollout-view.js';

/** What is needed of a rollout to report on it. */
export type ReportedRollout = Pick<Rollout, 'id' | 'events' | 'status' | 'result'>;

/**
 * One HTML file that tells a rollout: how it ended and who must act, the receipt, warnings, the gates with who answered and
 * why, healthy instances of each colour over time, CodeDeploy's events on each instance, every step, operation and wait on
 * a time line, and the way back.
 *
 * It stands alone: it asks for nothing from any network and runs no script; its content security policy forbids both. A
 * rollout that has not ended is shown as it stands now; this does not wait for its end. Times are UTC.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { BlueGreen, renderReport } from 'elastigroup-bluegreen';
 * async function report(blueGreen: BlueGreen, id: string): Promise<void> {
 *   await writeFile(`${id}.html`, await renderReport(await blueGreen.watch(id)));
 * }
 * ```
 */
export async function renderReport(rollout: ReportedRollout): Promise<string> {
  const view = (await recordedEvents(rollout)).reduce(viewAfter, EMPTY_VIEW);
  const status = rollout.status();
  const result: RolloutResult | undefined = status.finishedAt === undefined ? undefined : await rollout.result();
  const error = result === undefined ? errorSoFar(status) : result.error;
  const scale = scaleOf(view.startedAt, view.lastAt);
  const title = `${result?.outcome ?? status.outcome}: rollout ${rollout.id}`;
  const fleets = fleetsSection(view.fleets, view.milestones, scale);
  const page = html`<!doctype html>
<html lang="en"><head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(REPORT_STYLE)}</style>
</head><body><main>
<h1>Rollout report</h1>
${reportHeader(rollout.id, view, status, result)}
${error === undefined ? undefined : errorSection(viewError(error))}
${result === undefined ? undefined : receiptSection(result.receipt.lines, result.outcome)}
${warningsSection(view)}
${gatesSection(view)}
${healthSection(view.health, view.milestones, scale)}
${fleets === undefined ? undefined : html`${fleets}${fleetsTable(view.fleets)}`}
${instancesSection(view)}
${timelineSections(view, scale)}
<footer>Made by elastigroup-bluegreen from the rollout’s journal. Times are UTC.</footer>
</main></body></html>
`;
  return page.markup;
}

/** Why it goes back has a hint for the time after that; until then there is one thing to do. */
function errorSoFar({ direction, error }: RolloutStatus): BlueGreenErrorJson | undefined {
  if (error === undefined || direction === 'forward') return error;
  return { ...error, hint: 'It has not ended: where nobody drives it, resume it.' };
}

/** Nothing may be loaded, sent or run; the one style sheet is known by its digest. */
function policy(): string {
  const digest = createHash('sha256').update(REPORT_STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
}
