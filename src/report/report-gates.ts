import { html, type Html } from './html.js';
import { timeOfDay } from './report-times.js';
import type { GateAnswerView, RolloutView, StepView } from './rollout-view.js';
import { evidenceHashTold } from './told-facts.js';
import { entriesOf, jsonText, propertyOf } from './unknown-values.js';

const MOST_EVIDENCE = 3_000;

/** Every gate that was reached: who answered, when, why, and on the strength of what. */
export function gatesSection({ steps, answers }: RolloutView): Html | undefined {
  const gates = steps.filter(({ id, direction }) => id.startsWith('gate/') && direction === 'forward');
  if (gates.length === 0) return undefined;
  return html`<section aria-labelledby="gates"><h2 id="gates">Gates</h2>
<div class="wide"><table class="gates"><thead><tr><th scope="col">gate</th><th scope="col">asked, until</th><th scope="col">answer</th><th scope="col">evidence</th></tr></thead><tbody>
${gates.map((step) =>
  row(
    step,
    answers.findLast(({ gate }) => gate === step.id.slice('gate/'.length)),
  ),
)}</tbody></table></div></section>`;
}

function row(step: StepView, answer: GateAnswerView | undefined): Html {
  const limit = step.untilAt === undefined ? undefined : html`<br>until ${timeOfDay(step.untilAt)}`;
  return html`<tr class="${answer?.answer === 'rejected' || step.status === 'failed' ? 'differs' : answer === undefined ? 'unknown' : 'good'}"><td><strong>${step.id.slice('gate/'.length)}</strong><br><span class="soft">before ${step.stage}</span></td>
<td>${timeOfDay(step.startedAt)}${limit}</td>
<td>${answer === undefined ? html`<span class="verdict">${step.status === 'running' ? 'open' : 'nobody answered'}</span>` : answered(answer)}</td>
<td>${evidence(step, answer)}</td></tr>${shownRow(step)}`;
}

function answered({ answer, by, at, reason }: GateAnswerView): Html {
  return html`<span class="verdict">${answer === 'approved' ? '✓' : '✗'} ${answer}</span> by ${by} at ${timeOfDay(at)}${reason === undefined ? undefined : html`<br><span class="pre">${reason}</span>`}`;
}

function evidence(step: StepView, answer: GateAnswerView | undefined): Html {
  const shown = evidenceHashTold(step.facts);
  const given = answer?.evidence;
  const hash = given ?? shown;
  if (hash === undefined) return html`–`;
  const isUnnamed = answer !== undefined && given === undefined;
  return html`<code>${hash}</code>${isUnnamed ? ' (shown; the answer does not name it)' : ''}`;
}

/** What was shown last, in a row of its own. */
function shownRow({ facts }: StepView): Html | undefined {
  const told = propertyOf(facts, 'evidence');
  if (told === undefined) return undefined;
  const hash = evidenceHashTold(facts);
  return html`<tr class="shown"><td colspan="4"><details><summary>What was shown last${hash === undefined ? undefined : html`: <code>${hash}</code>`}</summary><pre tabindex="0">${linesOf(told)}</pre></details></td></tr>`;
}

function linesOf(evidence: unknown): string {
  const entries = entriesOf(evidence);
  if (entries.length === 0) return jsonText(evidence, MOST_EVIDENCE);
  return entries.map(([name, value]) => `${name}: ${jsonText(value, MOST_EVIDENCE)}`).join('\n');
}
