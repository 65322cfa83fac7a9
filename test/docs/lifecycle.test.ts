import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STAGES } from '../../src/engine/stages.js';
import { ERROR_CODES } from '../../src/errors/error-codes.js';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { makeProgram } from '../../src/cli/program.js';
import type { CliContext } from '../../src/cli/cli-context.js';
import { systemClock } from '../../src/internal/system-clock.js';
import { elastigroupPlan } from '../../src/plans/elastigroup-plan.js';
import type { Clouds } from '../../src/steps/elastigroup-release.js';

const read = (page: string): string => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
const headings = (page: string, level: string): string[] =>
  [...page.matchAll(new RegExp(`^${level} (.+)$`, 'gm'))].map(([, text]) => text ?? '');

/** The text under each heading of the level, by heading. */
function sectionsOf(page: string, level: string): ReadonlyMap<string, string> {
  const parts = page.split(new RegExp(`^${level} `, 'm')).slice(1);
  return new Map(parts.map((part) => [part.split('\n', 1)[0] ?? '', part]));
}

describe('docs/lifecycle.md', () => {
  const page = read('lifecycle.md');

  it('has a section for every stage, in their order', () => {
    const stages: readonly string[] = STAGES;
    expect(headings(page, '##').filter((heading) => stages.includes(heading))).toEqual(STAGES);
  });

  it('names every step of the plan in the section of its stage', () => {
    const spec = {
      kind: 'elastigroup',
      elastigroupId: 'sig-1',
      green: { tagKey: 'Colour', value: 'green' },
      strays: 'release',
      adopt: true,
      onSameRevision: 'skip',
      bake: '10m',
      codeDeploy: {
        applicationName: 'a',
        deploymentGroupName: 'g',
        revision: { s3: { bucket: 'b', key: 'k.zip' } },
        onAlreadyDeploying: 'wait',
      },
    } as const;
    const { steps } = elastigroupPlan('bg-1', spec, {} as Clouds, { hooks: [], clock: systemClock, logger: undefined });
    const sections = sectionsOf(page, '##');
    const missing = steps.filter(({ id, stage }) => sections.get(stage)?.includes(`\`${id.split('/')[0]}\``) !== true);
    expect(steps.length).toBeGreaterThan(30);
    expect(missing.map(({ id, stage }) => `${id} at ${stage}`)).toEqual([]);
  });
});

describe('docs/runbook.md', () => {
  const page = read('runbook.md');
  const titles = headings(page, '###');

  it('has a section for every outcome', () => {
    const outcomes = Object.keys(EXIT_CODES).filter((each) => !['error', 'usage', 'interrupted'].includes(each));
    expect(outcomes).toHaveLength(5);
    expect(titles).toEqual(expect.arrayContaining(outcomes));
  });

  it('speaks of codes that there are', () => {
    const codes = titles.filter((title) => /^[A-Z_]+$/.test(title));
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
  });

  it('calls commands, with options, that there are', () => {
    const called = [...page.matchAll(/npx elastigroup-bluegreen ([a-z]+)([^#\n`]*)/g)];
    const { commands } = makeProgram(
      { stdout: process.stdout, stderr: process.stderr, version: '0' } as unknown as CliContext,
      () => {},
    );
    expect(called.length).toBeGreaterThan(10);
    for (const [line, name, rest = ''] of called) {
      const command = commands.find((each) => each.name() === name);
      expect(command, line).toBeDefined();
      const options = command?.options.map(({ long }) => long);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(options, line).toContain(option);
    }
  });
});
