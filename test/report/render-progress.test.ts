import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../src/index.js';
import { SimulatedClock } from '../../src/testing/index.js';
import { renderProgress, type ProgressOptions } from '../../src/report/render-progress.js';
import { record, replayed, takenBack, wentOut, withHostile, type Recorded } from './rollouts.js';

const ESCAPE = String.fromCharCode(27);

async function shown(
  recorded: Recorded,
  terminal: { isTTY?: boolean; columns?: number; rows?: number } = {},
  env: Record<string, string> = {},
  options: Pick<ProgressOptions, 'command'> = {},
): Promise<string> {
  const chunks: string[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    chunks.push(chunk.toString());
    done();
  };
  await renderProgress(replayed(recorded), {
    stream: Object.assign(new Writable({ write }), terminal),
    env,
    ...options,
  });
  return chunks.join('');
}

describe('renderProgress', () => {
  it('writes plain lines where nobody sits: one an event, each with its time', async () => {
    const text = await shown(await wentOut());
    expect(text).not.toContain(ESCAPE);
    const [first, ...lines] = text.trimEnd().split('\n');
    expect(first).toBe('2026-01-05, times in UTC');
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d \S?/);
    expect(text).toContain('sees: AWAITING_USER_DEPLOYMENT; green 0/3');
    expect(text).toMatch(/→ codedeploy createDeployment/);
    expect(text).toMatch(/← release-green\/1 done: d-\w+/);
    expect(lines.at(-1)).toMatch(/succeeded: everything that serves is proven green$/);
    expect(text).not.toContain('not needed');
  });

  it('obeys NO_COLOR and FORCE_COLOR', async () => {
    const recorded = await takenBack();
    const red = `${ESCAPE}[31m`;
    expect(await shown(recorded, {}, { FORCE_COLOR: '1' })).toContain(red);
    expect(await shown(recorded, { isTTY: true }, {})).toContain(red);
    expect(await shown(recorded, { isTTY: true }, { NO_COLOR: '1' })).not.toContain(red);
    expect(await shown(recorded, { isTTY: true }, { FORCE_COLOR: '0' })).not.toContain(red);
    expect(await shown(recorded, { isTTY: true }, { TERM: 'dumb' })).not.toContain(ESCAPE);
  });

  it('draws stage, step, what is seen, instances, open gates and Spot’s own limit on a terminal, and clears them', async () => {
    const recorded = await record({
      cloud: { deploymentGroup: { readyWaitMinutes: 60 } },
      spec: { gates: [{ name: 'smoke', before: 'PRODUCTION_TRAFFIC_SHIFT' }] },
      onEvent: async (event, rollout) => {
        if (event.name === 'step:run:observed' && event.data.step === 'gate/smoke') {
          expect(rollout.status().openGates).toEqual(['smoke']);
          await rollout.approve('smoke', { by: 'Ada', reason: 'looks fine' });
        }
      },
    });
    const { finishedAt: _, ...status } = recorded.status;
    const waiting = { ...recorded, status: { ...status, openGates: ['smoke'] } };
    const text = await shown(waiting, { isTTY: true, columns: 100 }, { NO_COLOR: '1' });
    expect(text).toMatch(/SCALE_UP · stage 3 of 11 ━━━╌╌╌╌╌╌╌╌/);
    expect(text).toMatch(/wait until Spot has launched and tagged green \(since 09:00:00, /);
    expect(text).toContain('blue 3 · green 3/3');
    expect(text).toContain('▶ the gate "smoke" waits for an answer');
    expect(text).toMatch(/waits for an answer: approve or reject it, until \d\d:\d\d:\d\d UTC \(in [^)]+\)\n/);
    expect(text).toMatch(new RegExp(`\\n    npx elastigroup-bluegreen approve ${recorded.id} smoke`));
    expect(text).toMatch(/\n {2}until 10:\d\d:\d\d UTC \(in 7\d min/);
    expect(text).toMatch(/\n {2}green {2}i-\w+ {2}InProgress · \w+ InProgress\n/);
    expect(text).toMatch(/\n {2}blue {3}i-\w+ {2}Pending\n/);
    expect(text).toMatch(/Spot ends the deployment mode by itself at \d\d:\d\d:\d\d UTC/);
    expect(text).toContain('Ada approved smoke: looks fine');
    // The cursor was never hidden; the last thing that happens is that the region goes.
    expect(text).not.toContain(`${ESCAPE}[?25l`);
    expect(text.slice(text.lastIndexOf('succeeded: everything'))).not.toContain('elapsed');
  });

  it('says when the bake ends, and counts where there are too many instances to list', async () => {
    const many = { blue: 14, deploymentGroup: { terminationWaitMinutes: 60 } };
    const recorded = await record({ cloud: many, spec: { bake: '30m' } });
    const text = await shown(recorded, { isTTY: true, columns: 100 }, { NO_COLOR: '1' });
    expect(text).toMatch(/\n {2}the bake ends at 09:\d\d:\d\d UTC \(in 30 min\)\n/);
    expect(text).toMatch(/\n {2}green 14: 14 under way, AfterInstall on 14\n {2}blue 14: 14 pending\n/);
    expect(text).not.toMatch(/\n {2}green {2}i-/);
    const plain = await shown(recorded);
    expect(plain).toMatch(/watch green carry the load while blue still stands \(until \d\d:\d\d:\d\d\)\n/);
  });

  it('keeps within a narrow terminal, and breaks the command of a gate where a shell reads on', async () => {
    const gates = [{ name: 'smoke', before: 'PRE_SCALE_UP' }] as const;
    const recorded = await record({
      spec: { gates },
      onEvent: async (event, rollout) => {
        if (event.name !== 'step:run:observed' || !event.data.step.startsWith('gate/')) return;
        await rollout.approve('smoke', { by: 'Ada' });
      },
    });
    const { finishedAt: _, ...status } = recorded.status;
    const waiting = { ...recorded, status: { ...status, openGates: ['smoke'] } };
    const region = (await shown(waiting, { isTTY: true, columns: 56 }, { NO_COLOR: '1' })).split('▶').at(-1) ?? '';
    const [, command, rest, evidence] = region.split('\n');
    expect(command).toBe('    npx elastigroup-bluegreen approve \\');
    expect(rest).toBe(`      ${recorded.id} smoke \\`);
    expect(evidence).toMatch(/^ {6}--evidence [0-9a-f]{12}$/);
    const plain = await shown(recorded);
    expect(plain).toContain(`│ to say yes: npx elastigroup-bluegreen approve ${recorded.id} smoke --evidence `);
    expect(await shown({ ...recorded, id: "1'; rm -rf *" })).toContain(`approve '1'\\''; rm -rf *' smoke`);
    const ours = { command: (words: readonly string[]) => ['ship', ...words, '--store', 'st E'] };
    const told = new RegExp(`: ship approve ${recorded.id} smoke --evidence [0-9a-f]{12} --store 'st E'\\n`);
    expect(await shown(recorded, {}, {}, ours)).toMatch(told);
    const drawn = await shown(waiting, { isTTY: true, columns: 56 }, { NO_COLOR: '1' }, ours);
    expect(drawn).toMatch(/\n {6}smoke --evidence [0-9a-f]{12} --store 'st E'\n/);
  });

  it('writes plain lines to a terminal without a size, and whole ones to a low terminal', async () => {
    const recorded = await takenBack();
    const sizeless = await shown(recorded, { isTTY: true, columns: 0, rows: 0 }, { NO_COLOR: '1' });
    expect(sizeless).toBe(await shown(recorded));
    const low = await shown(recorded, { isTTY: true, columns: 80, rows: 2 }, { NO_COLOR: '1' });
    for (const line of sizeless.trimEnd().split('\n')) expect(low).toContain(line);
  });

  it('lets nothing from a cloud steer the terminal or forge a line', async () => {
    const recorded = await takenBack();
    const text = await shown(withHostile(recorded, `${ESCAPE}[2J${ESCAPE}]0;owned\u0007\r\n09:00:00 forged`));
    expect(text).not.toContain(ESCAPE);
    expect(text).not.toContain('\r');
    expect(text).not.toMatch(/^09:00:00 forged/m);
    expect(text).toContain('│ 09:00:00 forged');
    const steering = `${ESCAPE}[2J${ESCAPE}]0;owned\u0007\u202e\r\n09:00:00 forged`;
    const drawn = await shown(withHostile(recorded, steering), { isTTY: true, columns: 200 }, { NO_COLOR: '1' });
    for (const each of [`${ESCAPE}[2J`, 'owned', '\u0007', '\u202e']) expect(drawn).not.toContain(each);
    expect(drawn).toMatch(/green +i-\w+ ⏎ 09:00:00 forged +InProgress ⏎/);
    expect(drawn).not.toMatch(/^09:00:00 forged/m);
  });

  it('counts down between events where it is given the clock', async () => {
    const recorded = await wentOut();
    const clock = new SimulatedClock({ startAt: Date.parse(recorded.events[0]!.at) });
    const started = recorded.events.findIndex(
      ({ name, data }) => name === 'step:run:started' && 'untilAt' in data && data.untilAt !== undefined,
    );
    const events = async function* (): AsyncGenerator<RolloutEvent> {
      yield* recorded.events.slice(0, started + 1);
      await clock.sleep(2_500);
    };
    const chunks: string[] = [];
    const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
      chunks.push(chunk.toString());
      done();
    };
    const stream = Object.assign(new Writable({ write }), { isTTY: true });
    await renderProgress({ ...replayed(recorded), events }, { stream, env: { NO_COLOR: '1' }, clock });
    const text = chunks.join('');
    for (const left of ['31 min', '30 min 59 s', '30 min 58 s']) expect(text).toContain(`(in ${left})`);
    expect(clock.pending()).toBe(0);
  });

  it('gives the terminal back and rejects when the events break off', async () => {
    const recorded = await wentOut();
    const events = async function* (): AsyncGenerator<RolloutEvent> {
      yield* recorded.events.slice(0, 5);
      throw new Error('the store is gone');
    };
    const written: string[] = [];
    const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
      written.push(chunk.toString());
      done();
    };
    const stream = Object.assign(new Writable({ write }), { isTTY: true });
    await expect(renderProgress({ ...replayed(recorded), events }, { stream, env: {} })).rejects.toThrow('the store');
    expect(written.at(-1)).toContain(`${ESCAPE}[2K`);
  });
});
