import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TSX = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));
/** Each takes two or three seconds on a quiet machine; a busy one may take its time. */
const LONGEST_MS = 120_000;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a file of `examples/` in a process of its own, with nothing of this one's environment that it could lean on. */
function run(example: string, ...args: readonly string[]): Promise<Ended> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(TMPDIR && { TMPDIR }) };
  const command = [TSX, `examples/${example}.ts`, ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { cwd: root, env, timeout: LONGEST_MS }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number')
        reject(new Error(`${example} did not end by itself:\n${stdout}\n${stderr}`, { cause: error }));
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** The names of the events in their order; without what waits saw on their way, which is a matter of when they looked. */
function signatureOf(stdout: string): string {
  const names = [...stdout.matchAll(/^\d\d:\d\d:\d\d {2}([a-z]+:[a-z]+:[a-z]+) /gm)].map(([, name]) => name ?? '');
  return `${names.filter((name) => name !== 'step:run:observed').join('\n')}\n`;
}

describe('examples', () => {
  it.each([
    'deploy-elastigroup',
    'custom-policies',
    'simulate-failures',
    'with-hooks-and-gates',
    'bake-and-alarms',
    'quorum',
  ])('%s ends as it says, with the same events as ever', { timeout: LONGEST_MS + 5_000 }, async (example) => {
    const { code, stdout, stderr } = await run(example);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const golden = new URL(`../../examples/golden/${example}.events.txt`, import.meta.url);
    await expect(signatureOf(stdout)).toMatchFileSnapshot(fileURLToPath(golden));
  });

  it('name every variable that --real lacks, and touch nothing', { timeout: LONGEST_MS + 5_000 }, async () => {
    const { code, stdout, stderr } = await run('deploy-elastigroup', '--real');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const name of ['SPOTINST_TOKEN', 'ELASTIGROUP_ID', 'CODEDEPLOY_GROUP', 'S3_KEY', 'GREEN_TAG_KEY'])
      expect(stderr).toContain(name);
  });
});

describe('resume-after-crash', () => {
  // In real time no two runs see the same on their way: what must hold is that nothing is done twice.
  it('kills a process in the middle of a release, and another one finishes it', {
    timeout: LONGEST_MS + 5_000,
  }, async () => {
    const { code, stdout, stderr } = await run('resume-after-crash');
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    for (const line of [
      'the first process ended by SIGKILL; enterDeploymentMode once',
      'rollout:drive:started  resumed',
      'rollout:finish:recorded  succeeded',
      'ended by exit code 0; enterDeploymentMode once, CreateDeployment once in all',
      ', 0 failed',
    ])
      expect(stdout).toContain(line);
  });
});

describe('the demo', () => {
  const stories = [
    { args: [], code: 0, lines: ['SUCCEEDED', 'green  s3://releases/shop-412.zip', ', 0 failed'] },
    {
      args: ['--fault', 'script-fails'],
      code: 1,
      lines: [
        'ROLLED-BACK',
        'event         ApplicationStart',
        'script        scripts/start.sh',
        '[stderr]Error: DATABASE_URL is not set',
        'who must act  release',
        'blue  s3://releases/shop-411.zip',
        ', 0 failed',
        ', 0 differ',
      ],
    },
    {
      args: ['--fault', 'interruption'],
      code: 1,
      lines: ['ROLLED-BACK', 'INSTANCE_LOST', 'Server.SpotInstanceTermination', 'who must act  cloud', ', 0 differ'],
    },
    {
      args: ['--fault', 'lost-answer'],
      code: 0,
      lines: ['found done, its answer was lost', 'SUCCEEDED', ', 0 failed'],
    },
    {
      args: ['--fault', 'blue-not-removed'],
      code: 0,
      lines: ['detach what Spot left of blue', 'SUCCEEDED', 'DEPLOYMENT_MODE_OPEN', ', 0 failed'],
    },
    { args: ['--help'], code: 0, lines: ['--fault lost-answer'] },
  ] as const;

  it.each(stories.map((story) => ({ ...story, called: ['demo', ...story.args].join(' ') })))(
    'ends as it should: $called, exit $code',
    { timeout: LONGEST_MS + 5_000 },
    async ({ args, code, lines }) => {
      const ended = await run('demo', ...args);
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: '' });
      for (const line of lines) expect(ended.stdout).toContain(line);
    },
  );

  it.each([
    {
      args: ['--fault', 'no-such-thing'],
      says: 'allowed are script-fails, interruption, lost-answer, blue-not-removed',
    },
    { args: ['--no-such-flag'], says: '--fault script-fails' },
    { args: ['a-word'], says: '--fault script-fails' },
  ])('refuses $args.0 $args.1', { timeout: LONGEST_MS + 5_000 }, async ({ args, says }) => {
    const { code, stdout, stderr } = await run('demo', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });
});
