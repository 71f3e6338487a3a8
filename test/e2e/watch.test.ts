import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type Running, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
let watching: Running;

beforeEach(() => {
  project = createProject();
});

afterEach(() => project.remove());

const web = (rules: string, more = '') => `
services:
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    labels: [${testLabel}=1]
${more}
    develop:
      watch:
${rules}
`;

test('files reach every replica: new, changed, renamed, deleted, in folders, empty folders and links', async () => {
  project.write('src/deep/old.txt', 'old');
  await begin(web('        - { action: sync, path: ./src, target: /app }', '    scale: 2'));

  project.write('src/one.txt', 'one');
  mkdirSync(inProject('src/empty'));
  symlinkSync('one.txt', inProject('src/link'));
  project.write('src/large', 'x'.repeat(3_000_000));
  const first = ['/app', '/app/empty', '/app/large', '/app/link', '/app/one.txt'];
  await expect.poll(() => listing(1)).toEqual(first);
  await expect.poll(() => inside(['wc', '-c', '/app/large'])).toBe('3000000 /app/large\n');
  await expect.poll(() => listing(2)).toEqual(first);

  project.write('src/one.txt', 'two');
  await expect.poll(() => read('/app/one.txt', 2)).toBe('two');

  renameSync(inProject('src/one.txt'), inProject('src/two.txt'));
  rmSync(inProject('src/empty'), { recursive: true });
  const second = ['/app', '/app/large', '/app/link', '/app/two.txt'];
  await expect.poll(() => listing(1)).toEqual(second);
  await expect.poll(() => listing(2)).toEqual(second);
});

test('what a container has changed itself is told when a save takes its place, unless it is the same', async () => {
  await begin(web('        - { action: sync, path: ./src, target: /app }'));
  await save('src/one.txt', 'one');
  await inside(['sh', '-c', 'printf own >/app/one.txt']);
  await save('src/one.txt', 'two');
  expect(await read('/app/one.txt')).toBe('two');
  await watching.waitFor(/web-1 had changed \/app\/one\.txt itself; what was saved here has taken its place/);

  await save('src/two.txt', 'one');
  await inside(['sh', '-c', 'printf same >/app/two.txt']);
  await save('src/two.txt', 'same');
  expect(watching.output()).not.toContain('/app/two.txt itself');
});

test('a file may take the place of a folder, and a folder that of a file', async () => {
  project.write('src/thing/inside', '1');
  project.write('src/other', '1');
  await begin(web('        - { action: sync, path: ./src, target: /app, initial_sync: true }'));
  rmSync(inProject('src/thing'), { recursive: true });
  rmSync(inProject('src/other'));
  project.write('src/thing', 'file');
  project.write('src/other/inside', 'folder');
  await expect.poll(() => read('/app/thing')).toBe('file');
  await expect.poll(() => read('/app/other/inside')).toBe('folder');
});

test('include, ignore and .dockerignore hold; a single file has its target for itself', async () => {
  project.write('.dockerignore', 'src/secret\n');
  project.write('settings.conf', 'old');
  project.write('Dockerfile', 'FROM busybox\n');
  const rules = `
        - { action: sync, path: ./src, target: /app, include: ["**/*.js", secret], ignore: [vendor/] }
        - { action: sync, path: ./settings.conf, target: /etc/settings.conf }`;
  await begin(web(rules, '    build: .').replace('    image: busybox\n', ''));
  project.write('src/vendor/lib.js', '1');
  project.write('src/notes.txt', '1');
  project.write('src/secret', '1');
  project.write('src/.main.js.swp', '1');
  project.write('beside.conf', '1');
  project.write('settings.conf', 'new');
  project.write('src/main.js', '1');
  await expect.poll(() => listing(1)).toEqual(['/app', '/app/main.js']);
  await expect.poll(() => read('/etc/settings.conf')).toBe('new');
  // As editors do: another file takes the place of the old one.
  project.write('settings.conf.new', 'newer');
  renameSync(inProject('settings.conf.new'), inProject('settings.conf'));
  await expect.poll(() => read('/etc/settings.conf')).toBe('newer');
});

