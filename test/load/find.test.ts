// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of stack files.
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { folder, problemsIn, request, shortly } from './folder.ts';

const image = (name: string) => `services: {a: {image: ${name}}}\n`;

/** The image of service `a`, which tells which file won. */
async function imageIn(directory: string, more: Parameters<typeof request>[1] = {}) {
  const { stack } = await loadStack(request(directory, more));
  return stack.services.a?.image;
}

test('stack files come before those of Compose, in this order', async () => {
  const names = [
    'stack.yaml',
    'stack.yml',
    'compose.yaml',
    'compose.yml',
    'docker-compose.yml',
    'docker-compose.yaml',
  ];
  for (const [index, name] of names.entries()) {
    const present = Object.fromEntries(names.slice(index).map((other) => [other, image(other)]));
    expect(await imageIn(folder(present))).toBe(name);
  }
});

test('several base files are a warning', async () => {
  const directory = folder({ 'stack.yaml': image('a'), 'compose.yaml': image('b') });
  const problems = await problemsIn(loadStack(request(directory)));
  expect(problems.map(({ message, severity }) => [severity, message])).toEqual([
    ['warning', 'there are several stack files; stack.yaml is used, compose.yaml is not'],
  ]);
});

test('the folders above are searched, and the override stands beside the base', async () => {
  const directory = folder({
    'compose.yaml': image('base'),
    'compose.override.yml': 'services: {a: {tty: true}}',
    'compose.override.yaml': 'services: {a: {init: true}}',
    'stack.override.yaml': 'services: {a: {privileged: true}}',
    'deep/down/.keep': '',
    'deep/compose.override.yml': image('elsewhere'),
  });
  const { stack } = await loadStack(request(path.join(directory, 'deep/down')));
  expect(stack.services.a).toMatchObject({ image: 'base', tty: true });
  expect(stack.services.a).not.toHaveProperty('init');
  expect(stack.services.a).not.toHaveProperty('privileged');
  expect(stack).toMatchObject({ name: 'p', directory });
  expect(stack.files.map((file) => path.basename(file))).toEqual(['compose.yaml', 'compose.override.yml']);
});

test('a stack file has an override of its own', async () => {
  const directory = folder({
    'stack.yml': image('a'),
    'stack.override.yml': image('b'),
    'compose.override.yaml': image('c'),
  });
  expect(await imageIn(directory)).toBe('b');
});

test('files of -f beat COMPOSE_FILE, which beats what is found, and neither takes overrides by itself', async () => {
  const directory = folder({
    'compose.yaml': image('found'),
    'compose.override.yaml': image('override'),
    'x/1.yaml': image('one'),
    '2.yaml': 'services: {a: {tty: true}}',
  });
  expect(await imageIn(directory)).toBe('override');
  const environment = { COMPOSE_FILE: 'x/1.yaml:2.yaml' };
  const { stack } = await loadStack(request(directory, { environment }));
  expect(stack).toMatchObject({ name: 'x', directory: path.join(directory, 'x') });
  expect(stack.services.a).toMatchObject({ image: 'one', tty: true });
  expect(await imageIn(directory, { environment, files: ['compose.yaml'] })).toBe('found');
  const separated = { COMPOSE_FILE: '2.yaml,x/1.yaml', COMPOSE_PATH_SEPARATOR: ',' };
  expect(await imageIn(directory, { environment: separated })).toBe('one');
});

test('standard input can be one of the files', async () => {
  const directory = folder({ 'a.yaml': image('file') });
  const readStdin = async () => 'services: {a: {tty: true}}';
  const { stack, read } = await loadStack(request(directory, { files: ['a.yaml', '-'], readStdin }));
  expect(stack.services.a).toMatchObject({ image: 'file', tty: true });
  expect(read).toEqual([path.join(directory, 'a.yaml')]);
});

test('no file, and a named file that does not exist', async () => {
  const directory = folder({});
  expect(shortly(await problemsIn(loadStack(request(directory))))).toEqual(['- no-stack-file']);
  const [problem] = await problemsIn(loadStack(request(directory, { files: ['none.yaml'] })));
  expect(problem).toMatchObject({
    code: 'no-stack-file',
    message: 'the stack file none.yaml does not exist',
  });
  const [folderGiven] = await problemsIn(loadStack(request(directory, { files: ['.'] })));
  expect(folderGiven).toMatchObject({ code: 'unreadable-file' });
});

