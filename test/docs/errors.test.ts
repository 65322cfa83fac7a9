import { readFileSync } from 'node:fs';
import * as cloudWatch from '@aws-sdk/client-cloudwatch';
import * as codeDeploy from '@aws-sdk/client-codedeploy';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../src/cli/cli-context.js';
import { makeProgram } from '../../src/cli/program.js';
import { ERROR_CATALOGUE } from '../../src/errors/error-catalogue.js';

const page = readFileSync('docs/errors.md', 'utf8');
const spans = [...page.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');

const program = makeProgram(
  { version: '1', stdout: process.stdout, stderr: process.stderr } as unknown as CliContext,
  () => {},
);
const OF_PROGRAM = new Set(['--version', '--help']);

/** Services of the AWS command line whose clients are here to compare with. */
const CLIENTS: Readonly<Record<string, object>> = { deploy: codeDeploy, ec2, elbv2, cloudwatch: cloudWatch };
const UNCOMPARED = new Set(['sts', 'configure', 'cloudtrail']);

describe('the commands that docs/errors.md says to run', () => {
  const own = spans.filter((span) => span.startsWith('npx elastigroup-bluegreen '));

  it('are commands of ours, with options that they have', () => {
    expect(own.length).toBeGreaterThan(30);
    for (const span of own) {
      const [, , name = '', ...words] = span.split(' ');
      if (OF_PROGRAM.has(name)) continue;
      const command = program.commands.find((each) => each.name() === name);
      expect(command, span).toBeDefined();
      const given = words.filter((word) => word.startsWith('--'));
      const known = command?.options.map(({ long }) => long) ?? [];
      expect(
        given.filter((option) => !known.includes(option)),
        span,
      ).toEqual([]);
    }
  });

  it('are calls that AWS knows', () => {
    const aws = spans.filter((span) => span.startsWith('aws '));
    expect(aws.length).toBeGreaterThan(15);
    const unknown = aws.filter((span) => {
      const [, service = '', operation = ''] = span.split(' ');
      if (UNCOMPARED.has(service)) return false;
      const name = operation.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
      // A span such as `aws.region` is an option of ours.
      return CLIENTS[service] === undefined || !(`${name}Command` in CLIENTS[service]);
    });
    expect(unknown).toEqual([]);
  });
});

it('its links lead to headings that exist', () => {
  const links = [...page.matchAll(/\]\(([a-z]+\.md)?#([^)]+)\)/g)];
  expect(links.length).toBeGreaterThan(50);
  const missing = links.filter(([, file, anchor = '']) => {
    const text = file === undefined ? page : readFileSync(`docs/${file}`, 'utf8');
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    return !headings.includes(anchor);
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

it.each(Object.values(ERROR_CATALOGUE).map((entry) => [entry.code, entry] as const))(
  '%s tells somebody what to do',
  (_code, { meaning, hint, provokedBy, check, facts, endings, who }) => {
    for (const sentence of [meaning, hint, provokedBy]) expect(sentence).toMatch(/^\S.*\.$/);
    for (const line of check) expect(line).toMatch(/[.?]$/);
    expect(check.length).toBeGreaterThan(0);
    expect(endings.length).toBeGreaterThan(0);
    expect(new Set(endings).size).toBe(endings.length);
    expect(who).not.toBe('');
    // The heading says `details` once; a field is a name.
    for (const field of Object.keys(facts)) expect(field).toMatch(/^[a-z][A-Za-z]+$/);
  },
);
