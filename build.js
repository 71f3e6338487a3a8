// Bundles the program and the public API into dist/, split so that each command loads only what it uses.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { basename, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import * as esbuild from 'esbuild';

/** The folders of packages of which something is shipped. */
const bundled = new Set();

async function build(options) {
  const { metafile, outputFiles } = await esbuild.build({ ...options, metafile: true });
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
      if (folder !== undefined && bytesInOutput > 0) bundled.add(folder);
    }
  }
  return { metafile, outputFiles };
}

/** Nothing but what is built knows what is in it: its packages are told beside it, with their licences. */
async function tellBundled() {
  const packages = await Promise.all(
    [...bundled].sort().map(async (folder) => {
      const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
      const file = (await readdir(folder)).find((one) => /^(?:licen[cs]e|copying)/i.test(one));
      const text = file === undefined ? '' : `\n${(await readFile(`${folder}/${file}`, 'utf8')).trim()}\n`;
      return { folder, name, version, license, text };
    }),
  );
  const list = packages.map(({ text: _, ...told }) => told);
  await writeFile('dist/bundled.json', `${JSON.stringify(list, undefined, 2)}\n`);
  const licences = packages.map(
    ({ name, version, license, text }) => `${name} ${version} (${license})\n${text}`,
  );
  await writeFile('dist/LICENSES.txt', licences.join(`\n${'-'.repeat(80)}\n\n`));
}

