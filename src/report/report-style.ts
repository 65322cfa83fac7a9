/** Light and dark by the reader's own setting; on paper light, with every fold open. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1b1f26; --soft: #5a6472; --line: #dde1e7;
  --blue: #3b78d8; --green: #8fd3a6; --released: #1f8f4d; --good: #1a7f43; --bad: #c0262d; --warn: #8f5a00; --wait: #b9c2d0;
  --work: #56657d; --gate: #a55fd0; --good-back: #e4f5ea; --bad-back: #fdebec; --warn-back: #fff4dc; --code: #eef0f4; }
@media (prefers-color-scheme: dark) { :root { --page: #12151a; --card: #1a1f27; --ink: #e6e9ee; --soft: #9aa5b4; --line: #2e3641;
  --blue: #5b96f0; --green: #2f6e48; --released: #45c37a; --good: #58cf8b; --bad: #ff7b81; --warn: #f0b955; --wait: #465264;
  --work: #98a6bb; --gate: #c690ea; --good-back: #15301f; --bad-back: #3a1a1d; --warn-back: #352a12; --code: #262d38; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 20px; }
h1 { font-size: 13px; font-weight: 600; letter-spacing: .08em; text-transform: uppercase; color: var(--soft); margin: 0 0 8px; }
h2 { font-size: 18px; margin: 0 0 10px; } h3 { font-size: 15px; margin: 14px 0 6px; }
header, section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px 20px; margin: 0 0 16px; }
header { border-left: 8px solid var(--soft); }
header.succeeded { border-left-color: var(--good); } header.rolled-back, header.suspended { border-left-color: var(--warn); }
header.failed, header.refused { border-left-color: var(--bad); }
.outcome { font-size: 28px; line-height: 1.2; margin: 0; } .meaning { margin: 4px 0 12px; color: var(--soft); }
.succeeded .outcome { color: var(--good); } .rolled-back .outcome, .suspended .outcome { color: var(--warn); }
.failed .outcome, .refused .outcome { color: var(--bad); }
dl { margin: 0; } dl > div { display: flex; gap: 12px; padding: 2px 0; }
dt { flex: 0 0 160px; color: var(--soft); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
code, pre { font: 13px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { background: var(--code); border-radius: 3px; padding: 1px 4px; overflow-wrap: anywhere; }
.codes code { margin-right: 4px; display: inline-block; }
.pre { white-space: pre-wrap; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 6px; padding: 12px; margin: 0; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.error { border-left: 8px solid var(--bad); } .error h2 { color: var(--bad); }
.findings li, .warnings li { margin: 4px 0; } ul { margin: 4px 0; padding-left: 20px; }
.warnings { list-style: none; padding: 0; } .warnings li { border-left: 3px solid var(--warn); padding-left: 10px; }
time { font-variant-numeric: tabular-nums; color: var(--soft); }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
td, th { padding: 5px 8px 5px 0; vertical-align: top; } .wide { overflow-x: auto; }
.receipt td, .receipt th { border-top: 1px solid var(--line); padding-right: 14px; } .receipt th { border: 0; } .receipt.open td:last-child { width: 46%; } .receipt.settled td:last-child { width: 60%; }
.verdict { white-space: nowrap; border-radius: 4px; padding: 1px 8px; background: var(--code); }
.good .verdict { background: var(--good-back); color: var(--good); } .differs .verdict { background: var(--bad-back); color: var(--bad); font-weight: 600; }
.unknown .verdict, .taken .verdict { background: var(--warn-back); color: var(--warn); }
.numbers { width: auto; } .numbers td, .numbers th { padding-right: 24px; }
details { margin: 2px 0; } main > details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 20px; margin: -8px 0 16px; }
summary { cursor: pointer; color: var(--soft); font-size: 13px; }
.lane { display: flex; align-items: flex-end; gap: 8px; } .lane .name { flex: 0 0 44px; color: var(--soft); font-size: 13px; } .lane svg { flex: 1 1 0; min-width: 0; overflow: visible; display: block; }
svg text { fill: var(--soft); font-size: 12px; text-anchor: middle; font-variant-numeric: tabular-nums; } svg text.first { text-anchor: start; } svg text.last { text-anchor: end; }
.levels svg { overflow: visible; } .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.curve.blue { stroke: var(--blue); } .curve.green { stroke: var(--released); }
circle.look { fill: var(--ink); stroke: var(--ink); stroke-width: 1.5; } circle.look.blue { fill: var(--blue); stroke: var(--blue); } circle.look.green { fill: var(--released); stroke: var(--released); }
circle.look.told { fill: var(--card); } svg.look { vertical-align: -2px; margin: 0 4px 0 12px; }
.soft { color: var(--soft); font-size: 13px; } p.soft { margin: 0 0 8px; } .bad { color: var(--bad); }
.gates td, .gates th { border-top: 1px solid var(--line); padding-right: 14px; } .gates th { border: 0; } .gates .shown td { border: 0; padding-top: 0; }
.events { width: auto; font-size: 12px; margin-bottom: 8px; } .events th { font-size: 12px; vertical-align: bottom; } .events td { border-top: 1px solid var(--line); padding-right: 12px; } .events code { font-size: 12px; background: none; padding: 0; white-space: nowrap; }
rect.blue { fill: var(--blue); } rect.green { fill: var(--green); } rect.released { fill: var(--released); }
.base, .tick { stroke: var(--line); } .mark.pivot { stroke: var(--gate); stroke-width: 2; } .mark.unwind { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 2; } .mark.abort { stroke: var(--warn); stroke-width: 2; }
.legend { color: var(--soft); font-size: 13px; margin: 8px 0 0; } .key { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin: 0 5px 0 12px; vertical-align: -1px; }
.key:first-child { margin-left: 0; } .key.blue { background: var(--blue); } .key.green { background: var(--green); } .key.released { background: var(--released); }
.key.pivot { background: var(--gate); width: 3px; } .key.unwind { background: var(--bad); width: 3px; }
.timeline { table-layout: fixed; } .timeline th:nth-child(1) { width: 80px; } .timeline th:nth-child(3) { width: 96px; } .timeline th.bars { width: 34%; }
.timeline svg { overflow: visible; } .timeline svg text { font-weight: 400; }
.timeline td { border-top: 1px solid var(--line); } .timeline .axis .name { display: none; }
.timeline th.bars { vertical-align: bottom; padding-right: 0; } .timeline td.bars { padding-right: 0; }
.stage th { padding-top: 14px; letter-spacing: .04em; font-size: 12px; }
.status { display: inline-block; width: 1em; color: var(--good); } .failed .status { color: var(--bad); font-weight: 700; } .running .status { color: var(--warn); }
tr.failed td { background: var(--bad-back); } .id { font-size: 12px; color: var(--soft); background: none; }
.step ul { list-style: none; padding-left: 18px; font-size: 13px; } .step li.trouble .pre { color: var(--bad); } .step li.answer .pre { color: var(--good); }
.took { white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar.wait { fill: var(--wait); } .bar.work { fill: var(--work); } .bar.gate { fill: var(--gate); } .bar.failed { fill: var(--bad); }
.note { fill: var(--card); stroke: var(--work); stroke-width: 1.5; } .note.trouble { stroke: var(--bad); }
.milestone { margin: 0 0 8px; padding: 6px 12px; border-left: 3px solid var(--soft); } .milestone.pivot { border-color: var(--gate); } .milestone.unwind { border-color: var(--bad); } .milestone.abort, .milestone.stopped { border-color: var(--warn); }
footer { color: var(--soft); font-size: 13px; padding: 0 4px 20px; }
@media screen and (max-width: 760px) { .timeline th:nth-child(4), .timeline td.bars { display: none; } dl > div { flex-direction: column; gap: 0; } dt { flex: none; } }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --blue: #3b78d8; --green: #8fd3a6; --released: #1f8f4d;
    --good: #14692f; --bad: #a5151c; --warn: #6f4600; --wait: #b9c2d0; --work: #56657d; --gate: #8a3fba; --good-back: #e4f5ea; --bad-back: #fdebec; --warn-back: #fff4dc; --code: #f1f2f4; }
  @page { margin: 14mm 12mm; }
  dt { flex-basis: 110px; } .timeline th:nth-child(1) { width: 56px; } .timeline th:nth-child(3) { width: 68px; }
  body { font-size: 11px; } code, pre { font-size: 10px; } main { max-width: none; padding: 0; }
  header, section { border-radius: 0; padding: 8px 10px; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .soft, th, summary, .legend, .step ul { font-size: 10px; } .events, .events th, .events code { font-size: 9px; } .events td { padding-right: 4px; }
  tr, li, .milestone, .chart, dl > div { break-inside: avoid; } h2, .stage { break-after: avoid; } thead { display: table-header-group; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; } summary { list-style: none; }
}
`;
