import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Which part may import which, and which outside packages: the shape of the whole. `src/index.ts` is checked apart. */
const rules: Readonly<
  Record<string, { parts: readonly string[]; packages: readonly string[]; why: string }>
> = {
  model: { parts: [], packages: [], why: 'the nouns are shared by all and depend on nothing' },
  load: { parts: ['model'], packages: ['yaml'], why: 'a file can be understood without an engine' },
  init: { parts: ['model', 'load'], packages: [], why: 'a stack file is made from files alone' },
  plan: { parts: ['model'], packages: [], why: 'a plan is made from two values; it cannot act' },
  run: { parts: ['model'], packages: [], why: 'walking a plan decides nothing and knows no engine' },
  docker: {
    parts: ['model'],
    packages: ['dockerode', 'tar-stream'],
    why: 'the engine is spoken to in one place',
  },
  registry: {
    parts: ['model'],
    packages: [],
    why: 'registries are spoken to in one place, with what it is handed',
  },
  files: { parts: ['model'], packages: ['chokidar'], why: 'the file watcher can be exchanged' },
  providers: { parts: ['model'], packages: [], why: 'programs that stand for services need no engine' },
  machine: { parts: ['model'], packages: [], why: 'a machine is mended by commands that it is handed' },
  report: { parts: ['model'], packages: ['string-width'], why: 'what is shown follows from events alone' },
  terminal: {
    parts: ['model', 'report'],
    packages: ['ink', 'react'],
    why: 'the display is one listener of many',
  },
  commands: {
    parts: ['model', 'load', 'init', 'plan', 'run'],
    packages: [],
    why: 'a command is its stages, whatever engine or screen',
  },
  cli: {
    parts: [
      'model',
      'report',
      'docker',
      'registry',
      'files',
      'machine',
      'providers',
      'terminal',
      'commands',
      'load',
    ],
    packages: ['commander'],
    why: 'argv, process and wiring are known here only',
  },
};

/** Packages and modules that only one file may import, so that they can be exchanged or made cheaper there. */
const onlyIn: Readonly<Record<string, string | readonly string[]>> = {
  // A file is read into our own tree; one that is rewritten has to stay as it is, with its comments.
  yaml: [
    'src/load/yaml/parse.ts',
    'src/load/yaml/reader.ts',
    'src/load/yaml/fault.ts',
    'src/load/yaml/replace.ts',
    'src/load/upgrade.ts',
  ],
  'yaml/util': 'src/load/upgrade.ts',
  dockerode: 'src/docker/modem.ts',
  commander: 'src/cli/program.ts',
  'string-width': 'src/report/width.ts',
};

/** The stages of loading: each imports only those before it, and what they share at the top of the folder. */
const loadStages = ['yaml', 'tables', 'normal', 'variables', 'project', 'check'];

const pure = ['model', 'plan'];
const impureWords =
  /\b(console|process|setTimeout|setInterval|Date\.now|performance|fetch)\b|\basync\b|\bawait\s/;

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

const files = sourceFiles('src');
const imports = files.flatMap(importsOf);

test('the check reads the imports it judges', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports).toContainEqual({ file: 'src/docker/modem.ts', from: 'dockerode', typeOnly: false });
  expect(imports).toContainEqual({ file: 'src/plan/up.ts', from: 'src/plan/decide.ts', typeOnly: false });
  expect(imports.filter(({ from }) => from.startsWith('src/')).length).toBeGreaterThan(150);
});

test('each part imports only what the architecture allows', () => {
  expect(imports.flatMap(({ file, from, typeOnly }) => violationOf(file, from, typeOnly))).toEqual([]);
});

test('a plan that could act would be found', () => {
  expect(violationOf('src/plan/up.ts', 'dockerode', false)).toEqual([
    'src/plan/up.ts imports dockerode: a plan is made from two values; it cannot act',
  ]);
  expect(violationOf('src/plan/up.ts', 'src/docker/runtime.ts', true)).toHaveLength(1);
  expect(violationOf('src/model/plan.ts', 'node:fs', false)).toHaveLength(1);
});

test('packages that are confined to one file stay there', () => {
  const strays = imports.filter(
    ({ file, from, typeOnly }) => !typeOnly && from in onlyIn && ![onlyIn[from]].flat().includes(file),
  );
  expect(strays).toEqual([]);
});

test('what decides is pure: no console, process, clock, timer or waiting', () => {
  const impure = files
    .filter((file) => pure.includes(partOf(file)))
    .flatMap((file) => {
      const word = impureWords.exec(withoutComments(readFileSync(file, 'utf8')));
      return word === null ? [] : [`${file} uses ${word[0]}`];
    });
  expect(impure).toEqual([]);
});

test('stages of loading import only those before them', () => {
  const stageOf = (file: string) => loadStages.indexOf(/^src\/load\/([^/]+)\//.exec(file)?.[1] ?? '');
  const staged = imports.filter(({ file, from }) => stageOf(file) >= 0 && stageOf(from) >= 0);
  expect(staged.length).toBeGreaterThan(50);
  expect(staged.filter(({ file, from }) => stageOf(from) > stageOf(file))).toEqual([]);
});

test('child processes are started in one place of a part: for git, to mend the machine, for programs that stand for services', () => {
  const starters = imports.filter(
    ({ file, from }) =>
      from === 'node:child_process' && ['load', 'machine', 'providers'].includes(partOf(file)),
  );
  const places = starters.map(({ file }) => file).sort();
  expect(places).toEqual(['src/load/project/git.ts', 'src/machine/carry-out.ts', 'src/providers/program.ts']);
});

test('only cli knows the process', () => {
  const strays = files
    .filter((file) => !['cli', 'docker'].includes(partOf(file)))
    .filter((file) => /\bprocess\.|\bconsole\./.test(withoutComments(readFileSync(file, 'utf8'))));
  expect(strays).toEqual([]);
});

function violationOf(file: string, from: string, typeOnly: boolean): string[] {
  if (file === 'src/index.ts') {
    const hidden = ['terminal', 'cli'].includes(partOf(from));
    return hidden ? [`${file} imports ${from}: the public API has no screen`] : [];
  }
  const part = partOf(file);
  const rule = rules[part];
  if (rule === undefined) return [`${file} is in no known part`];
  const told = [`${file} imports ${from}: ${rule.why}`];
  if (from.startsWith('src/')) return partOf(from) === part || rule.parts.includes(partOf(from)) ? [] : told;
  if (isBuiltin(from)) return part === 'model' || (part === 'plan' && from !== 'node:crypto') ? told : [];
  if (from === 'package.json') return part === 'cli' ? [] : told;
  const allowed = rule.packages.some((name) => from === name || from.startsWith(`${name}/`));
  return allowed || (typeOnly && from === 'node') ? [] : told;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')));
}

/** Static, dynamic and re-exporting imports; local ones as paths from the top. */
function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(file, 'utf8'));
  const found = [
    ...text.matchAll(/(?:import|export)\s+(type\s+)?(?:[\w*\s{},]+?\s+from\s+)?'([^']+)'/g),
    ...text.matchAll(/import\((\s*)'([^']+)'\)/g),
  ];
  return found.map(([, type, from = '']) => ({
    file,
    from: from.startsWith('.') ? path.posix.join(path.posix.dirname(file), from) : from,
    typeOnly: type !== undefined && type.trim() === 'type',
  }));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function partOf(file: string): string {
  return file.split('/')[1] ?? '';
}
