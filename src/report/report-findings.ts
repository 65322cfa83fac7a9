import type { ReceiptLine } from '../engine/receipt.js';
import type { ErrorView } from './error-view.js';
import { html, type Html } from './html.js';
import { receiptWords } from './receipt-words.js';
import { timeOfDay } from './report-times.js';
import type { RolloutView } from './rollout-view.js';

/** What went wrong, who must act, and what to do. */
export function errorSection(view: ErrorView): Html {
  const { code, title, who, message, facts, findings, logTail, requestIds, causes, hint, docs } = view;
  const row = (label: string, value: Html | string | undefined): Html | undefined =>
    value === undefined || value === '' ? undefined : html`<div><dt>${label}</dt><dd class="pre">${value}</dd></div>`;
  return html`<section class="error" aria-labelledby="error">
<h2 id="error">What went wrong: ${title}</h2>
<dl>${row('code', code === undefined ? undefined : html`<code>${code}</code>`)}${row('who must act', who)}${row('what happened', message)}
${facts.map(({ label, value }) => row(label, html`<code>${value}</code>`))}
${causes.map((cause) => row('because', cause))}
${row(requestIds.length > 1 ? 'request ids' : 'request id', requestIds.length === 0 ? undefined : html`<code>${requestIds.join(', ')}</code>`)}
${row('what to do', hint)}${row('see', docs === undefined ? undefined : html`<code>${docs}</code>`)}</dl>
${findings.length === 0 ? undefined : html`<ul class="findings">${findings.map(({ check, found, fix }) => html`<li><strong>${check}</strong>: <span class="pre">${found}</span>${fix === undefined ? undefined : html`<br><em>What to do:</em> <span class="pre">${fix}</span>`}</li>`)}</ul>`}
${logTail === undefined ? undefined : html`<h3>The end of the script’s log</h3><pre tabindex="0">${logTail}</pre>`}
</section>`;
}

/** What was compared at the end, what differs first. */
export function receiptSection(lines: readonly ReceiptLine[], outcome: string): Html | undefined {
  if (lines.length === 0) return undefined;
  const words = receiptWords(lines, outcome);
  const open = words.filter(({ sort }) => sort === 'differs' || sort === 'unknown').length;
  const told =
    open === 0
      ? 'Everything was looked at, and everything is as it should be.'
      : `${open} of ${words.length} lines ${open === 1 ? 'needs' : 'need'} somebody.`;
  return html`<section aria-labelledby="receipt">
<h2 id="receipt">Receipt</h2><p>${told}</p>
<div class="wide"><table class="receipt ${open === 0 ? 'settled' : 'open'}"><thead><tr><th scope="col">verdict</th><th scope="col">what</th><th scope="col">of</th>${open === 0 ? undefined : html`<th scope="col">expected, found, and how to mend it</th>`}</tr></thead><tbody>
${words.map(
  ({
    sort,
    verdict,
    what,
    subject,
    expected,
    found,
    fix,
    because,
  }) => html`<tr class="${sort}"><td><span class="verdict">${VERDICT_MARKS[sort]} ${verdict}</span></td><td>${what}</td><td><code>${subject}</code></td>
${open === 0 ? undefined : html`<td>${sort === 'differs' ? html`expected <code>${expected}</code>, found <code>${found}</code><br><strong>To do:</strong> <span class="pre">${fix}</span>` : because}</td>`}</tr>`,
)}</tbody></table></div></section>`;
}

const VERDICT_MARKS = { good: '✓', taken: '–', differs: '✗', unknown: '?' } as const;

export function warningsSection({ warnings }: RolloutView): Html | undefined {
  if (warnings.length === 0) return undefined;
  return html`<section aria-labelledby="warnings"><h2 id="warnings">Warnings</h2>
<ul class="warnings">${warnings.map(({ at, text }) => html`<li>${timeOfDay(at)} <span class="pre">${text}</span></li>`)}</ul></section>`;
}
