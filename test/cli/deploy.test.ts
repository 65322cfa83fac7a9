import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutEvent, RolloutResult, RolloutStatus } from '../../src/index.js';
import { CliDesk, closeDesks } from './cli-harness.js';

afterEach(closeDesks);

const GATE = { name: 'qa', before: 'PRE_PRODUCTION_TRAFFIC_SHIFT' };
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('deploy', () => {
  it('releases what a JSON file says, tells it line by line, and ends with 0', async () => {
    const desk = new CliDesk();
    const { code, out, err } = await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d{4}-\d\d-\d\d, times in UTC\n/);
    expect(out).toContain('09:00:00 check that the release can start\n');
    expect(out).toMatch(
      /\nshop-412 succeeded after [\d min s]+\n {2}serves {6}green: i-\w+, i-\w+, i-\w+ \(Colour=shop-412\)\n/,
    );
    // What is left to do stands in the receipt: the filter of the deployment group.
    expect(out).toContain('differs: deployment group’s filter (shop/shop-prod)');
    expect(out).toContain('aws deploy update-deployment-group');
    expect(err).toBe('');
    expect(desk.cloud.snapshot().serving).toEqual({ blue: 0, green: 3, other: 0 });
    for (const secret of ['simulated-token', 'simulated-secret']) expect(out + err).not.toContain(secret);
  });

  it('reads YAML, also from standard input', async () => {
    const desk = new CliDesk({ blue: 1 });
    const stdin = [
      'kind: elastigroup',
      'elastigroupId: sig-1a2b3c4d',
      'green: { tagKey: Colour }',
      'codeDeploy:',
      '  applicationName: shop',
      '  deploymentGroupName: shop-prod',
      '  revision:',
      '    s3: { bucket: releases, key: shop-412.zip, bundleType: zip }',
    ].join('\n');
    expect(await desk.run(['deploy', '-'], { stdin })).toMatchObject({ code: 0, err: '' });
  });

  it('says with --json every event on a line, and the result on the last one', async () => {
    const desk = new CliDesk({ blue: 1 });
    const { code, out } = await desk.run(['deploy', desk.spec(), '--id', 'shop-412', '--json']);
    const told = lines(out).map((line) => JSON.parse(line) as RolloutEvent | RolloutResult);
    expect(code).toBe(0);
    expect(told.at(0)).toMatchObject({ name: 'rollout:start:recorded', rolloutId: 'shop-412' });
    expect(told.at(-1)).toMatchObject({
      id: 'shop-412',
      outcome: 'succeeded',
      green: { elastigroupId: 'sig-1a2b3c4d' },
    });
    expect(told.slice(0, -1).every((event) => 'name' in event)).toBe(true);
  });

  it('ends with 3 when the release is taken back, and says who must act', async () => {
    const desk = new CliDesk({ faults: [{ fault: 'script-fails', event: 'ApplicationStart' }] });
    const { code, out, err } = await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    expect(code).toBe(3);
    expect(out).toMatch(/\nshop-412 rolled-back after [\d min s]+\n {2}serves {6}blue: i-/);
    expect(err).toMatch(/^RELEASE_FAILED /);
    expect(err).toContain('who must act');
    expect(err).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(desk.cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
  });

  it('ends with 4 when the checks before the start say no', async () => {
    const desk = new CliDesk({ blue: 0 });
    const { code, out, err } = await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    expect(code).toBe(4);
    expect(out).toContain('shop-412 refused');
    expect(err).toMatch(/^PREFLIGHT_REFUSED /);
  });

  it('ends with 5 when somebody has to look', async () => {
    // Without a wait in Ready, and looked at too seldom, CodeDeploy calls a part of green a success.
    const fault = { fault: 'script-fails', event: 'ValidateService', instance: 0 } as const;
    const desk = new CliDesk({ deploymentGroup: {}, faults: [fault] });
    const config = desk.write('seldom.mjs', "export default { polling: { every: '20m', urgent: '20m' } };");
    const { code, out, err } = await desk.run(['deploy', desk.spec(), '--id', 'shop-412', '--config', config]);
    expect(code).toBe(5);
    expect(out).toContain('shop-412 failed');
    expect(out).toContain('not known for certain');
    expect(err).toMatch(/^RELEASE_FAILED /);
    const again = `elastigroup-bluegreen resume shop-412 --store ${desk.store}`;
    expect(err.trimEnd().split('\n').at(-1)).toMatch(/^once that is mended, this tries it again: /);
    expect(err).toContain(`${again} --config ${config}\n`);

    // Whoever comes later and has not seen that is told the same.
    const status = await desk.run(['status', 'shop-412']);
    const [mending] = /✗ .* of .*: expected [^]*?fix .*\n/.exec(err) ?? [];
    expect(mending).toBeDefined();
    expect(status.out).toContain(mending);
    expect(status.out).toMatch(
      / {2}receipt +\d+ things compared with what was there before; somebody should look at \d/,
    );
    expect(status.out.trimEnd().split('\n').at(-1)).toContain(again);
    const found = JSON.parse((await desk.run(['status', 'shop-412', '--json'])).out) as RolloutStatus;
    const watched = await desk.run(['watch', 'shop-412', '--json']);
    expect(watched.err).toContain(`this tries it again: `);
    expect((JSON.parse(lines(watched.out).at(-1) ?? '') as RolloutResult).receipt).toEqual(found.receipt);
  });

  it('attaches to the rollout of the same id and spec, and refuses another spec', async () => {
    const desk = new CliDesk({ blue: 1 });
    const first = await desk.run(['deploy', desk.spec(), '--id', 'shop-412', '--json']);
    const again = await desk.run(['deploy', desk.spec(), '--id', 'shop-412', '--json']);
    expect(again).toEqual(first);
    const other = await desk.run(['deploy', desk.spec({ tagSettle: '90s' }), '--id', 'shop-412', '--json']);
    expect(other.code).toBe(2);
    expect(JSON.parse(other.out)).toMatchObject({ error: { code: 'ROLLOUT_ID_TAKEN' } });
  });

  it('is suspended by an interrupt, says how to go on, and goes on', async () => {
    const desk = new CliDesk();
    const running = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    await running.printed('put the Elastigroup into deployment mode');
    running.interrupt('SIGTERM');
    const { code, out, err } = await running;
    expect(code).toBe(6);
    expect(out).toContain(`go on with  npx elastigroup-bluegreen resume shop-412 --store ${desk.store}`);
    expect(err).toContain('SIGTERM: the rollout is being suspended');
    const { code: end, out: told } = await desk.run(['resume', 'shop-412']);
    expect(end).toBe(0);
    expect(told).toContain('shop-412 succeeded');
    expect(running.exits).toEqual([]);
  });

  it('ends the process at once on a second interrupt', async () => {
    const desk = new CliDesk({ blue: 1 });
    const running = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    await running.printed('put the Elastigroup into deployment mode');
    running.interrupt();
    running.interrupt();
    expect(running.exits).toEqual([130]);
    expect(await running).toMatchObject({ code: 6 });
  });

  it('takes hooks and policies from a configuration file', async () => {
    const desk = new CliDesk({ blue: 1 });
    const config = desk.write(
      'config.mjs',
      `import { appendFileSync } from 'node:fs';
       export default () => ({
         hooks: { PRE_SCALE_UP: async ({ rolloutId }) => appendFileSync(${JSON.stringify(desk.folder + '/told')}, rolloutId) },
       });`,
    );
    const end = await desk.run(['deploy', desk.spec(), '--id', 'shop-412', '--config', config]);
    expect(end).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(`${desk.folder}/told`, 'utf8')).toBe('shop-412');
  });

  it('draws a live region on a terminal, and without colours where NO_COLOR is set', async () => {
    // eslint-disable-next-line no-control-regex
    const colours = /\u001b\[(?:1|2|3\d|22|39)m/;
    const desk = new CliDesk({ blue: 1 });
    const plain = await desk.run(['deploy', desk.spec(), '--id', 'one'], { terminal: true, env: { NO_COLOR: '1' } });
    expect(plain.out).toContain('stage 1 of 11');
    expect(plain.out).toContain('\u001b[');
    expect(plain.out).not.toMatch(colours);
    const painted = await desk.run(['resume', 'one'], { terminal: true, env: { TERM: 'xterm-256color' } });
    expect(painted).toMatchObject({ code: 0 });
    expect(painted.out).toMatch(colours);
  });
});