/** Replaces parts of files. Breaks the build when one no longer looks like this. */
const patched = (...more) => ({
  name: 'patched',
  setup({ onLoad }) {
    for (const [filter, ...replacements] of [...patches, ...readingAtOnce, ...more]) {
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
});

const patches = [
  // Of the engine's client only its connections are used: not its own ways to speak ssh and gRPC, 1.5 MB to be read at
  // each start, and not its words for the engine's objects.
  [
    /docker-modem[/\\]lib[/\\]modem\.js$/,
    ["require('./ssh')", 'undefined'],
    // What hardly anyone reads is not put into words.
    ["debug('Sending: ", "if (debug.enabled) debug('Sending: "],
    [
      "debug = require('debug')('modem')",
      "debug = process.env.DEBUG ? require('debug')('modem') : Object.assign(() => {}, { enabled: false })",
    ],
  ],
  // What it takes of that is what Node.js has itself.
  [/docker-modem[/\\]lib[/\\]http_duplex\.js$/, ["require('readable-stream')", "require('stream')"]],
  [/docker-modem[/\\]lib[/\\]http\.js$/, ["require('https')", later('node:https')]],
  [
    /dockerode[/\\]lib[/\\]docker\.js$/,
    [
      /= require\('\.\/(?:container|image|volume|network|service|plugin|secret|config|task|node|exec|session)'\)/g,
      '= undefined',
    ],
    ["util = require('./util')", 'util = { extend: Object.assign }'],
    ["require('./buildkit')", 'undefined'],
  ],
  // What lays out the screens is waited for while it is imported, which no function can do; they wait for it themselves.
  [
    /yoga-layout[/\\]dist[/\\]src[/\\]index\.js$/,
    [
      'const Yoga = wrapAssembly(await loadYoga());',
      'const Yoga = {}; export const isThere = loadYoga().then((loaded) => { Object.assign(Yoga, wrapAssembly(loaded)); });',
    ],
  ],
  [
    /src[/\\]cli[/\\]screen\.ts$/,
    [
      "= await import('../terminal/start.tsx');",
      "= await (await import('yoga-layout')).isThere.then(() => import('../terminal/start.tsx'));",
    ],
  ],
  // The same goes for what it does for those who work on it.
  [
    /ink[/\\]build[/\\]reconciler\.js$/,
    ["await import('./devtools.js')", 'undefined'],
    ['await loadPackageJson()', '{}'],
    ['new URL(', '('],
    ["import.meta.resolve('react-devtools-core');", "throw new Error('it is not there');"],
  ],
  // The oldest Node.js does not have it.
  [
    /ink[/\\]build[/\\]ink\.js$/,
    [
      'Promise.withResolvers()',
      '(() => { const made = {}; made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject })); return made; })()',
    ],
  ],
];

/**
 * What reads YAML gives each word through up to eight generators, which takes longer, and more memory, than all else that
 * is done with it. Those inside of it put what they give where the outermost finds it.
 */
const readingAtOnce = [
  [
    /yaml[/\\]browser[/\\]dist[/\\]parse[/\\]lexer\.js$/,
    // A generator that nobody runs.
    [/^ +this\.pushNewline\(\);$/m, ''],
    [/^ {4}\*(?=parse|push)/gm, '    '],
    [/yield\* (?=this\.)/g, ''],
    [/yield ([^;*]+);/g, 'this.words.push($1);'],
    [
      'next = this.parseNext(next);',
      '{ next = this.parseNext(next); for (const word of this.words.splice(0)) yield word; }',
    ],
    ["this.buffer = '';", "this.buffer = ''; this.words = [];"],
  ],
  [
    /yaml[/\\]browser[/\\]dist[/\\]parse[/\\]parser\.js$/,
    [/^ {4}\*(?!parse\()/gm, '    '],
    [/yield\* (?=this\.(?!next|end))/g, ''],
    [/yield (\{ .* \}|\{\n[^;]*?\n +\}|token|this\.sourceToken);/g, 'this.tokens.push($1);'],
    ['this.stack = [];', 'this.stack = []; this.tokens = [];'],
    [
      '    next(source) {',
      '    next(source) { this.read(source); return this.given(); }\n    read(source) {',
    ],
    [
      '    end() {\n        while (this.stack.length > 0)\n            this.pop();\n',
      '    given() {\n        return this.tokens.length > 0 ? this.tokens.splice(0) : this.tokens;\n    }\n    end() {\n        while (this.stack.length > 0)\n            this.pop();\n        return this.given();\n',
    ],
  ],
];

/** The regular expressions that tell how wide signs are take longer to make than most commands run. */
const widthWhenNeeded = (load) => [
  /src[/\\]report[/\\]width\.ts$/,
  [
    "import stringWidth from 'string-width';",
    `const stringWidth = (text: string): number => ${load}.default(text);`,
  ],
];

/** What the library says is wrong with a text takes much of it that other texts do without. */
const faultsWhenNeeded = [
  /src[/\\]load[/\\]yaml[/\\]parse\.ts$/,
  [
    "import { faultIn } from './fault.ts';",
    "const faultIn = (text: string) => atOnce(import('./fault.ts')).faultIn(text);",
  ],
];

/** The form of the package of which what nobody uses can be left out; it is the same otherwise. */
const yamlInParts = {
  name: 'yaml-in-parts',
  setup({ onResolve }) {
    const form = import.meta.resolve('yaml/package.json').replace('package.json', 'browser/dist/');
    const pathOf = (file) => fileURLToPath(new URL(file, form));
    onResolve({ filter: /^yaml(?:\/util)?$/ }, ({ path }) => ({
      path: pathOf(path === 'yaml' ? 'index.js' : 'util.js'),
      sideEffects: false,
    }));
    onResolve({ filter: /^\./ }, ({ path, resolveDir, importer }) =>
      importer.startsWith(pathOf('.'))
        ? { path: resolvePath(resolveDir, path), sideEffects: false }
        : undefined,
    );
  },
};

/** What is imported of Node's modules is taken directly from them. */
const nodeByName = {
  name: 'node-by-name',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\](?:src|commander[/\\]lib)[/\\].*\.[tj]sx?$/ }, async ({ path }) => ({
      contents: withNodeByName(await readFile(path, 'utf8')),
      loader: path.split('.').at(-1),
    }));
  },
};