test('the user of the image can read and write what is synced, and it can be deleted again', async () => {
  project.write(
    'Dockerfile',
    `FROM busybox
RUN echo someone:x:4711:4711::/:/bin/sh >> /etc/passwd && mkdir /app && chown 4711 /app
USER someone
`,
  );
  const rules = '        - { action: sync, path: ./src, target: /app/src, initial_sync: true }';
  project.write('src/first', 'first');
  await begin(web(rules, '    build: .').replace('    image: busybox\n', ''));
  expect(await inside(['sh', '-c', 'echo more >> /app/src/first && cat /app/src/first'])).toBe('firstmore\n');
  mkdirSync(inProject('src/folder'), { mode: 0o700 });
  project.write('src/folder/private', 'mine');
  await expect.poll(() => inside(['stat', '-c', '%U', '/app/src/folder/private'])).toBe('someone\n');
  rmSync(inProject('src/folder'), { recursive: true });
  await expect.poll(() => inside(['ls', '/app/src'])).toBe('first\n');
});

test('an image with nothing in it but its program gets files, and loses them again', async () => {
  project.write('Dockerfile', 'FROM busybox AS tools\nFROM scratch\nCOPY --from=tools /bin/sleep /sleep\n');
  project.write('src/folder/file', '1');
  project.write('src/kept', '1');
  const rules = '        - { action: sync, path: ./src, target: /app, initial_sync: true }';
  const file = web(rules, '    build: .').replace('    image: busybox\n', '').replace('[sleep,', '[/sleep,');
  await begin(file);
  rmSync(inProject('src/folder'), { recursive: true });
  let copies = 0;
  const copied = async () => {
    copies += 1;
    const { output } = await project.run(['cp', 'web:/', inProject(`all${copies}`)]);
    expect(output).not.toContain('error');
    const all = readdirSync(inProject(`all${copies}`));
    return [
      ...readdirSync(inProject(`all${copies}/app`)),
      ...all.filter((name) => name.startsWith('.stack')),
    ];
  };
  await expect.poll(copied).toEqual(['kept']);
});

test('initial_sync: the files are there before the process starts', async () => {
  project.write('src/main.sh', 'echo began with the new file; exec sleep infinity');
  const rules = '        - { action: sync, path: ./src, target: /app, initial_sync: true }';
  await begin(web(rules).replace('[sleep, infinity]', '[sh, /app/main.sh]'));
  const logs = async () => (await project.run(['logs', '--no-log-prefix'])).stdout;
  await expect.poll(logs).toBe('began with the new file\n');
});

test('restart restarts, sync+restart after the files are there and with what asks for it, sync+exec runs its command', async () => {
  project.write('web.conf', 'a');
  project.write('now', '1');
  const rules = `
        - { action: sync+restart, path: ./web.conf, target: /web.conf }
        - { action: restart, path: ./now }
        - action: sync+exec
          path: ./pages
          target: /pages
          exec:
            command: sh -c 'ls /pages; echo $$WHO in $$PWD as $$(id -u)'
            user: "1000"
            working_dir: /tmp
            environment: { WHO: me }`;
  const dependant = `
  proxy:
    image: busybox
    command: [sh, -c, 'echo proxy began; exec sleep infinity']
    init: true
    labels: [${testLabel}=1]
    depends_on:
      web: { condition: service_started, restart: true }
`;
  const command = "[sh, -c, 'cat /web.conf; echo; exec sleep infinity']";
  project.write('web.conf', 'first');
  await begin(web(rules, '').replace('[sleep, infinity]', command) + dependant);
  await save('web.conf', 'second');
  await save('now', '2');
  const logs = async (service: string) =>
    (await project.run(['logs', '--no-log-prefix', service])).stdout
      .split('\n')
      .filter((line) => line !== '');
  await expect.poll(async () => (await logs('web')).slice(-2)).toEqual(['second', 'second']);
  await expect.poll(() => logs('proxy')).toEqual(['proxy began', 'proxy began', 'proxy began']);
  project.write('pages/index.html', 'hello');
  await watching.waitFor(/web +index\.html\n.*web +me in \/tmp as 1000\n/);
});

