import { CodeDeployClient, waitUntilDeploymentSuccessful } from '@aws-sdk/client-codedeploy';
import type { Timeline } from './timeline.js';
import { viewOf } from './timeline-view.js';
import type { WaitEnd } from './wait-by-library.js';

/** The SDK's waiter has to be told how long it may take; longer than any deployment here. */
const MAX_WAIT_SECONDS = 4 * 3600;
const LOOP_SECONDS = 15;
const BOTOCORE_ATTEMPTS = 120;

/** What the SDK's client is answered with: one at a time, by whoever waits. */
let answer: () => string = () => '';

let theClient: CodeDeployClient | undefined;
const makeClient = (): CodeDeployClient =>
  new CodeDeployClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 1,
    requestHandler: {
      handle: async () => {
        const body = JSON.stringify({ deploymentInfo: { deploymentId: 'd-TIMELINE1', status: answer() } });
        const headers = { 'content-type': 'application/x-amz-json-1.1' };
        return { response: { statusCode: 200, headers, body: new TextEncoder().encode(body) } as never };
      },
    },
  });

/**
 * The waiter of the AWS SDK itself, with its own client, serialisation and chance. Its requests are answered in the
 * process, and while it waits this process's timers and clock are simulated ones, which jump.
 */
export async function waitBySdk(timeline: Timeline): Promise<WaitEnd> {
  const createdAt = Date.UTC(2026, 0, 1);
  let now = createdAt;
  let reads = 0;
  answer = () => {
    reads += 1;
    return viewOf(timeline, createdAt, now - createdAt).deployment.status;
  };
  const client = (theClient ??= makeClient());
  const real = { setTimeout: globalThis.setTimeout, now: Date.now };
  const jump = (callback: () => void, ms = 0): void => {
    now += ms;
    queueMicrotask(callback);
  };
  globalThis.setTimeout = jump as unknown as typeof setTimeout;
  Date.now = () => now;
  try {
    await waitUntilDeploymentSuccessful({ client, maxWaitTime: MAX_WAIT_SECONDS }, { deploymentId: 'd-TIMELINE1' });
  } catch (error) {
    // It throws what it has found to have failed, too; anything but that and a timeout would be a mistake of this bench.
    const { state } = JSON.parse((error as Error).message) as { readonly state: string };
    if (state === 'TIMEOUT') return gaveUp(reads);
    if (state !== 'FAILURE' || timeline.failure === undefined) throw error;
  } finally {
    globalThis.setTimeout = real.setTimeout;
    Date.now = real.now;
  }
  return ended(timeline, now - createdAt, reads);
}

/** `aws deploy wait deployment-successful`: botocore's loop, which gives up after 120 looks, the last of them included. */
export function waitByBotocore(timeline: Timeline): WaitEnd {
  return loop(timeline, BOTOCORE_ATTEMPTS);
}

/** What a script does: look, sleep for 15 s, look again. */
export function waitByPlainLoop(timeline: Timeline): WaitEnd {
  return loop(timeline, Number.POSITIVE_INFINITY);
}

function loop(timeline: Timeline, attempts: number): WaitEnd {
  for (let reads = 1; reads <= attempts; reads += 1) {
    const sinceMs = (reads - 1) * LOOP_SECONDS * 1000;
    const { status } = viewOf(timeline, 0, sinceMs).deployment;
    if (status === 'Succeeded' || status === 'Failed') return ended(timeline, sinceMs, reads);
  }
  return gaveUp(attempts);
}

/** All of them see what the deployment says of itself, and that says Failed once nothing is under way any more. */
const ended = ({ failure, totalMs }: Timeline, atMs: number, reads: number): WaitEnd => ({
  lateMs: atMs - (failure?.atMs ?? totalMs),
  reads,
  requests: reads,
});

const gaveUp = (reads: number): WaitEnd => ({ lateMs: Number.POSITIVE_INFINITY, reads, requests: reads });
