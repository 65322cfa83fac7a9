import { afterEach, describe, expect, it } from 'vitest';
import { CliDesk, closeDesks, start } from './cli-harness.js';

afterEach(closeDesks);

describe('a wrong command line ends with 2 and names what is wrong', () => {
  it.each([
    ['no command', [], 'Usage: elastigroup-bluegreen'],
    ['a command that does not exist', ['depoly', 'x'], "unknown command 'depoly'"],
    ['an option that does not exist', ['deploy', 'x', '--stor', 'y'], "unknown option '--stor'"],
    ['an argument too few', ['approve', 'x'], "missing required argument 'gate'"],
    ['an argument too many', ['status', 'x', 'y'], 'too many arguments'],
    ['an option without its value', ['deploy', 'x', '--id'], "'--id <id>' argument missing"],
    ['a no without a reason', ['reject', 'x', 'y'], "'--reason <text>' not specified"],
    ['a port that is none', ['simulate', '--port', '99999'], '--port'],
    ['a speed that is none', ['simulate', '--speed', '0'], '--speed'],
    ['a fault that is not JSON', ['simulate', '--fault', 'script-fails'], '--fault is not JSON'],
    ['a fault that does not exist', ['simulate', '--fault', '{"fault":"rain"}'], 'lost-answer'],
    ['an open question that is none', ['simulate', '--undocumented', 'colour=blue'], 'stopMode'],
    ['an answer that is none', ['simulate', '--undocumented', 'stopMode=maybe'], 'removes-green, leaves-green'],
    ['a configuration that is not there', ['status', '--config', '/nowhere.mjs'], '--config /nowhere.mjs'],
    ['a spec that is not there', ['deploy', '/nowhere.yaml'], '/nowhere.yaml could not be read'],
  ])('%s', async (_what, argv, told) => {
    const { code, out, err } = await start(argv);
    expect(code).toBe(2);
    expect(err).toContain(told);
    expect(out).toBe('');
  });
});

describe('with --json a wrong command line is an error for machines as well', () => {
  it.each([
    ['an option that does not exist', ['status', 'x', '--json', '--bogus'], "unknown option '--bogus'"],
    ['an argument too few', ['approve', 'a', '--json'], "missing required argument 'gate'"],
    ['a command that does not exist', ['depoly', '--json'], "unknown command 'depoly'"],
    ['a fault that is not JSON', ['simulate', '--json', '--fault', 'rain'], '--fault is not JSON'],
    ['a configuration that is not there', ['status', '--json', '--config', '/nowhere.mjs'], '--config /nowhere.mjs'],
  ])('%s', async (_what, argv, told) => {
    const { code, out, err } = await start(argv);
    expect(code).toBe(2);
    expect(err).toContain(told);
    expect(JSON.parse(out)).toEqual({
      error: {
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining(told) as string,
        blame: 'config',
        hint: expect.stringContaining('nothing was touched') as string,
      },
    });
  });

  it('a spec that is neither YAML nor JSON is called a wrong spec', async () => {
    const { code, out } = await start(['deploy', '-', '--json'], { stdin: 'kind: [' });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'SPEC_INVALID', message: expect.stringMatching(/^standard/) },
    });
  });

  it('help that was asked for is none', async () => {
    const { code, out } = await start(['status', '--json', '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: /);
  });
});

describe('a wrong spec ends with 2 before anything is touched', () => {
  it.each([
    ['a field too many', '{"kind":"elastigroup","colour":"red"}', 'SPEC_INVALID', 'colour'],
    ['text that is not YAML', 'kind: [', 'neither YAML nor JSON', 'line 1'],
    ['a key that stands twice', 'kind: elastigroup\nkind: elastigroup\n', 'neither YAML nor JSON', 'unique'],
    ['nothing', '', 'SPEC_INVALID', 'the spec'],
  ])('%s', async (_what, stdin, ...told) => {
    const desk = new CliDesk();
    const { code, out, err } = await desk.run(['deploy', '-'], { stdin });
    expect(code).toBe(2);
    for (const text of told) expect(err).toContain(text);
    expect(err).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(out).toBe('');
    expect(desk.cloud.requests).toEqual([]);
    expect(await desk.run(['status', '--json'])).toMatchObject({ out: '[]\n' });
  });

  it('says it in JSON as well', async () => {
    const desk = new CliDesk();
    const { out } = await desk.run(['deploy', '-', '--json'], { stdin: '{"kind":"elastigroup"}' });
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'SPEC_INVALID', details: { problems: expect.any(Array) } },
    });
  });
});

describe('a configuration file that is wrong ends with 2', () => {
  it.each([
    ['throws', 'throw new Error("no luck");', 'no luck'],
    ['has no default export', 'export const options = {};', 'default export'],
    ['holds an option that does not exist', 'export default { colour: 1 };', 'colour'],
    ['is a function that answers nothing', 'export default () => {};', 'default export'],
  ])('one that %s', async (what, text, told) => {
    const desk = new CliDesk();
    const file = desk.write(`${what.replaceAll(' ', '-')}.mjs`, text);
    const { code, err } = await desk.run(['status', '--config', file]);
    expect(code).toBe(2);
    expect(err).toContain(told);
  });
});

it.each(['status', 'watch', 'resume', 'report', 'abort'])(
  '%s of a rollout that is not there ends with 1',
  async (command) => {
    const desk = new CliDesk();
    const { code, out, err } = await desk.run([command, 'nobody']);
    expect(code).toBe(1);
    expect(err).toMatch(/^ROLLOUT_UNKNOWN /m);
    expect(out).toBe('');
  },
);

it('tells its version and helps', async () => {
  expect(await start(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  const { code, out } = await start(['deploy', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('--config <file>');
  expect(out).toContain('rolled-back');
});
