import { afterEach, expect, it } from 'vitest';
import type { CloudTrace } from '../../src/index.js';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { CliDesk, closeDesks } from './cli-harness.js';

afterEach(closeDesks);

it('tells what the clouds did as a timeline, and as JSON', async () => {
  const desk = new CliDesk({ deploymentGroup: {} });
  expect((await desk.run(['deploy', desk.spec(), '--id', 'bg-1'])).code).toBe(EXIT_CODES.succeeded.code);
  const { code, out } = await desk.run(['trace', 'bg-1']);
  expect(code).toBe(EXIT_CODES.succeeded.code);
  const [title, ...lines] = out.trimEnd().split('\n');
  expect(title).toMatch(/^bg-1 what the clouds did since 2026-01-05T/);
  expect(lines[0]).toMatch(/^\s+\+0 ms\s+us driver\s+bg-1\s+began$/);
  expect(lines.some((line) => /\+\d+ s +spot state +cdbg-\w+ +STARTING → VALIDATE_TAGS/.test(line))).toBe(true);
  expect(lines.some((line) => /spot call .*operation=enterDeploymentMode .*ended=answered/.test(line))).toBe(true);
  expect(lines.some((line) => /spot member .*there → gone \(until \+/.test(line))).toBe(true);
  const json = await desk.run(['trace', 'bg-1', '--json']);
  const trace = JSON.parse(json.out) as CloudTrace;
  expect(trace).toMatchObject({ v: 1, rolloutId: 'bg-1' });
  expect(lines).toHaveLength(trace.entries.length);
});

it('shows nothing that could steer a terminal', async () => {
  const desk = new CliDesk({
    deploymentGroup: {},
    faults: [
      { fault: 'unknown-state', state: 'AWAITING_\u001b[31m\u202eRED\nevil', during: 'AWAITING_DEPLOYMENT_TO_FINISH' },
    ],
  });
  await desk.run(['deploy', desk.spec(), '--id', 'bg-1']);
  for (const argv of [
    ['trace', 'bg-1'],
    ['trace', 'bg-1', '--json'],
  ]) {
    const { out } = await desk.run(argv);
    expect(out).toContain('RED');
    expect([...out].filter((character) => '\u001b\u202e'.includes(character))).toEqual([]);
    expect(out).not.toMatch(/^evil/m);
  }
});

it('of a rollout that there is not says so', async () => {
  const desk = new CliDesk();
  const { code, err } = await desk.run(['trace', 'nobody']);
  expect(code).not.toBe(0);
  expect(err).toContain('ROLLOUT_UNKNOWN');
});
