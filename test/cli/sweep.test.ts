import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { CliDesk, closeDesks, start, type RunningCli } from './cli-harness.js';

afterEach(closeDesks);

describe('sweep', () => {
  it('looks at first, and takes dead rollouts back when it is told to', async () => {
    const desk = new CliDesk();
    const running = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    await running.printed('wait until Spot has launched');
    running.interrupt();
    expect(await running).toMatchObject({ code: 6 });
    const { code, out } = await desk.run(['sweep']);
    expect(code).toBe(0);
    expect(out).toContain('a dry run: nothing was changed');
    expect(out).toContain('Rollout shop-412');
    const applied = await desk.run(['sweep', '--apply', '--json']);
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.out)).toMatchObject({
      dryRun: false,
      swept: [{ rolloutId: 'shop-412', outcome: 'rolled-back' }],
    });
    expect(desk.cloud.snapshot().serving).toEqual({ blue: 3, green: 0, other: 0 });
  });

  it('tells on standard error what it waits for and what it does, and drives on after an interrupt', async () => {
    const desk = new CliDesk();
    const store = await desk.killed('shop-412');
    const sweeping = (): RunningCli => start(['sweep', '--apply', '--json', '--store', store], {}, desk.cloud);
    const running = sweeping();
    await running.told('taking the release back');
    running.interrupt('SIGTERM');
    const { code, out, err } = await running;
    expect(code).toBe(6);
    expect(err).toMatch(/^watching the leases of what has not ended, .*: up to 90 s by default\n/);
    expect(err).toMatch(/\nrollout shop-412, 2026-01-05, times in UTC\n\d\d:\d\d:\d\d /);
    expect(err).toContain(
      'SIGTERM: the sweep ends, what it drives is suspended; once more ends this process at once\n',
    );
    expect(err).toMatch(new RegExp(`\\ngo on with .*elastigroup-bluegreen sweep --apply --store ${store}\\n$`));
    expect(JSON.parse(out)).toMatchObject({ swept: [{ rolloutId: 'shop-412', outcome: 'suspended' }] });

    // Nobody's term has to be waited for: the lease was let go.
    const before = desk.cloud.clock.now();
    expect(await start(['resume', 'shop-412', '--store', store], {}, desk.cloud)).toMatchObject({ code: 3 });
    expect(desk.cloud.clock.now() - before).toBeLessThan(90_000);
    expect(running.exits).toEqual([]);
  });

  it('is ended by an interrupt while it watches a lease, and at once by a second one', async () => {
    const desk = new CliDesk();
    const store = await desk.killed('shop-412');
    const running = start(['sweep', '--apply', '--json', '--store', store], {}, desk.cloud);
    await running.told('watching the leases');
    running.interrupt();
    running.interrupt();
    expect(running.exits).toEqual([130]);
    const { code, out, err } = await running;
    expect(code).toBe(6);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'SUSPENDED' } });
    expect(err).toContain('go on with ');
    const looking = start(['sweep', '--store', store], {}, desk.cloud);
    await looking.told('watching the leases');
    looking.interrupt();
    expect(await looking).toMatchObject({ code: 130, out: '' });
  });

  it('keeps the listener of the configuration file', async () => {
    const desk = new CliDesk();
    await desk.suspended('shop-412');
    const config = desk.write(
      'heard.mjs',
      `import { appendFileSync } from 'node:fs';
       export default { onEvent: ({ name }) => appendFileSync(${JSON.stringify(desk.folder + '/heard')}, name + '\\n') };`,
    );
    expect(await desk.run(['sweep', '--apply', '--config', config])).toMatchObject({ code: 0 });
    expect(readFileSync(`${desk.folder}/heard`, 'utf8')).toContain('rollout:finish:recorded\n');
  });

  it('gives no clean bill to a store that is not there: 1', async () => {
    const desk = new CliDesk();
    const { code, out, err } = await desk.run(['sweep', '--apply']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`there is no folder ${desk.store}`);
    expect(err).toContain('Nothing was looked at.');
    const { out: json } = await desk.run(['sweep', '--json']);
    expect(JSON.parse(json)).toMatchObject({ error: { code: 'STORE_FAILED', blame: 'operator' } });
    expect(existsSync(desk.store)).toBe(false);
    expect((await start(['sweep', '--store', desk.folder], {}, desk.cloud)).code).toBe(0);
  });
});
