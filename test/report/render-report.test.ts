import { describe, expect, it } from 'vitest';
import { BlueGreen, MemoryStore } from '../../src/index.js';
import { renderReport } from '../../src/report/render-report.js';
import { SimulatedCloud } from '../../src/testing/index.js';
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

  it('says until when each wait would have waited, and which of CodeDeploy’s events failed on which instance', async () => {
    const { result, ...rest } = await takenBack();
    const page = await renderReport(replayed({ result, ...rest }));
    expect(page).toMatch(/<br><span class="soft">until <time datetime="2026-01-05T09:31:00\.000Z">/);
    const details = result.error!.details as { instanceId: string };
    const rows = page.match(/<tr class="failed"><td><code>i-\w+<\/code>.*?<\/tr>/gs)!;
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain(details.instanceId);
    expect(rows[0].match(/✗ failed/g)).toHaveLength(1);
    expect(page).toMatch(/<th scope="col">After<wbr>Install<\/th><\/tr>/);
  });

  it('draws who was healthy: blue until traffic had moved, green from then on, never fewer together', async () => {
    const page = await renderReport(replayed(await wentOut()));
    expect(page).toContain(
      'aria-label="Healthy blue: 3 at first, 0 at last. Healthy green: 0 at first, 3 at last. Together never fewer than 3."',
    );
    expect(page).toMatch(/<path class="curve green" d="M0 [\d.]+H[\d.]+V[^"]+H1000"\/>/);
    const back = await renderReport(replayed(await takenBack()));
    expect(back).toContain('Healthy blue: 3 at first, 3 at last. Healthy green: 0 at first, 0 at last.');
  });

  it('tells of every gate who answered, when, why, and what the answer was given for', async () => {
    let hash = '';
    const recorded = await record({
      cloud: { deploymentGroup: { readyWaitMinutes: 60, terminationWaitMinutes: 60 } },
      spec: {
        bake: '10m',
        gates: [
          { name: 'smoke', before: 'PRODUCTION_TRAFFIC_SHIFT' },
          { name: 'keep', before: 'POST_PRODUCTION_TRAFFIC_SHIFT' },
        ],
      },
      onEvent: async (event, rollout) => {
        if (event.name !== 'step:run:observed' || !event.data.step.startsWith('gate/')) return;
        const [gate] = rollout.status().gates;
        if (gate?.hash === undefined) return;
        hash = gate.hash;
        if (gate.name === 'smoke')
          return rollout.approve('smoke', { by: 'Ada', reason: 'curl says 200', evidence: hash });
        return rollout.reject('keep', { by: 'Bob', reason: '<b>orders</b> fail' });
      },
    });
    const page = await renderReport(replayed(recorded));
    const [, smoke, shown, keep] = page.split('<h2 id="gates">')[1]!.split('</section>')[0]!.split('<tr class="');
    expect(smoke).toMatch(/^good"><td><strong>smoke<\/strong><br><span class="soft">before PRODUCTION_TRAFFIC_SHIFT/);
    expect(smoke).toMatch(
      /✓ approved<\/span> by Ada at <time[^>]+>09:\d\d:\d\d<\/time><br><span class="pre">curl says 200/,
    );
    expect(smoke).toMatch(/<code>[0-9a-f]{12}<\/code><\/td><\/tr>$/);
    expect(shown).toMatch(/^shown">.*What was shown last: <code>[0-9a-f]{12}<\/code>.*\nhealth: \[\{&quot;/s);
    expect(keep).toMatch(/^differs"><td><strong>keep/);
    expect(keep).toContain('✗ rejected</span> by Bob');
    expect(keep).toContain('&lt;b&gt;orders&lt;/b&gt; fail');
    expect(keep).toContain(`<code>${hash}</code> (shown; the answer does not name it)`);
  });

  it('reports what another process left: from the rollout that watches it, suspended or ended', async () => {
    const cloud = new SimulatedCloud({ rateLimits: false, deploymentGroup: { readyWaitMinutes: 60 } });
    const store = new MemoryStore();
    const stop = new AbortController();
    const one = new BlueGreen({ ...cloud.options(), store });
    const two = new BlueGreen({ ...cloud.options(), store });
    try {
      const gates = [{ name: 'smoke', before: 'PRODUCTION_TRAFFIC_SHIFT' }] as const;
      const rollout = await one.start(cloud.spec({ gates }), {
        signal: stop.signal,
        onSignal: 'suspend',
      });
      for await (const event of rollout.events()) {
        if (event.name === 'step:run:observed' && event.data.step === 'gate/smoke') stop.abort();
      }
      expect((await rollout.result()).outcome).toBe('suspended');
      const suspended = await renderReport(await two.watch(rollout.id));
      expect(suspended).toContain('<strong>Suspended</strong>');
      expect(suspended).toContain('<span class="verdict">open</span>');
      expect(suspended).toContain('<h2 id="events">');
      const again = await two.resume(rollout.id);
      await again.reject('smoke', { by: 'Ada', reason: 'no' });
      expect((await again.result()).outcome).toBe('rolled-back');
      const ended = await renderReport(await one.watch(rollout.id));
      expect(ended).toContain('✗ rejected</span> by Ada');
      expect(ended).toContain('<h2 id="receipt">');
    } finally {
      await one.close();
      await two.close();
      await cloud.close();
    }
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