it('an interrupt at a terminal is told without a line end, so that what is drawn there can be drawn over', async () => {
  const desk = new CliDesk({ blue: 1 });
  const call = { terminal: true, env: { NO_COLOR: '1' } };
  const running = desk.run(['deploy', desk.spec(), '--id', 'shop-412'], call);
  await running.printed('put the Elastigroup into deployment mode');
  running.interrupt();
  expect(await running).toMatchObject({
    code: 6,
    err: '\rSIGINT: the rollout is being suspended; once more ends this process at once',
  });
});

describe('a gate', () => {
  it('is shown with the commands that answer it, and opens', async () => {
    const desk = new CliDesk();
    const running = desk.run(['deploy', desk.spec({ gates: [GATE] }), '--id', 'shop-412']);
    await running.printed('sees: waiting for an answer');
    const release = desk.cloud.clock.hold();
    const { out: told } = await desk.run(['status', 'shop-412']);
    const [, evidence = ''] = /approve shop-412 qa --evidence (\w+) --store \S+\n/.exec(told) ?? [];
    expect(told).toContain(`elastigroup-bluegreen reject shop-412 qa --reason WHY --store ${desk.store}\n`);
    const answer = await desk.run(['approve', 'shop-412', 'qa', '--reason', 'looks fine', '--evidence', evidence]);
    expect(answer).toEqual({ code: 0, out: 'approved the gate qa of shop-412, as ada\n', err: '' });
    release();
    const { code, out } = await running;
    expect(code).toBe(0);
    // The same command wherever it is shown, for the same store.
    const [said] = /npx elastigroup-bluegreen approve .*/.exec(told) ?? [];
    expect(said).toMatch(/^npx elastigroup-bluegreen approve shop-412 qa --evidence \w+ --store \S+$/);
    expect(out).toContain(`│ to say yes: ${said}\n`);
  });

  it('that is rejected takes the release back: 3, and no word of the answer steers the terminal', async () => {
    const desk = new CliDesk();
    const running = desk.run(['deploy', desk.spec({ gates: [GATE] }), '--id', 'shop-412']);
    await running.printed('gate');
    const release = desk.cloud.clock.hold();
    const reason = 'no\u001b[2J\u009b1A\u001b]0;mine\u0007\u202ethanks';
    const answer = await desk.run(['reject', 'shop-412', 'qa', '--by', 'Eve\r\u001b[1A', '--reason', reason, '--json']);
    expect(answer.code).toBe(0);
    expect(JSON.parse(answer.out)).toEqual({
      id: 'shop-412',
      gate: 'qa',
      answer: 'rejected',
      by: 'Eve\r\u001b[1A',
      reason,
    });
    release();
    const { code, out, err } = await running;
    expect(code).toBe(3);
    expect(err).toMatch(/^GATE_REJECTED /);
    const others = [['status'], ['status', 'shop-412'], ['status', '--json'], ['watch', 'shop-412', '--json']];
    const texts = [answer.out, out, err];
    for (const argv of others) {
      const end = await desk.run(argv);
      texts.push(end.out, end.err);
    }
    // eslint-disable-next-line no-control-regex
    for (const text of texts) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('that does not exist cannot be answered: 1', async () => {
    const desk = new CliDesk({ blue: 1 });
    await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    const { code, err } = await desk.run(['approve', 'shop-412', 'qa']);
    expect(code).toBe(1);
    expect(err).toMatch(/^GATE_UNKNOWN /);
  });
});
