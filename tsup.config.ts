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
  // What is shipped is not minified, and a map would hold the paths of this machine.
  sourcemap: false,
  // What stands in devDependencies is bundled: p-retry is ESM-only, and valibot is a few kilobytes once tree-shaken.
  noExternal: ['p-retry', 'is-network-error', 'valibot'],
  // What a user may leave out is never bundled.
  external: ['msw', /^@aws-sdk\//],
});
