import { defineConfig } from 'tsup';

/** The command line stands upon the built library: `npm run build` builds that first. */
export default defineConfig({
  entry: { cli: 'src/cli/main.ts' },
  format: ['esm'],
  dts: false,
  splitting: false,
  target: 'node20',
  platform: 'node',
  clean: false,
  sourcemap: false,
  noExternal: ['commander', 'yaml', 'cli-table3', 'picocolors'],
  // commander, yaml and cli-table3 are CommonJS: within ESM they need a `require` for Node's own modules.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);",
  },
  esbuildPlugins: [
    {
      // Beside `cli.js` stand the built entries: nothing of the library is built in a second time.
      name: 'built-entries',
      setup: (build) => {
        build.onResolve({ filter: /^\.\.\/(?:testing\/)?index\.js$/ }, ({ path }) => ({
          path: path.slice(1),
          external: true,
        }));
      },
    },
  ],
});
