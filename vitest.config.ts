import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^elastigroup-bluegreen\/testing$/, replacement: here('src/testing/index.ts') },
      { find: /^elastigroup-bluegreen$/, replacement: here('src/index.ts') },
    ],
  },
  test: {
    // No test asks the machine that it runs on who it is.
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_EC2_METADATA_DISABLED: 'true',
      NO_COLOR: '1',
    },
    // The products of the open questions run dozens of releases in one test.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/built/**'],
          setupFiles: ['test/helpers/setup.ts'],
        },
      },
      {
        // What users install: needs `npm run build`.
        extends: true,
        test: {
          name: 'built',
          include: ['test/package/built/**/*.test.ts'],
          setupFiles: ['test/helpers/setup.ts'],
          // Each starts processes of its own.
          testTimeout: 150_000,
        },
      },
    ],
  },
});
