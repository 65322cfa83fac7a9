import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  format: ['esm', 'cjs'],
  dts: true,
  // Without splitting the CommonJS build gives each entry its own copy of every class.
  splitting: true,
  target: 'node20',
  platform: 'node',
  clean: true,
  sourcemap: true,
  // p-retry is ESM-only; valibot is a few kilobytes once tree-shaken, so neither costs the user an installation.
  noExternal: ['p-retry', 'is-network-error', 'valibot'],
  external: ['msw'],
});
