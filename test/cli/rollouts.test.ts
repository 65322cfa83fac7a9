import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutStatus } from '../../src/index.js';
import { CliDesk, closeDesks, start } from './cli-harness.js';

afterEach(closeDesks);

describe('a journal that cannot be read', () => {
  it('does not keep status from listing the others, and is named: 1', async () => {
    const desk = new CliDesk();
    await desk.suspended('good');
    writeFileSync(join(desk.store, 'rollouts', 'bad.jsonl'), '{"nonsense\n{"v":1}\n');
    const { code, out, err } = await desk.run(['status']);
    expect(code).toBe(1);
    expect(out).toContain('good');
    expect(err).toMatch(/^warning: rollout bad cannot be read: .*bad\.jsonl/m);
    const one = await desk.run(['status', 'good']);
    expect([one.code, one.err]).toEqual([0, '']);
  });
});

describe('a store that is not there', () => {
  it('is named by status, which lists nothing: 0', async () => {
    const desk = new CliDesk();
    const { code, out, err } = await desk.run(['status']);
    expect([code, out]).toEqual([0, `no rollouts in ${desk.store}\n`]);
    expect(err).toBe(`warning: there is no folder ${desk.store}; --store names the one that rollouts are kept in\n`);
    expect(await desk.run(['status', '--json'])).toEqual({ code: 0, out: '[]\n', err });
    expect(await start(['status', '--store', desk.folder])).toEqual({
      code: 0,
      out: `no rollouts in ${desk.folder}\n`,
      err: '',
    });
    const file = desk.write('store', '');
    expect((await start(['status', '--store', file])).err).toContain(`${file} is not a folder`);
    const config = desk.write(
      'config.mjs',
      `import { MemoryStore } from ${JSON.stringify(resolve('src/index.ts'))};
       export default { store: new MemoryStore() };`,
    );
    expect(await start(['status', '--config', config])).toEqual({
      code: 0,
      out: 'no rollouts in the store that the configuration names\n',
      err: '',
    });
  });
});

describe('status', () => {
  it('lists the rollouts as columns, and as JSON', async () => {
    const desk = new CliDesk({ blue: 1 });
    await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    const { out } = await desk.run(['status']);
    const [head, row, ...more] = out.trimEnd().split('\n');
    expect(head).toMatch(/^ID {8}KIND {9}OUTCOME {4}STEP +AGE +LAST ENTRY +OPEN GATES$/);
    expect(row).toMatch(/^shop-412 {2}elastigroup {2}succeeded {2}prove-release +\d+ min +\d+ m?s ago +-$/);
    expect(more).toEqual([]);
    const listed = JSON.parse((await desk.run(['status', '--json'])).out) as RolloutStatus[];
    expect(listed).toMatchObject([{ id: 'shop-412', outcome: 'succeeded' }]);
    const one = JSON.parse((await desk.run(['status', 'shop-412', '--json'])).out) as RolloutStatus;
    expect(one).toEqual(listed[0]);
  });

  it('lists since when nothing was written about a rollout whose process was killed', async () => {
    const desk = new CliDesk();
    const store = await desk.killed('shop-412');
    desk.cloud.clock.advance(20 * 60_000);
    const { out } = await start(['status', '--store', store], {}, desk.cloud);
    expect(out).toMatch(/\nshop-412 +elastigroup +running +await-green +2\d min +2\d min ago +-\n$/);
  });

  it('tells of one what went wrong, what was warned of, and when', async () => {
    const desk = new CliDesk({ faults: [{ fault: 'script-fails', event: 'ApplicationStart' }] });
    await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    const { code, out } = await desk.run(['status', 'shop-412']);
    expect(code).toBe(0);
    expect(out).toMatch(/^shop-412 rolled-back\n/);
    expect(out).toMatch(/ {2}started +2026-01-05T09:00:00\.000Z \([\d min s]+ ago\)\n/);
    expect(out).toContain('RELEASE_FAILED');
    expect(out).not.toContain('resume');
  });
});

it('status of a rollout on its way back names the command that goes on, not what to do after the end', async () => {
  const desk = new CliDesk();
  const driving = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
  await driving.printed('wait until Spot has launched');
  await desk.run(['abort', 'shop-412']);
  driving.interrupt();
  expect(await driving).toMatchObject({ code: 6 });
  const { out } = await desk.run(['status', 'shop-412']);
  expect(out).toMatch(/^shop-412 suspended, going back\n/);
  expect(out).toContain('ABORTED');
  expect(out).toMatch(
    / what to do +go on when nobody drives it: .*elastigroup-bluegreen resume shop-412 --store \S+\n/,
  );
  expect(out).not.toContain('Nothing to do');
  const report = await desk.run(['report', 'shop-412']);
  expect(report.out).toContain('It has not ended: where nobody drives it, resume it.');
  expect(report.out).not.toContain('Nothing to do');

  expect(await desk.run(['resume', 'shop-412'])).toMatchObject({ code: 3 });
  const ended = await desk.run(['status', 'shop-412']);
  expect(ended.out).toContain('Nothing to do, unless the receipt has a line that differs');
});

describe('watch', () => {
  it('tells what another process does, and ends as the rollout does', async () => {
    const desk = new CliDesk();
    const driving = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    await driving.printed('check that the release can start');
    const watched = await desk.run(['watch', 'shop-412']);
    expect(await driving).toEqual(watched);
    expect(watched.code).toBe(0);
  });

  it('stops at an interrupt; the rollout goes on', async () => {
    const desk = new CliDesk();
    const driving = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    await driving.printed('check that the release can start');
    const watching = desk.run(['watch', 'shop-412']);
    await watching.printed('check that the release can start');
    watching.interrupt();
    expect(await watching).toMatchObject({ code: 130, err: 'no longer watched; the rollout goes on\n' });
    expect(await driving).toMatchObject({ code: 0 });
  });
});