test('what changes while the services come up is not missed', async () => {
  mkdirSync(inProject('gate'));
  const gate = `
  gate:
    image: busybox
    command: [sleep, infinity]
    init: true
    labels: [${testLabel}=1]
    volumes: [./gate:/gate]
    healthcheck: { test: [CMD, test, -e, /gate/open], interval: 1h, retries: 100 }
`;
  const needs = '    depends_on: { gate: { condition: service_healthy } }';
  mkdirSync(inProject('src'));
  project.write('stack.yaml', web('        - { action: sync, path: ./src, target: /app }', needs) + gate);
  watching = project.start(['watch']);
  await watching.waitFor(/gate +start container/);
  project.write('src/late', 'late');
  project.write('gate/open', '');
  await expect.poll(() => read('/app/late')).toBe('late');
});

test('what a service sees through a bind mount is not watched, and that is told', async () => {
  project.write('src/a', '1');
  const rules = `
        - { action: sync, path: ./src, target: /app }
        - { action: sync, path: ./other, target: /other }`;
  await begin(web(rules, '    volumes: [./src:/src]'));
  expect(watching.output()).toContain(`web sees ${inProject('src')} through a bind mount`);
  project.write('src/a', '2');
  project.write('other/b', '2');
  await expect.poll(() => inside(['sh', '-c', 'ls -d /app /other || true'])).toBe('/other\n');
});

describe('who watches', () => {
  const rules = '        - { action: sync, path: ./src, target: /app }';

  test('one at a time; a second one is refused, and the services run on when the first ends', async () => {
    await begin(web(rules));
    const second = await project.run(['watch', '--no-up']);
    expect(second.code).toBe(1);
    expect(second.output).toMatch(
      new RegExp(`${project.name} is being watched by .stack watch. \\(process \\d+\\)`),
    );
    // Who only wants the stack to be up gets that, without watching.
    const third = project.start(['up', '--watch']);
    await third.waitFor(/warning: .* is being watched by/);
    await third.waitFor(/ready, nothing had to change/);
    third.signal('SIGTERM');
    await third.finished;
    await project.run(['start']);
    watching.signal('SIGINT');
    expect((await watching.finished).code).toBe(130);
    expect((await containersOf(project.name)).map(({ state }) => state)).toEqual(['running']);
  });

  test('--no-up leaves things as they are, and syncs what initial_sync asks for', async () => {
    project.write('src/a', 'a');
    const file = web(rules.replace(' }', ', initial_sync: true }'), '    labels: [more=1]');
    project.write('stack.yaml', web(rules));
    await project.run(['up', '-d']);
    const [before] = await containersOf(project.name);
    project.write('stack.yaml', file.replace(`    labels: [${testLabel}=1]\n`, ''));
    await project.watch(['watch', '--no-up']);
    expect((await containersOf(project.name))[0]?.id).toBe(before?.id);
    expect(await read('/app/a')).toBe('a');
  });

  test('up --watch with nothing to watch is refused before anything is done', async () => {
    project.write('stack.yaml', web('').replace(/ {4}develop:.*/s, ''));
    const { code, output } = await project.run(['up', '--watch']);
    expect(code).toBe(1);
    expect(output).toContain('none of the selected services is configured for watch');
    expect(await containersOf(project.name)).toEqual([]);
  });

  test('with nothing to watch the services come up, and the command fails', async () => {
    project.write('stack.yaml', web('').replace(/ {4}develop:.*/s, ''));
    const { code, output } = await project.run(['watch']);
    expect(code).toBe(1);
    expect(output).toContain('none of the selected services is configured for watch');
    expect((await containersOf(project.name)).map(({ state }) => state)).toEqual(['running']);
  });
});

function inProject(file: string): string {
  return path.join(project.directory, file);
}

/** Starts watching, and waits until no change can be missed any more. */
async function begin(file: string): Promise<void> {
  project.write('stack.yaml', file);
  for (const folder of ['src', 'pages', 'other'])
    if (!existsSync(inProject(folder))) mkdirSync(inProject(folder));
  watching = await project.watch(['watch']);
}

/** Saves a file, and waits until all is done that this leads to. */
async function save(file: string, text: string): Promise<void> {
  const before = watching.output().split('updated in').length;
  project.write(file, text);
  await watching.waitFor(/updated in/, before);
}

async function inside(command: readonly string[], index = 1): Promise<string> {
  const { stdout } = await project.run(['exec', '-T', '--index', String(index), 'web', ...command]);
  return stdout;
}

function read(file: string, index = 1): Promise<string> {
  return inside(['cat', file], index);
}

async function listing(index: number): Promise<readonly string[]> {
  return (await inside(['find', '/app'], index)).trim().split('\n').sort();
}
