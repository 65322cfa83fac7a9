import { afterEach, describe, expect, it } from 'vitest';
import { CliDesk, closeDesks } from './cli-harness.js';

afterEach(closeDesks);

/** CodeDeploy makes its deployment group ready for the next release by itself. */
const READY_AGAIN = { blue: 1, undocumented: { filterAfterSuccess: 'green' } } as const;

const revisionOf = (key: string) => ({
  codeDeploy: {
    applicationName: 'shop',
    deploymentGroupName: 'shop-prod',
    revision: { s3: { bucket: 'releases', key, bundleType: 'zip' } },
  },
});

/** What serves now, by the name of its revision. */
function serves(desk: CliDesk): string[] {
  const { instances } = desk.cloud.snapshot();
  return instances.filter(({ state }) => state === 'running').map(({ revision }) => String(revision));
}

describe('redeploy', () => {
  it('brings back what an earlier rollout released, as a new rollout', async () => {
    const desk = new CliDesk(READY_AGAIN);
    for (const version of ['411', '412']) {
      const spec = desk.spec(revisionOf(`shop-${version}.zip`));
      expect((await desk.run(['deploy', spec, '--id', `shop-${version}`])).code).toBe(0);
    }
    expect(serves(desk)).toEqual(['s3://releases/shop-412.zip']);

    const { code, out, err } = await desk.run(['redeploy', 'shop-411', '--id', 'back-to-411']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('(Colour=back-to-411)');
    expect(serves(desk)).toEqual(['s3://releases/shop-411.zip']);
    const again = await desk.run(['redeploy', 'shop-411', '--id', 'back-to-411', '--json']);
    expect(JSON.parse(again.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      id: 'back-to-411',
      outcome: 'succeeded',
    });
  });

  it('is refused by preflight where the green tags are fixed and still stand on what runs', async () => {
    const desk = new CliDesk(READY_AGAIN);
    const spec = desk.spec({ green: { tagKey: 'Colour', value: 'green' } });
    expect((await desk.run(['deploy', spec, '--id', 'shop-412'])).code).toBe(0);
    const before = desk.cloud.snapshot().serving;
    const { code, out, err } = await desk.run(['redeploy', 'shop-412']);
    expect(code).toBe(4);
    expect(out).toContain('refused');
    expect(err).toMatch(/^PREFLIGHT_REFUSED /);
    expect(err).toContain('Colour=green');
    expect(desk.cloud.snapshot().serving).toEqual(before);
  });

  it('takes the other of two values in turn by itself', async () => {
    const desk = new CliDesk(READY_AGAIN);
    const spec = desk.spec({ green: { tagKey: 'Colour', alternate: ['left', 'right'] } });
    const first = await desk.run(['deploy', spec, '--id', 'shop-412']);
    const second = await desk.run(['redeploy', 'shop-412', '--id', 'shop-412-again']);
    expect([first.code, second.code]).toEqual([0, 0]);
    const tags = [first.out, second.out].map((out) => /\(Colour=(\w+)\)/.exec(out)?.[1]);
    expect([...tags].sort()).toEqual(['left', 'right']);
  });

  it('says of a rollout that did not succeed how it ended', async () => {
    const desk = new CliDesk({ blue: 1, faults: [{ fault: 'script-fails', event: 'ApplicationStart' }] });
    expect((await desk.run(['deploy', desk.spec(), '--id', 'shop-412'])).code).toBe(3);
    const { err } = await desk.run(['redeploy', 'shop-412']);
    expect(err).toMatch(/^mind that rollout shop-412 ended rolled-back/);
  });

  it('leaves alone a rollout that has not ended, and starts nothing under its id', async () => {
    const desk = new CliDesk({ blue: 1 });
    const running = desk.run(['deploy', desk.spec(), '--id', 'shop-412']);
    await running.printed('wait until Spot has launched');
    running.interrupt();
    expect((await running).code).toBe(6);
    const unfinished = await desk.run(['redeploy', 'shop-412']);
    expect(unfinished.code).toBe(2);
    expect(unfinished.err).toMatch(/has not ended: npx elastigroup-bluegreen resume shop-412 .*abort shop-412/);
    const same = await desk.run(['redeploy', 'shop-412', '--id', 'shop-412']);
    expect(same.code).toBe(2);
    expect(same.err).toContain('the new one needs another id');
    const unknown = await desk.run(['redeploy', 'shop-999']);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toMatch(/^ROLLOUT_UNKNOWN /);
  });

  it('does not take an id that released something else', async () => {
    const desk = new CliDesk({ blue: 1 });
    for (const version of ['411', '412'])
      await desk.run(['deploy', desk.spec(revisionOf(`shop-${version}.zip`)), '--id', `shop-${version}`]);
    const taken = await desk.run(['redeploy', 'shop-411', '--id', 'shop-412']);
    expect(taken.code).toBe(2);
    expect(taken.err).toContain('a rollout with this id released something else');
  });
});