it('resume leaves a rollout alone that another process drives: 6', async () => {
  const desk = new CliDesk();
  const driving = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
  await driving.printed('check that the release can start');
  const { code, out, err } = await desk.run(['resume', 'shop-412']);
  expect(code).toBe(6);
  expect(err).toMatch(/^another process drove it last: waiting to see/);
  expect(err).toContain('ALREADY_DRIVEN');
  expect(err).toContain('suspended here: another process drives it; watch it');
  expect(out).toMatch(/ {2}another process drives it {2}.*elastigroup-bluegreen watch shop-412 --store \S+\n/);
  // To resume it is what has just been tried.
  expect(out + err).not.toMatch(/resume|nobody drives/);
  expect(await driving).toMatchObject({ code: 0, err: '' });
});

describe('abort', () => {
  it('takes a release back: unwinding', async () => {
    const desk = new CliDesk();
    const driving = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    await driving.printed('wait until Spot has launched');
    expect(await desk.run(['abort', 'shop-412', '--reason', 'wrong version'])).toEqual({
      code: 0,
      out: 'unwinding\n',
      err: expect.stringMatching(/^waiting for the process that drove it last to obey, up to 90 s .*\n$/) as string,
    });
    const { code, err } = await driving;
    expect(code).toBe(3);
    expect(err).toMatch(/^ABORTED /);
    expect(err).toContain('wrong version');
  });

  it('comes too late when blue can no longer carry the load: 1', async () => {
    const desk = new CliDesk({ blue: 1 });
    await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    expect(await desk.run(['abort', 'shop-412'])).toEqual({
      code: 1,
      out: 'too-late\n',
      err: 'rollout shop-412 has ended: succeeded\n',
    });
    const { code, out } = await desk.run(['abort', 'shop-412', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ id: 'shop-412', answer: 'too-late', by: 'ada' });
  });
});

describe('abort of a rollout that nobody drives', () => {
  it('says that nobody goes back, and what does; status shows the order', async () => {
    const desk = new CliDesk();
    await desk.suspended('shop-412');
    const { code, out, err } = await desk.run(['abort', 'shop-412', '--reason', 'wrong version']);
    expect([code, out]).toEqual([0, 'unwinding\n']);
    expect(err).toMatch(/^the order is written, but nobody drives rollout shop-412: nothing goes back until you run /);
    expect(err).toContain(`elastigroup-bluegreen resume shop-412 --store ${desk.store}\n`);
    const told = await desk.run(['status', 'shop-412']);
    expect(told.out).toMatch(/ {2}order to abort +by ada: wrong version \(not obeyed yet: .*\)\n/);
    const { abortOrdered } = JSON.parse((await desk.run(['status', 'shop-412', '--json'])).out) as RolloutStatus;
    expect(abortOrdered).toEqual({ by: 'ada', reason: 'wrong version' });

    expect(await desk.run(['resume', 'shop-412'])).toMatchObject({ code: 3 });
    expect((await desk.run(['status', 'shop-412'])).out).toMatch(/ {2}order to abort +by ada: wrong version\n/);
    const again = await desk.run(['abort', 'shop-412', '--json']);
    expect(again).toMatchObject({ code: 0, err: 'rollout shop-412 has ended: rolled-back\n' });
    expect(JSON.parse(again.out)).toMatchObject({ answer: 'unwinding' });
  });

  it('waits until its last process must be gone, and says so beforehand', async () => {
    const desk = new CliDesk();
    const store = await desk.killed('shop-412');
    const { code, out, err } = await start(['abort', 'shop-412', '--store', store], {}, desk.cloud);
    expect([code, out]).toEqual([0, 'unwinding\n']);
    expect(err).toMatch(/^waiting for the process .*\nthe order is written, but nobody drives rollout shop-412: .*\n$/);
    expect(err).toContain(`resume shop-412 --store ${store}\n`);
  });
});

describe('report', () => {
  it('prints one page, or writes it to a file', async () => {
    const desk = new CliDesk({ blue: 1 });
    await desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    const { code, out } = await desk.run(['report', 'shop-412']);
    expect(code).toBe(0);
    expect(out).toMatch(/^<!doctype html>[\s\S]*shop-412[\s\S]*<\/html>\n$/);
    const file = `${desk.folder}/shop.html`;
    const end = await desk.run(['report', 'shop-412', '--out', file]);
    expect(end).toMatchObject({ code: 0, out: `the report on shop-412 is in ${file}\n` });
    expect(readFileSync(file, 'utf8')).toBe(out);
    const nowhere = await desk.run(['report', 'shop-412', '--out', `${desk.folder}/no/where.html`]);
    expect(nowhere.code).toBe(2);
    expect(nowhere.err).toContain('--out');
  });
});

describe('plan', () => {
  it('tells what deploy would do, and changes nothing', async () => {
    const desk = new CliDesk();
    const { code, out } = await desk.run(['plan', desk.spec(), '--id', 'shop-412']);
    expect(code).toBe(0);
    expect(out).toContain('as rollout shop-412\nIt would start.\n');
    const { out: json } = await desk.run(['plan', desk.spec(), '--id', 'shop-412', '--json']);
    expect(JSON.parse(json)).toMatchObject({ rolloutId: 'shop-412', wouldStart: true });
    expect(await desk.run(['status', '--json'])).toMatchObject({ out: '[]\n' });
    expect(desk.cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
  });

  it('ends with 4 when deploy would be refused', async () => {
    const desk = new CliDesk({ blue: 0 });
    const { code, out } = await desk.run(['plan', desk.spec()]);
    expect(code).toBe(4);
    expect(out).toContain('Refused because');
  });
});
