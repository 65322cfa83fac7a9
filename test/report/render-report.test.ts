import { describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/render-report.js';
import { record, replayed, takenBack, wentOut, withHostile } from './rollouts.js';

describe('renderReport', () => {
  it('is one file that can load, send and run nothing', async () => {
    const page = await renderReport(replayed(await wentOut()));
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('default-src &#39;none&#39;; style-src &#39;sha256-');
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\shref=|\sstyle=|url\(|@import/i);
  });

  it('tells a release that went out: outcome, point of no return, operations, instances, receipt', async () => {
    const { result, ...rest } = await wentOut();
    const page = await renderReport(replayed({ result, ...rest }));
    expect(page).toContain('<strong>Succeeded</strong>');
    expect(page).toContain('Point of no return');
    expect(page).toContain('spot enterDeploymentMode');
    expect(page).toContain(result.codeDeployDeploymentIds[0]);
    for (const id of result.green!.instanceIds) expect(page).toContain(id);
    expect(page).toContain('aria-label="Blue: 3 at the start, 0 at the end. Green: at most 3, 3 at the end."');
    expect(page).toContain('1 of 7 lines needs somebody');
    expect(page).not.toContain('The way back');
  });

  it('tells a release that came back: the error with its log, the way back, green gone at the end', async () => {
    const page = await renderReport(replayed(await takenBack()));
    expect(page).toContain('<strong>Rolled back</strong>');
    expect(page).toContain('whoever made this version');
    expect(page).toMatch(/<pre tabindex="0">LifecycleEvent - AfterInstall\n/);
    expect(page).toContain('<h2 id="way-back">The way back</h2>');
    expect(page).toContain('take the Elastigroup out of deployment mode');
    expect(page).toContain('aria-label="Blue: 3 at the start, 3 at the end. Green: at most 3, 0 at the end."');
    expect(page).toContain('everything is as it should be');
  });

  it('shows a rollout that waits at a gate without waiting for its end, and who answered it and why afterwards', async () => {
    let open = '';
    const recorded = await record({
      cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
      spec: { gates: [{ name: 'smoke', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
      onEvent: async (event, rollout) => {
        if (event.name !== 'step:run:observed' || event.data.step !== 'gate/smoke') return;
        open = await renderReport(rollout);
        await rollout.approve('smoke', { by: 'Ada', reason: 'curl says 200' });
      },
    });
    expect(open).toContain('<strong>Running</strong>');
    expect(open).toContain('the gate <code>smoke</code>');
    expect(open).toContain('(under way)');
    expect(open).toContain('by itself at');
    expect(open).not.toContain('id="receipt"');
    expect(await renderReport(replayed(recorded))).toContain('Ada approved it: curl says 200');
  });

  it('reports a refusal, of which there is little to tell', async () => {
    const page = await renderReport(
      replayed(await record({ cloud: { deploymentGroup: { deploymentType: 'IN_PLACE' } } })),
    );
    expect(page).toContain('<strong>Refused</strong>');
    expect(page).toContain('class="findings"');
    expect(page).not.toContain('Instances over time');
  });

  it('escapes everything that comes from outside', async () => {
    const hostile = `"><img src=x onerror="1">'</style></title><script>1</script>&amp;${String.fromCharCode(27)}[31m`;
    const recorded = await takenBack();
    const page = await renderReport(replayed(withHostile({ ...recorded, id: recorded.id + hostile }, hostile)));
    expect(page).not.toMatch(/<script|<img/i);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page.match(/<\/title>/g)).toHaveLength(1);
    expect(page).toContain('&lt;script&gt;1&lt;/script&gt;&amp;amp;');
    expect(page).not.toContain(String.fromCharCode(27));
  });
});