test('variables: the process, then .env of the current folder, then .env of the project', async () => {
  const directory = folder({
    'compose.yaml': image('$A.b$B.c$C.d$D'),
    '.env': 'A=project\nB=project\nC=project\nD=$E\n',
    'sub/.env': 'A=current\nB=current\nE=seen\n',
  });
  const sub = path.join(directory, 'sub');
  expect(await imageIn(sub, { environment: { A: 'process' } })).toBe('process.bcurrent.cproject.dseen');
  expect(await imageIn(sub, { environment: { A: 'x', COMPOSE_DISABLE_ENV_FILE: '1' } })).toBe('x.b.c.d');
  const { read } = await loadStack(request(sub));
  expect(read.toSorted()).toEqual(
    ['.env', 'compose.yaml', 'sub/.env'].map((name) => path.join(directory, name)).toSorted(),
  );
});

test('COMPOSE_ENV_FILES replaces .env, and must exist', async () => {
  const directory = folder({
    'compose.yaml': image('$A-$B'),
    '.env': 'A=no',
    '1.env': 'A=1\nB=1',
    '2.env': 'B=2$A',
  });
  expect(await imageIn(directory, { environment: { COMPOSE_ENV_FILES: '1.env,2.env' } })).toBe('1-21');
  const missing = await problemsIn(
    loadStack(request(directory, { environment: { COMPOSE_ENV_FILES: 'no.env' } })),
  );
  expect(missing.map(({ code }) => code)).toContain('missing-env-file');
});

test('.env steers which files are loaded and what the project is called', async () => {
  const directory = folder({
    'x.yaml': 'services: {a: {image: "$COMPOSE_PROJECT_NAME"}}',
    '.env': 'COMPOSE_FILE=x.yaml\nCOMPOSE_PROJECT_NAME=fromenv\n',
  });
  expect(await imageIn(directory)).toBe('fromenv');
});

test('the project name: -p, the variable, the last file, the folder', async () => {
  const directory = folder({ '1.yaml': `name: First\n${image('a')}`, '2.yaml': 'name: "Se.cond${X}"' });
  const name = async (more: Parameters<typeof request>[1]) =>
    (await loadStack(request(directory, { files: ['1.yaml'], ...more }))).stack.name;
  const environment = { COMPOSE_PROJECT_NAME: 'variable' };
  expect(await name({ projectName: 'option', environment })).toBe('option');
  expect(await name({ environment })).toBe('variable');
  expect(await name({ files: ['1.yaml', '2.yaml'], environment: { X: '_3' } })).toBe('second_3');
  expect(await name({})).toBe('first');
  for (const projectName of ['Foo', '-x', 'a.b']) {
    const problems = await problemsIn(loadStack(request(directory, { files: ['1.yaml'], projectName })));
    expect(shortly(problems)).toEqual(['- invalid-project-name']);
  }
});

test('relative paths belong to the project directory, whatever file they stand in', async () => {
  const directory = folder({
    'a.yaml': 'services: {a: {image: a, volumes: ["./one:/one"]}}',
    'sub/b.yaml': 'services: {a: {build: ctx, volumes: ["~/two:/two"]}}',
  });
  const more = { files: ['a.yaml', 'sub/b.yaml'], environment: { HOME: '/home/me' } };
  const { stack } = await loadStack(request(directory, more));
  expect(stack.services.a?.build?.context).toBe(path.join(directory, 'ctx'));
  expect(stack.services.a?.volumes).toMatchObject([
    { source: path.join(directory, 'one') },
    { source: '/home/me/two' },
  ]);
  const moved = await loadStack(request(directory, { ...more, projectDirectory: 'sub' }));
  expect(moved.stack).toMatchObject({ name: 'sub', directory: path.join(directory, 'sub') });
});

test('without a file that is named, the search begins in the project directory', async () => {
  const directory = folder({
    'compose.yaml': 'services:\n  outer: {image: x}\n',
    'a/compose.yaml': 'services:\n  inner: {image: "x:${TAG}"}\n',
    'a/.env': 'TAG=1\n',
    'a/b/.env': 'TAG=2\n',
  });
  const found = async (projectDirectory: string, more = {}) => {
    const { stack } = await loadStack(request(directory, { ...more, projectDirectory }));
    return [path.relative(directory, stack.files[0] ?? ''), stack.name, stack.services.inner?.image];
  };
  expect(await found('a')).toEqual(['a/compose.yaml', 'a', 'x:1']);
  expect(await found('a/b')).toEqual(['a/compose.yaml', 'b', 'x:2']);
  expect(await found('a', { files: ['compose.yaml'] })).toEqual(['compose.yaml', 'a', undefined]);
});
