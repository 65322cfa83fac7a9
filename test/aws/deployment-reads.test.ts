import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeploymentReads } from '../../src/aws/deployment-reads.js';
import { CloudError, type CloudFailure } from '../../src/errors/cloud-error.js';
import type { CodeDeployDeployment } from '../../src/ports/code-deploy.js';
import { ManualClock, settle } from '../policies/manual-clock.js';

/** A CodeDeploy that knows some deployments, and says what it was asked. */
class Source {
  readonly asked: string[] = [];
  waits = false;
  known = (_id: string): boolean => true;
  failure: CloudFailure['kind'] | undefined;
  /** Answers come when this is over. */
  until: Promise<unknown> = Promise.resolve();
  signal: AbortSignal | undefined;

  async alone(id: string): Promise<CodeDeployDeployment> {
    this.asked.push(id);
    if (this.known(id)) return deployment(id);
    throw failureOf('not-found', `${id} is unknown`);
  }

  async together(ids: readonly string[], { signal }: { signal?: AbortSignal | undefined }) {
    this.asked.push(ids.join('+'));
    this.signal = signal;
    await this.until;
    if (this.failure !== undefined) throw failureOf(this.failure, 'together');
    return ids.filter((id) => this.known(id)).map(deployment);
  }

  wouldWait(): boolean {
    return this.waits;
  }
}

const deployment = (id: string): CodeDeployDeployment => ({
  codeDeployDeploymentId: id,
  applicationName: 'shop',
  deploymentGroupName: 'prod',
  status: 'InProgress',
  createdAt: '2026-01-05T09:00:00.000Z',
  instanceTerminationWaitStarted: false,
});

const failureOf = (kind: CloudFailure['kind'], message: string): CloudError =>
  new CloudError({ service: 'codedeploy', operation: 'readDeployment', kind, message, acted: 'no' });

let clock: ManualClock;
let source: Source;
let reads: DeploymentReads;
beforeEach(() => {
  clock = new ManualClock();
  source = new Source();
  reads = new DeploymentReads(clock, source);
});
afterEach(() => expect(clock.sleeping).toBe(0));

/** What became of a read: the id that was answered, or why it failed. */
const ended = (id: string, signal?: AbortSignal): Promise<string> =>
  reads.read(id, { signal }).then(
    ({ codeDeployDeploymentId }) => codeDeployDeploymentId,
    (error: unknown) => (CloudError.is(error) ? `${error.failure.kind}: ${error.failure.message}` : String(error)),
  );

async function severalRollouts(): Promise<void> {
  for (const id of ['d-1', 'd-2']) await reads.read(id, undefined);
  source.asked.length = 0;
}

describe('one rollout', () => {
  test('is answered at once, by a request of its own each time', async () => {
    for (let look = 0; look < 20; look += 1) {
      expect(await ended('d-1')).toBe('d-1');
      await clock.advance(2_000);
    }
    expect(source.asked).toEqual(Array(20).fill('d-1'));
  });

  test('is still alone with the deployment that rolls back its own', async () => {
    await ended('d-1');
    expect(await ended('d-2')).toBe('d-2');
    expect(source.asked).toEqual(['d-1', 'd-2']);
  });

  test('does not wait for its turn where the batch has none', async () => {
    source.waits = true;
    const read = ended('d-1');
    await clock.advance(1_500);
    expect(await read).toBe('d-1');
    expect(clock.now()).toBe(1_500);
  });

  test('is alone again a minute after the others have ended', async () => {
    await severalRollouts();
    await clock.advance(60_000);
    expect(await ended('d-3')).toBe('d-3');
    expect(source.asked).toEqual(['d-3']);
  });
});

describe('several rollouts', () => {
  beforeEach(severalRollouts);

  test('are read with one request for what falls into the same window, each deployment once', async () => {
    const all = ['d-3', 'd-1', 'd-3', 'd-2'].map((id) => ended(id));
    await clock.advance(1_500);
    expect(await Promise.all(all)).toEqual(['d-3', 'd-1', 'd-3', 'd-2']);
    expect(source.asked).toEqual(['d-3+d-1+d-2']);
  });

  test('are asked about 25 at a time, and a full batch waits no longer', async () => {
    const all = Array.from({ length: 60 }, (_, at) => ended(`d-${at + 10}`));
    await settle();
    expect(source.asked.map((ids) => ids.split('+').length)).toEqual([25, 25]);
    await clock.advance(1_500);
    expect(source.asked.map((ids) => ids.split('+').length)).toEqual([25, 25, 10]);
    expect(new Set(await Promise.all(all)).size).toBe(60);
  });

  test('hear in the service’s own words of one that does not exist; the others do not', async () => {
    source.known = (id) => id !== 'd-4';
    const all = ['d-3', 'd-4', 'd-5'].map((id) => ended(id));
    await clock.advance(1_500);
    expect(await Promise.all(all)).toEqual(['d-3', 'not-found: d-4 is unknown', 'd-5']);
    expect(source.asked).toEqual(['d-3+d-4+d-5', 'd-4']);
  });

  test.each(['refused', 'malformed', 'not-found', 'denied'] as const)(
    'are read one by one where all together were %s',
    async (kind) => {
      source.failure = kind;
      const all = ['d-3', 'd-4'].map((id) => ended(id));
      await clock.advance(1_500);
      expect(await Promise.all(all)).toEqual(['d-3', 'd-4']);
      expect(source.asked).toEqual(['d-3+d-4', 'd-3', 'd-4']);
    },
  );

  test.each(['throttled', 'unavailable', 'timed-out', 'no-answer'] as const)(
    'share what is the service’s own trouble: %s',
    async (kind) => {
      source.failure = kind;
      const all = ['d-3', 'd-4'].map((id) => ended(id));
      await clock.advance(1_500);
      expect(await Promise.all(all)).toEqual([`${kind}: together`, `${kind}: together`]);
      expect(source.asked).toEqual(['d-3+d-4']);
    },
  );
});

describe('a caller that goes away', () => {
  beforeEach(severalRollouts);

  test('while others gather leaves them alone, and is not asked for', async () => {
    const gone = new AbortController();
    const first = ended('d-3', gone.signal);
    const second = ended('d-4');
    gone.abort('left');
    expect(await first).toBe('left');
    await clock.advance(1_500);
    expect(await second).toBe('d-4');
    expect(source.asked).toEqual(['d-4']);
  });

  test('as the last one ends the gathering: nothing is sent', async () => {
    const gone = new AbortController();
    const only = ended('d-3', gone.signal);
    gone.abort('left');
    expect(await only).toBe('left');
    await settle();
    expect(clock.sleeping).toBe(0);
    expect(source.asked).toEqual([]);
  });

  test('ends the request when it was the last one to wait for it', async () => {
    let answer = (): void => {};
    source.until = new Promise<void>((resolve) => (answer = resolve));
    const [first, second] = [new AbortController(), new AbortController()];
    const all = [ended('d-3', first.signal), ended('d-4', second.signal)];
    await clock.advance(1_500);
    first.abort('left');
    expect(source.signal?.aborted).toBe(false);
    second.abort('left too');
    expect(source.signal?.aborted).toBe(true);
    expect(await Promise.all(all)).toEqual(['left', 'left too']);
    answer();
    await settle();
  });

  test('before it asks is told at once', async () => {
    expect(await ended('d-3', AbortSignal.abort('left'))).toBe('left');
    expect(source.asked).toEqual([]);
  });
});
