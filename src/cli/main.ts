#!/usr/bin/env node
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import process from 'node:process';
import { systemClock } from '../internal/system-clock.js';
import { runCli } from './run-cli.js';

// On Node 20 the AWS SDK would print seven lines about Node's age into the progress.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

// Whoever reads may go away (`| head`): a release goes on without being looked at.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const { version } = createRequire(import.meta.url)('elastigroup-bluegreen/package.json') as { version: string };

void runCli(process.argv.slice(2), {
  version,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  clock: systemClock,
  userName: () => userInfo().username,
  onInterrupt: (listener) => {
    for (const signal of SIGNALS) process.on(signal, listener);
    return () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
  },
  exit: (code) => process.exit(code),
}).then((code) => {
  process.exitCode = code;
});
