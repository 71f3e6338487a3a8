import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { type FileText, readText } from '../../src/load/files.ts';
import { loadStack } from '../../src/load/load.ts';
import { folder, loadText, problemsIn, request, shortly } from './folder.ts';

// Files that no person wrote, and paths that are no files: each must end with words, soon and in little memory.

const service = 'services: {a: {image: i}}\n';

test('a file that is too large is not read', async () => {
  const directory = folder({ 'stack.yaml': service });
  truncateSync(path.join(directory, 'stack.yaml'), 100 * 1024 ** 2);
  const [problem] = await problemsIn(loadStack(request(directory)));
  expect(problem).toMatchObject({ code: 'unreadable-file', cause: 'it has more than 32 MB' });
});

test.skipIf(process.platform === 'win32')('what is no file is read to its end, if it has one', async () => {
  expect(await readText('/dev/zero')).toEqual({ kind: 'unreadable', cause: 'it has more than 32 MB' });
  expect(await readText('/dev/null')).toEqual({ kind: 'text', text: '' });
});

test.skipIf(process.platform === 'win32')('a named pipe is read once something writes to it', async () => {
  const pipe = path.join(folder({}), 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await readText(pipe, 0)).toEqual({
    kind: 'unreadable',
    cause: 'it is a pipe, and nothing writes to it',
  });
  const reading = readText(pipe, 60_000);
  const writer = await open(pipe, 'w');
  await writer.write('A=');
  await writer.write('1');
  await writer.close();
  expect(await reading).toEqual({ kind: 'text', text: 'A=1' });
});

test.skipIf(process.platform === 'win32')('the pipes of a process are read', () => {
  const module = JSON.stringify(pathToFileURL(path.resolve('src/load/files.ts')).href);
  const script = `import { readText } from ${module};
    for (const path of process.argv.slice(1)) console.log(JSON.stringify(await readText(path)));`;
  const words = `echo in | "$0" --input-type=module -e "$1" /dev/stdin <(echo one) <(true)`;
  const output = execFileSync('bash', ['-c', words, process.execPath, script], { encoding: 'utf8' });
  const read = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FileText);
  expect(read).toEqual(['in\n', 'one\n', ''].map((text) => ({ kind: 'text', text })));
});

test.skipIf(process.platform === 'win32')('paths that lead to no file say why', async () => {
  const directory = folder({});
  mkdirSync(path.join(directory, 'folder'));
  symlinkSync('two', path.join(directory, 'one'));
  symlinkSync('one', path.join(directory, 'two'));
  const told = async (name: string) => {
    const file = await readText(path.join(directory, name));
    return file.kind === 'unreadable' ? file.cause : file.kind;
  };
  expect(await told('folder')).toBe('it is a folder');
  expect(await told('one')).toBe('it is a link that leads in a circle');
  expect(await told('a\0b')).toBe('its name has a character that no name may have');
  expect(await told('x'.repeat(5000))).toBe('its name is too long');
  expect(await told('nothing')).toBe('missing');
  expect(await told('nothing/below')).toBe('missing');
});

// Root may read every file.
test.skipIf(process.getuid?.() === 0)('a file that may not be read says so', async () => {
  const directory = folder({});
  writeFileSync(path.join(directory, 'secret'), 'A=1', { mode: 0 });
  expect(await readText(path.join(directory, 'secret'))).toEqual({
    kind: 'unreadable',
    cause: 'you may not read it',
  });
});

test('a folder with the name of a stack file is passed over', async () => {
  const directory = folder({ 'compose.yml': service });
  mkdirSync(path.join(directory, 'stack.yaml'));
  const { stack } = await loadStack(request(directory));
  expect(stack.files).toEqual([path.join(directory, 'compose.yml')]);
});

test.each([
  ['a list of many lines', `x-a:\n${'  - abc\n'.repeat(200_000)}${service}`, 'invalid-yaml'],
  ['a list in one line', `x-a: [${'a,'.repeat(2_500_000)}]\n${service}`, 'invalid-yaml'],
  ['many quotes', `x-a: ${'"'.repeat(100_001)}\n${service}`, 'invalid-yaml'],
  ['many opening brackets', `x-a: ${'['.repeat(10_000)}`, 'invalid-yaml'],
  ['many dashes', `${'- '.repeat(100_000)}a\n`, 'invalid-yaml'],
  [
    'many steps to the right',
    Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
    'invalid-yaml',
  ],
  ['many tabs', `${'\t'.repeat(1_000_000)}a: b\n`, 'invalid-yaml'],
  ['a key that is too long', `${'x'.repeat(5_000_000)}: a\n`, 'invalid-yaml'],
  [
    'variables in variables',
    `services: {a: {image: i, hostname: "${'${A:-'.repeat(100_000)}"}}\n`,
    'invalid-interpolation',
  ],
  ['a NUL', `${service}# \0\n`, 'invalid-yaml'],
])('%s: told once, at its place', async (_, text, code) => {
  const problems = await problemsIn(loadText(text));
  expect(problems.map((problem) => problem.code)).toEqual([code]);
  expect(problems[0]?.location).toBeDefined();
});

test.each([
  ['a long line', `services: {a: {image: i, hostname: "${'x'.repeat(5_000_000)}"}}\n`],
  ['many comments', `${'# x\n'.repeat(300_000)}${service}`],
  [
    'many anchors',
    `x-a:\n${Array.from({ length: 5000 }, (_, at) => `  a${at}: &a${at} v\n`).join('')}${service}`,
  ],
  ['many aliases', `x-a: &a v\nx-b: [${'*a, '.repeat(50_000)}]\n${service}`],
  ['many documents', `---\n${service}`.repeat(2000)],
])('%s: loads', async (_, text) => {
  const { stack, warnings } = await loadText(text);
  expect(stack.services.a?.image).toBe('i');
  expect(warnings).toEqual([]);
});

test('problems by the thousand are all told', async () => {
  const wrong = Array.from({ length: 3000 }, (_, at) => `  s${at}: {imge: i}\n`).join('');
  const problems = await problemsIn(loadText(`services:\n${wrong}`));
  expect(new Set(shortly(problems)).size).toBe(3000);
});
