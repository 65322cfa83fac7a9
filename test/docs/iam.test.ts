import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { AWS_PERMISSIONS, SPOT_PERMISSIONS } from '../../src/plans/elastigroup-permissions.js';
import { EVERY_CALL } from '../helpers/every-call.js';
import { closeClouds, release } from '../helpers/release.js';

afterEach(closeClouds);

/** Named by AWS's permissions reference as needed for CreateDeployment; never called. */
const ASKED_WITH_CREATE_DEPLOYMENT = ['codedeploy:GetApplicationRevision', 'codedeploy:RegisterApplicationRevision'];
/** A method of `SpotClient` for scripts: no release calls it. */
const FOR_SCRIPTS = ['instanceHealthiness'];

const PREFIX: Readonly<Record<string, string>> = {
  codedeploy: 'codedeploy',
  ec2: 'ec2',
  elbv2: 'elasticloadbalancing',
  cloudwatch: 'cloudwatch',
};
/** What the simulated cloud calls otherwise than the library does. */
const SAME_CALL: Readonly<Record<string, string>> = { updateCapacity: 'setCapacity' };

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(at(path), 'utf8');
const found = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name]) => name ?? '');

describe('the permissions that the README and plans name', () => {
  it('are the same', async () => {
    const table = (head: string, rows: ReadonlyArray<readonly [string, string]>): string =>
      [head, '|---|---|', ...rows.map(([first, second]) => `| \`${first}\` | ${second} |`)].join('\n');
    const tables: Readonly<Record<string, string>> = {
      aws: table(
        '| action | why |',
        AWS_PERMISSIONS.map(({ action, why }) => [action, why]),
      ),
      spot: table(
        '| call | route |',
        SPOT_PERMISSIONS.map(({ call, route }) => [call, `\`${route}\``]),
      ),
    };
    const readme = read('README.md');
    const marks = /<!-- permissions: (aws|spot) -->\n[\s\S]*?<!-- end -->/g;
    expect(found(readme, marks)).toEqual(['aws', 'spot']);
    const current = readme.replace(
      marks,
      (_, which: string) => `<!-- permissions: ${which} -->\n${tables[which]}\n<!-- end -->`,
    );
    await expect(current).toMatchFileSnapshot(at('README.md'));
  });

  it('are those of the calls that releases and ways back make, no more and no fewer', {
    timeout: 180_000,
  }, async () => {
    const aws = new Set<string>(ASKED_WITH_CREATE_DEPLOYMENT);
    const spot = new Map<string, string>();
    for (const story of Object.values(EVERY_CALL)) {
      const { cloud } = await release(story);
      for (const { service, operation, method, path } of cloud.requests) {
        if (service === 'spot') spot.set(SAME_CALL[operation] ?? operation, `${method} ${routeOf(path)}`);
        else aws.add(`${PREFIX[service] ?? service}:${operation}`);
      }
    }
    expect(AWS_PERMISSIONS.map(({ action }) => action).sort()).toEqual([...aws].sort());
    expect(SPOT_PERMISSIONS.map(({ call, route }) => `${call} ${route}`).sort()).toEqual(
      [...spot].map(([call, route]) => `${call} ${route}`).sort(),
    );
  });

  it('are those of every call that stands in the gateways', () => {
    const gateways = readdirSync(at('src/aws')).filter((file) => file.endsWith('-gateway.ts'));
    const commands = new Set(
      gateways.flatMap((file) => {
        const text = read(`src/aws/${file}`);
        const [service = ''] = found(text, /import\('@aws-sdk\/client-([\w-]+)'\)/g);
        const prefix = service.startsWith('elastic') ? 'elasticloadbalancing' : service;
        return found(text, /new (?:sdk\.)?(\w+)Command\(/g).map((command) => `${prefix}:${command}`);
      }),
    );
    const actions = AWS_PERMISSIONS.map(({ action }) => action);
    expect([...commands, ...ASKED_WITH_CREATE_DEPLOYMENT].sort()).toEqual(actions.sort());
    const operations = found(
      read('src/spot/spot-client.ts') + read('src/spot/spot-requests.ts'),
      /operation: '(\w+)'/g,
    );
    const calls = SPOT_PERMISSIONS.map(({ call }) => call);
    expect([...new Set(operations)].sort()).toEqual([...calls, ...FOR_SCRIPTS].sort());
  });
});

function routeOf(path: string): string {
  return (path.split('?')[0] ?? '').replace(/(sig|cdbg)-[\w-]+/g, '{id}');
}
