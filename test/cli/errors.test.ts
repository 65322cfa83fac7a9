import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { GIVEN_WRONGLY } from '../../src/cli/run-cli.js';
import { ERROR_CODES, errorCatalogue } from '../../src/index.js';
import { CliDesk, closeDesks, start } from './cli-harness.js';

afterEach(closeDesks);

it('errors lists every code with its meaning', async () => {
  const { code, out, err } = await start(['errors']);
  expect([code, err]).toEqual([0, '']);
  for (const [name, { meaning }] of Object.entries(ERROR_CODES)) {
    expect(out).toMatch(new RegExp(`^ +${name} `, 'm'));
    expect(out).toContain(meaning);
  }
});

it.each(Object.keys(ERROR_CODES))('errors %s explains it', async (name) => {
  const { code, out } = await start(['errors', name.toLowerCase()]);
  const { meaning, hint, provokedBy, who, url } = (await errorCatalogue())[name as keyof typeof ERROR_CODES];
  expect(code).toBe(0);
  for (const text of [`${name} ${meaning}`, hint, provokedBy, who, url]) expect(out).toContain(text);
  // A link that leads nowhere on a terminal.
  expect(out).not.toMatch(/\]\(/);
});

it('errors --json is docs/errors.json, and of one code that part of it', async () => {
  const page = JSON.parse(readFileSync('docs/errors.json', 'utf8')) as Record<string, unknown>;
  const [all, one] = [await start(['errors', '--json']), await start(['errors', 'GATE_EXPIRED', '--json'])];
  expect(JSON.parse(all.out)).toEqual(page);
  expect(JSON.parse(one.out)).toEqual(page['GATE_EXPIRED']);
});

it('an error of any command says in JSON who must act and what to do', async () => {
  const desk = new CliDesk();
  const { out } = await desk.run(['status', 'nobody', '--json']);
  const { blame, hint } = ERROR_CODES.ROLLOUT_UNKNOWN;
  expect(JSON.parse(out)).toEqual({
    error: { code: 'ROLLOUT_UNKNOWN', message: expect.stringContaining('nobody') as string, blame, hint },
  });
});

it('errors of a code that there is not ends with 2', async () => {
  const { code, out, err } = await start(['errors', 'NO_SUCH']);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('there is no error code NO_SUCH');
});

it('what the command line calls given wrongly, the catalogue does too', async () => {
  const catalogue = Object.values(await errorCatalogue());
  const usage = catalogue.filter(({ endings }) => endings.some((ending) => ending === 'usage'));
  expect(usage.map(({ code }) => code).sort()).toEqual([...GIVEN_WRONGLY].sort());
});
