import { systemClock } from '../../src/internal/system-clock.js';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CreateDeploymentGroupCommandInput } from '@aws-sdk/client-codedeploy';
import { describe, expect, it } from 'vitest';
import { elastigroupPlan } from '../../src/plans/elastigroup-plan.js';
import type { Step } from '../../src/engine/step.js';
import type { Clouds } from '../../src/steps/elastigroup-release.js';
import { UNDOCUMENTED } from '../../src/testing/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sourcesIn = (folder: string): string[] => readdirSync(join(root, folder)).map((file) => read(join(folder, file)));
const codeSpans = (markdown: string): Set<string> =>
  new Set([...markdown.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? ''));
/** `release-green/2` and `await-blue-healthy/again` stand for their file. */
const fileOf = (stepId: string): string => stepId.split('/')[0] ?? stepId;

const spec = {
  kind: 'elastigroup',
  elastigroupId: 'sig-1',
  green: { tagKey: 'Colour', value: 'green' },
  // Whatever a spec can ask for.
  strays: 'release',
  adopt: true,
  onInterruption: 'replace',
  onSameRevision: 'skip',
  codeDeploy: {
    applicationName: 'a',
    deploymentGroupName: 'g',
    revision: { s3: { bucket: 'b', key: 'k.zip' } },
    onAlreadyDeploying: 'wait',
  },
} as const;

function stepsOfThePlan(): readonly Step[] {
  const plan = elastigroupPlan('bg-1', spec, {} as Clouds, { hooks: [], clock: systemClock, logger: undefined });
  const undo = plan.steps.flatMap((step) => (step.type === 'effect' ? (step.undo ?? []) : []));
  return [...plan.steps, ...undo, plan.verifyRestored, plan.takeStock];
}

describe('docs/durability.md', () => {
  const spans = codeSpans(read('docs/durability.md'));

  it('has a row for every call that a step makes', () => {
    const calls = sourcesIn('src/steps').flatMap((source) => [...source.matchAll(/\bcall: (['`])(.+?)\1,/g)]);
    const told = calls.flatMap(([, , call]) =>
      call?.includes('${') === true ? ['with', 'without'].map((word) => call.replace(/\$\{.*?\}/, word)) : [call ?? ''],
    );
    expect(told.length).toBeGreaterThan(9);
    expect(told.filter((call) => !spans.has(call))).toEqual([]);
  });

  it('says of every step what happens if nobody comes back', () => {
    const missing = stepsOfThePlan()
      .map(({ id }) => fileOf(id))
      .filter((id) => !spans.has(id));
    expect(missing).toEqual([]);
  });
});

describe('docs/kinds.md', () => {
  const page = read('docs/kinds.md');

  it('lists every step of the plan, in its order', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)[^|]*\| [A-Z_]+ \|/gm)].map(([, id]) => id);
    const planned = elastigroupPlan('bg-1', spec, {} as Clouds, {
      hooks: [],
      clock: systemClock,
      logger: undefined,
    }).steps.map(({ id }) => fileOf(id));
    expect(rows).toEqual([...new Set(planned)]);
    expect(
      stepsOfThePlan().filter(({ id }) => !codeSpans(page).has(fileOf(id)) && !codeSpans(page).has(`${fileOf(id)}/1`)),
    ).toEqual([]);
  });

  it('explains every warning', () => {
    const codes = sourcesIn('src/steps').flatMap((source) => [...source.matchAll(/\.warn\(\s*'([A-Z_]+)'/g)]);
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.map(([, code]) => code ?? '').filter((code) => !codeSpans(page).has(code))).toEqual([]);
  });
});

describe('docs/testing.md', () => {
  const page = read('docs/testing.md');

  it('lists every question that no source answers, with its answers', () => {
    for (const [question, answers] of Object.entries(UNDOCUMENTED))
      expect(page).toContain(`| \`${question}\` | ${answers.map((answer) => `\`${answer}\``).join(', ')} |`);
  });

  it('lists every fault', () => {
    const faults = [...read('src/testing/faults.ts').matchAll(/fault: '([a-z-]+)'/g)].map(([, fault]) => fault ?? '');
    expect(faults.filter((fault) => !page.includes(`| \`${fault}\` |`))).toEqual([]);
  });
});

describe('the README', () => {
  const readme = read('README.md');

  it('sets the deployment group with arguments that CodeDeploy knows', () => {
    // Typed by the AWS SDK: a field that does not exist does not compile.
    const expected = {
      blueGreenDeploymentConfiguration: {
        greenFleetProvisioningOption: { action: 'DISCOVER_EXISTING' },
        deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 },
        terminateBlueInstancesOnDeploymentSuccess: { action: 'KEEP_ALIVE' },
      },
      loadBalancerInfo: { targetGroupInfoList: [{ name: 'shop-tg' }] },
      ec2TagSet: { ec2TagSetList: [[{ Key: 'Colour', Value: 'blue', Type: 'KEY_AND_VALUE' }]] },
    } satisfies Partial<CreateDeploymentGroupCommandInput>;
    const commands = [...readme.matchAll(/aws deploy (?:create|update)-deployment-group \\[\s\S]*?\n```/g)];
    expect(commands).toHaveLength(2);
    for (const [command] of commands) {
      const given = [...command.matchAll(/--([a-z0-9-]+) '([^']+)'/g)].map(([, flag, json]) => [
        (flag ?? '').replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
        JSON.parse(json ?? '') as unknown,
      ]);
      expect(Object.fromEntries(given)).toEqual(expected);
    }
  });
});

describe('links between the pages', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...markdownIn('docs')];

  it.each(pages)('%s leads only to files that exist', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? '');
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });
});

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? markdownIn(path) : path.endsWith('.md') ? [path] : [];
  });
}
