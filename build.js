// Bundles the program and the public API into dist/, split so that each command loads only what it uses.
import { readFile, rm } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * The engine's client loads its ssh and gRPC parts at once, though hardly anyone needs them: here they are loaded at
 * first use. Breaks the build when the client no longer looks like this.
 */
const lazyClient = {
  name: 'lazy-client',
  setup({ onLoad }) {
    const later = [
      [
        /docker-modem[/\\]lib[/\\]modem\.js$/,
        "ssh = require('./ssh')",
        "ssh = (...given) => require('./ssh')(...given)",
      ],
      [
        /dockerode[/\\]lib[/\\]docker\.js$/,
        "withSession = require('./session')",
        "withSession = (...given) => require('./session')(...given)",
      ],
    ];
    for (const [filter, eager, lazy] of later) {
      onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes(eager)) throw new Error(`${path} no longer has: ${eager}`);
        return { contents: text.replace(eager, lazy), loader: 'js' };
      });
    }
  },
};

/**
 * Importing Node's HTTP modules makes Node read all that they export, and one of the things they export loads a whole
 * client of its own at that moment. Asked for like this they are only looked at where they are used.
 */
const lazyHttp = {
  name: 'lazy-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?https?$/ }, ({ path }) => ({
      path: path.replace(/^(?:node:)?/, 'node:'),
      namespace: 'lazy-http',
    }));
    onLoad({ filter: /.*/, namespace: 'lazy-http' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

await rm('dist', { recursive: true, force: true });
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
  plugins: [lazyClient, lazyHttp],
  // Native accelerators of the ssh client and React's inspector: optional, and loaded by nobody here.
  external: ['cpu-features', '*.node', 'react-devtools-core'],
  // CommonJS packages inside the bundle ask for Node's own modules by `require`, and for where they are.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url),__dirname=import.meta.dirname,__filename=import.meta.filename;",
  },
  logLevel: 'warning',
});