/**
 * Takes what is imported of Node's modules directly from them: to copy all that they export takes its time. Those that
 * take long to load are loaded by the first call, if all that is taken can be called.
 */
function withNodeByName(text) {
  return text.replace(/^import (?!type )([^';]+?) from '(node:[a-z0-9/_]+)';$/gm, (_, wanted, name) => {
    const from = `globalThis.process.getBuiltinModule('${name}')`;
    const [, whole, named = ''] = /^(\w+)?(?:, )?(?:\{([^}]*)\})?$/.exec(wanted.replaceAll('\n', ' ')) ?? [];
    const values = named
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '' && !one.startsWith('type '))
      .map((one) => one.split(' as '));
    const areLater = slowToLoad.has(name) && values.every(([one]) => isPlainFunction(name, one));
    const taken = areLater
      ? values.map(([one, local = one]) => `const ${local} = (...given) => ${from}.${one}(...given);`)
      : values.length === 0
        ? []
        : [`const { ${values.map((one) => one.join(': ')).join(', ')} } = ${from};`];
    if (whole !== undefined) taken.push(`const ${whole} = ${slowToLoad.has(name) ? later(name) : from};`);
    return taken.join(' ');
  });
}

/** Neither a class nor a value. */
function isPlainFunction(module, name) {
  return /^[a-z]/.test(name) && typeof process.getBuiltinModule(module)[name] === 'function';
}

const slowToLoad = new Set(
  [
    'child_process',
    'crypto',
    'dgram',
    'fs/promises',
    'http',
    'http2',
    'https',
    'readline',
    'sea',
    'stream',
    'stream/consumers',
    'stream/promises',
    'timers/promises',
    'v8',
  ].map((name) => `node:${name}`),
);

/** A module as an object that loads it when something of it is first asked for. */
function later(name) {
  return `new Proxy({}, { get: (_, key) => globalThis.process.getBuiltinModule('${name}')[key] })`;
}

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
  platform: 'node',
  target: 'node20.16',
  jsx: 'automatic',
  minifySyntax: true,
  minifyWhitespace: true,
  // `tellBundled` tells them.
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Native accelerators of the ssh client: optional, and loaded by nobody here.
  external: ['cpu-features', '*.node'],
  logLevel: 'warning',
};

await rm('dist', { recursive: true, force: true });
await mkdir('dist');
const [{ outputFiles, metafile }] = await Promise.all([
  build({
    ...options,
    entryPoints: { main: 'src/cli/main.ts' },
    format: 'esm',
    splitting: true,
    write: false,
    define: { ...options.define, 'import.meta.url': 'undefined' },
    plugins: [
      patched(widthWhenNeeded("atOnce(import('string-width'))"), faultsWhenNeeded),
      yamlInParts,
      lazyNode,
      nodeByName,
    ],
  }),
  build({
    ...options,
    entryPoints: { index: 'src/index.ts' },
    format: 'esm',
    // CommonJS packages inside the bundle ask for Node's own modules by `require`, and for where they are.
    banner: {
      js: "const require=process.getBuiltinModule('node:module').createRequire(import.meta.url),__dirname=import.meta.dirname,__filename=import.meta.filename;",
    },
    plugins: [patched(widthWhenNeeded("require('string-width')")), yamlInParts, lazyNode],
  }),
]);

/**
 * The pieces of a part as functions in an object, each of which gives what the piece exports: see `src/cli/compiled.ts`.
 * Pieces are what the same commands use, so nothing is run, nor even looked at by V8, that a command does without; and there is one
 * file to find, to read and to keep the code of. A piece imports only what more commands use than use it itself, so there are
 * no circles. What is exported is never assigned to later.
 */
function packed(paths) {
  const functions = [...paths].map(
    (path) => `${JSON.stringify(nameOf(path))}:${asFunction(pieces.get(path))}`,
  );
  return `({${functions.join(',\n')}})`;
}

