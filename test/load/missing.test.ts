import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { parseDotenv, printDotenvLine } from '../../src/load/variables/dotenv.ts';
import { findWanting } from '../../src/load/wanting.ts';
import { problemsOf } from '../../src/model/problem.ts';
import { folder, request } from './folder.ts';

const stack = [
  'x-stack:',
  '  env:',
  '    DB_PASSWORD: {generate: 24, describe: of the database}',
  '    ONLY_WISHED:',
  'services:',
  '  web:',
  '    image: nginx:${TAG:-1}',
  '    environment: {A: "${DB_PASSWORD}${ONLY_WISHED}", B: "${B:?say it}", C: "${C}", D: "${STRANGE}"}',
  '',
].join('\n');
const example = '# Where it is\n#   called\nB=b\n\n# far away\n\nC=\nDB_PASSWORD=change\nTAG=2\nUNUSED=1\n';

async function wantingIn(files: Record<string, string>, environment: Record<string, string> = {}) {
  const directory = folder({ 'stack.yaml': stack, ...files });
  const found = await findWanting({ ...request(directory), environment });
  return found?.variables.map(({ example: _, ...variable }) => variable);
}

async function refusal(files: Record<string, string>) {
  const directory = folder(files);
  return loadStack({ ...request(directory), complete: true }).then(
    () => [],
    (error) => problemsOf(error).filter(({ severity }) => severity === 'error'),
  );
}

test('what the stack uses, others know of and nobody has set is missing', async () => {
  expect(await wantingIn({ '.env.example': example })).toEqual([
    { name: 'B', describe: 'Where it is called', isSecret: false, mayBeBlank: false },
    { name: 'C', isSecret: false, mayBeBlank: true },
    { name: 'DB_PASSWORD', describe: 'of the database', generate: 24, isSecret: true, mayBeBlank: false },
    { name: 'ONLY_WISHED', isSecret: false, mayBeBlank: true },
  ]);
});

test('what is set here or outside is not missing, blank or not', async () => {
  const names = (found: readonly { readonly name: string }[] | undefined) => found?.map(({ name }) => name);
  const files = { '.env.sample': example, '.env': 'C=\nDB_PASSWORD=x\nB=\n' };
  expect(names(await wantingIn(files, { ONLY_WISHED: '' }))).toEqual(['B']);
  expect(names(await wantingIn(files, { ONLY_WISHED: '', B: 'x' }))).toEqual([]);
  const off = stack.replace(/env:[\s\S]*services:/, 'env: false\nservices:');
  expect(await wantingIn({ ...files, 'stack.yaml': off })).toEqual([]);
  expect(await wantingIn(files, { COMPOSE_ENV_FILES: '.env' })).toBeUndefined();
});

test('a command that brings services up is refused with all that is missing', async () => {
  const problems = await refusal({ 'stack.yaml': stack, '.env.dist': example });
  expect(problems.map(({ code, message, hint, location }) => [code, location?.line, message, hint])).toEqual([
    [
      'missing-variable',
      8,
      'the variable `DB_PASSWORD` needs a value: of the database',
      '`stack env --fill` makes one up and writes it into .env',
    ],
    [
      'missing-variable',
      8,
      'the variable `ONLY_WISHED` needs a value',
      'write ONLY_WISHED=… into .env; `stack env --fill` asks for it on a terminal',
    ],
    [
      'missing-variable',
      8,
      'the variable `B` needs a value: say it',
      '`stack env --fill` takes it from .env.dist into .env',
    ],
    [
      'missing-variable',
      8,
      'the variable `C` needs a value',
      '`stack env --fill` takes it from .env.dist into .env',
    ],
  ]);
});

test('an env file .env has to have all that the example has', async () => {
  const file = 'services:\n  web:\n    image: nginx\n    env_file: [.env]\n';
  const files = { 'stack.yaml': file, '.env.example': 'ONE=1\nTWO=\nKEY=k\n', '.env': 'KEY=mine\n' };
  expect(await refusal(files)).toEqual([
    expect.objectContaining({
      code: 'missing-variable',
      message: '.env, which is an env file here, has no `ONE`, `TWO`',
      service: 'web',
      location: expect.objectContaining({ line: 4, column: 16 }),
    }),
  ]);
  expect(await refusal({ ...files, '.env': 'ONE=\nTWO=\nKEY=\n' })).toEqual([]);
});

test.each([
  ['env: 1', '`x-stack.env` must be a map of variables, or `false`'],
  ['env: {"A B": {}}', '`A B` cannot be the name of a variable in a stack file'],
  ['env: {A: {generate: 4}}', '`x-stack.env.A.generate` must be a whole number from 8 to 1024'],
  ['env: {A: {genrate: 8}}', '`x-stack.env.A.genrate` is not known'],
])('x-stack: {%s} is refused', async (wish, message) => {
  const [problem] = await refusal({ 'stack.yaml': `x-stack: {${wish}}\nservices: {a: {image: b}}\n` });
  expect(problem?.message).toContain(message);
  expect(problem?.location?.line).toBe(1);
});

test.each([
  '',
  'a',
  'a b',
  ' a ',
  "it's",
  'a"b',
  '$HOME',
  '${X}',
  'a#b',
  'a #b',
  'back\\',
  '\\n',
  'two\nlines\r',
  "'\\\"$$'",
  'é=ü',
])('a line of .env gives %j back', (value) => {
  const context = { file: '.env', lookup: () => undefined, report: () => {} };
  const text = `${printDotenvLine('NAME', value)}\nNEXT=1\n`;
  const entries = [...parseDotenv(text, context)].map(([name, entry]) => [name, entry.value]);
  expect(entries).toEqual([
    ['NAME', value],
    ['NEXT', '1'],
  ]);
});
