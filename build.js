// Bundles the program and the public API into dist/, split so that each command loads only what it uses.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/cli/main.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  jsx: 'automatic',
  minifySyntax: true,
  legalComments: 'linked',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Native accelerators of the ssh client and React's inspector: optional, and loaded by nobody here.
  external: ['cpu-features', '*.node', 'react-devtools-core'],
  // CommonJS packages inside the bundle ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