/** By what pieces ask for each other: `screens/chunk-ABC.js` for one in `screens.js`, without a folder one in `program.js`. */
function nameOf(path) {
  const [part] = Object.entries(parts).find(([, paths]) => paths.has(path)) ?? [];
  if (part === undefined) throw new Error(`${path} is in no part`);
  return `${part === 'program' ? '' : `${part}/`}${basename(path)}`;
}

/** What is imported by a piece, at once or later, but for what is known. */
function reachedFrom(paths, known) {
  const reached = new Set(paths);
  for (const one of reached)
    for (const { path: other } of metafile.outputs[one].imports)
      if (!known.has(other) && pieces.has(other)) reached.add(other);
  return reached;
}

/** What is imported by a piece before it is run. */
function importedBy(paths) {
  const imported = new Set(paths);
  for (const one of imported)
    for (const { path, kind } of metafile.outputs[one].imports)
      if (kind === 'import-statement' && pieces.has(path)) imported.add(path);
  return imported;
}

function piecesOf(condition) {
  return Object.entries(metafile.outputs).flatMap(([path, output]) => (condition(output) ? path : []));
}

function asFunction(text) {
  const name = (from) => nameOf(`dist/${from}`);
  if (text.includes('__esm('))
    throw new Error('what is asked for by `require` assigns what it exports when it runs');
  const body = text
    .replace(/\bimport\{([^}]*)\}from"\.\/([^"]+)";/g, (_, names, from) => {
      return `const{${names.replaceAll(' as ', ':')}}=piece("${name(from)}");`;
    })
    .replace(/\bimport"\.\/([^"]+)";/g, (_, from) => `piece("${name(from)}");`)
    .replace(/\batOnce\(import\("\.\/([^"]+)"\)\)/g, (_, from) => `piece("${name(from)}")`)
    .replace(/\bimport\("\.\/([^"]+)"\)/g, (_, from) => `Promise.resolve("${name(from)}").then(piece)`)
    .replace(/\bexport\{([^}]*)\};?\s*$/, (_, names) => {
      const entries = names.split(',').map((one) => one.split(' as ').reverse().join(':'));
      return `return{${entries.join(',')}};`;
    });
  // What is left stands in regular expressions. ASCII is read as it is.
  const ascii = body.replace(
    /[^\0-\x7f]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `function(piece){"use strict";${ascii}}`;
}
const pieces = new Map(
  outputFiles
    .filter(({ path }) => path.endsWith('.js'))
    .map(({ path, text }) => [`dist/${basename(path)}`, text]),
);
const ofScreens = new Set(piecesOf(({ entryPoint = '' }) => /^src\/terminal\/|yoga-layout/.test(entryPoint)));
// Commands that know their stack again do without what reads its files.
const readers = piecesOf(({ inputs }) =>
  Object.keys(inputs).some((file) => file.includes('node_modules/yaml/')),
);
const others = piecesOf(({ entryPoint }) => entryPoint !== undefined).filter((path) => {
  const imported = importedBy([path]);
  return !readers.some((reader) => imported.has(reader));
});
const ofLoading = importedBy(piecesOf(({ entryPoint }) => entryPoint === 'src/load/load.ts')).difference(
  importedBy(others),
);
const program = reachedFrom(['dist/main.js'], ofScreens.union(ofLoading));
const load = reachedFrom(ofLoading, program.union(ofScreens));
const parts = { program, load, screens: reachedFrom(ofScreens, program.union(load)) };
const hash = createHash('sha256');
for (const [part, paths] of Object.entries(parts)) {
  const text = packed(paths);
  // Throws for what does not belong into functions.
  new Script(text);
  await writeFile(`dist/${part}.js`, text);
  hash.update(text);
}
await build({
  ...options,
  entryPoints: { launch: 'src/cli/launch.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { ...options.define, build: JSON.stringify(hash.digest('hex').slice(0, 16)) },
  plugins: [lazyNode, nodeByName],
});
await tellBundled();
