// Bundles the program and the public API into dist/, split so that each command loads only what it uses.
import { readdir, readFile, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/** Replaces parts of files. Breaks the build when one no longer looks like this. */
const patched = {
  name: 'patched',
  setup({ onLoad }) {
    for (const [filter, ...replacements] of patches) {
      onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const contents = replacements.reduce((before, [from, to]) => {
          const after = before.replace(from, to);
          if (after === before) throw new Error(`${path} no longer has: ${from}`);
          return after;
        }, text);
        return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
      });
    }
  },
};

const patches = [
  // Of the engine's client only its connections are used: not its own ways to speak ssh and gRPC, 1.5 MB to be read at
  // each start, and not its words for the engine's objects.
  [/docker-modem[/\\]lib[/\\]modem\.js$/, ["require('./ssh')", 'undefined']],
  [/docker-modem[/\\]lib[/\\]http\.js$/, ["require('https')", later('node:https')]],
  [
    /dockerode[/\\]lib[/\\]docker\.js$/,
    [
      /= require\('\.\/(?:container|image|volume|network|service|plugin|secret|config|task|node|exec|session)'\)/g,
      '= undefined',
    ],
    ["util = require('./util')", 'util = { extend: Object.assign }'],
  ],
  [
    /commander[/\\]lib[/\\]command\.js$/,
    [
      "import childProcess from 'node:child_process';",
      `const childProcess = ${later('node:child_process')};`,
    ],
  ],
  // Its regular expressions take longer to make than most commands run.
  [
    /src[/\\]report[/\\]width\.ts$/,
    [
      "import stringWidth from 'string-width';",
      "const stringWidth = (text: string): number => require('string-width').default(text);",
    ],
  ],
];

/** What is loaded by itself: the screens, which most commands do without. */
const apart = /[/\\]terminal[/\\]/;

/**
 * Puts all that is imported when it is needed into one file, in which each module still runs only when it is needed: to
 * find, read and link eighty small files takes Node longer than most commands need for their work.
 */
const together = {
  name: 'together',
  setup({ onResolve, onLoad }) {
    const modules = new Set();
    onResolve({ filter: /^together$/ }, () => ({ path: 'together', namespace: 'together' }));
    onLoad({ filter: /.*/, namespace: 'together' }, async () => {
      for (const entry of await readdir('src', { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
        const path = resolve(entry.parentPath, entry.name);
        const text = await readFile(path, 'utf8');
        for (const [, imported] of text.matchAll(importing)) modules.add(resolve(path, '..', imported));
      }
      const entries = [...modules]
        .filter((path) => !apart.test(path))
        .map((path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(path)})`);
      return { contents: `export const modules = {${entries.join(',\n')}};`, resolveDir: resolve('src') };
    });
    onLoad({ filter: /[/\\]src[/\\].*\.tsx?$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = withNodeByName(text).replace(importing, (whole, imported) => {
        const target = resolve(path, '..', imported);
        if (apart.test(target)) return whole;
        return `import('together').then(({ modules }) => modules[${JSON.stringify(target)}]())`;
      });
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

/**
 * Takes what is imported of Node's modules directly from them: to copy all that they export takes its time. Those that
 * take long to load are loaded by the first call.
 */
function withNodeByName(text) {
  return text.replace(/^import (?!type )([^';]+?) from '(node:[a-z0-9/_]+)';$/gm, (_, wanted, name) => {
    const from = `process.getBuiltinModule('${name}')`;
    const [, whole, named = ''] = /^(\w+)?(?:, )?(?:\{([^}]*)\})?$/.exec(wanted.replaceAll('\n', ' ')) ?? [];
    const values = named
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '' && !one.startsWith('type '))
      .map((one) => one.replace(' as ', ': '));
    const areLater = slowToLoad.has(name) && values.every((one) => /^[a-z]\w*$/.test(one));
    const taken = areLater
      ? values.map((one) => `const ${one}: any = (...given: any[]) => (${from} as any).${one}(...given);`)
      : values.length === 0
        ? []
        : [`const { ${values.join(', ')} } = ${from};`];
    if (whole !== undefined) taken.push(`const ${whole} = ${slowToLoad.has(name) ? later(name) : from};`);
    return taken.join(' ');
  });
}

const slowToLoad = new Set(
  ['child_process', 'crypto', 'dgram', 'http2', 'https', 'readline'].map((name) => `node:${name}`),
);

/** A module as an object that loads it when something of it is first asked for. */
function later(name) {
  return `new Proxy({}, { get: (_, key) => process.getBuiltinModule('${name}')[key] })`;
}

const importing = /\bimport\('(\.[^']+)'\)/g;

/**
 * Importing one of Node's own modules makes Node load it before anything runs, and read all that it exports, some of
 * which loads more at that moment. Asked for like this they are loaded where they are used, and only looked at.
 */
const lazyNode = {
  name: 'lazy-node',
  setup({ onResolve, onLoad }) {
    const names = builtinModules.map((name) => name.replace(/^node:/, '').replaceAll('/', '\\/'));
    onResolve({ filter: new RegExp(`^(?:node:)?(?:${names.join('|')})$`) }, ({ path }) => ({
      path: path.replace(/^(?:node:)?/, 'node:'),
      namespace: 'lazy-node',
    }));
    onLoad({ filter: /.*/, namespace: 'lazy-node' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

const options = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  jsx: 'automatic',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Native accelerators of the ssh client and React's inspector: optional, and loaded by nobody here.
  external: ['cpu-features', '*.node', 'react-devtools-core'],
  // CommonJS packages inside the bundle ask for Node's own modules by `require`, and for where they are.
  banner: {
    js: "const require=process.getBuiltinModule('node:module').createRequire(import.meta.url),__dirname=import.meta.dirname,__filename=import.meta.filename;",
  },
  logLevel: 'warning',
};

await rm('dist', { recursive: true, force: true });
await Promise.all([
  build({
    ...options,
    entryPoints: { main: 'src/cli/main.ts' },
    splitting: true,
    plugins: [patched, lazyNode, together],
  }),
  build({ ...options, entryPoints: { index: 'src/index.ts' }, plugins: [patched, lazyNode] }),
]);
