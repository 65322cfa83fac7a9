import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FileStore } from '../../src/index.js';
import { systemClock } from '../../src/internal/system-clock.js';
import { SimulatedClock, SimulatedCloud } from '../../src/testing/index.js';
import { driverOf, mutates, specOf } from '../helpers/crash.js';

it('a process that is told to end suspends its release and ends by itself; another one finishes it', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signals-'));
  // The other process has the time of this machine: what it writes must not lie in this one's future.
  const clock = new SimulatedClock({ factor: 60, startAt: systemClock.now() });
  await using cloud = new SimulatedCloud({ rateLimits: false, blue: 1, clock });
  const { environment } = await cloud.listen();
  const script = fileURLToPath(new URL('processes/release-until-signal.ts', import.meta.url));
  const spec = specOf(cloud, { tagSettle: '1s' });
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, JSON.stringify(spec)], {
    env: { PATH: process.env['PATH'], HOME: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  try {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!said.includes('await-green\n') && (said + text).includes('await-green\n')) child.kill('SIGTERM');
      said += text;
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!/NodeDeprecationWarning|node --trace/.test(text)) errors += text;
    });
    const ended = await new Promise<unknown>(
      (settle) => void child.on('close', (code, signal) => settle(signal ?? code)),
    );
    expect(ended, said + errors).toBe(0);
    expect(said).toContain('SIGTERM suspended tale\n');
    expect(said).toContain('outcome suspended\n');
    expect(cloud.requests.filter(mutates).map(({ operation }) => operation)).toEqual(['enterDeploymentMode']);

    // Within this process the clock of the cloud is at hand, and hurries as the cloud does.
    const second = driverOf(cloud, new FileStore(folder), 2);
    expect((await (await second.resume('tale')).result()).outcome).toBe('succeeded');
    await second.close();
    expect(
      cloud.requests.filter((each) => mutates(each) && each.status === 200).map(({ operation }) => operation),
    ).toEqual(['enterDeploymentMode', 'CreateDeployment']);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
