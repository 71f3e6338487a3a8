import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import {
  createProject,
  launcher,
  type Running,
  type TestProject,
  testLabel,
  underTest,
} from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let project: TestProject;
let up: Running;
let terminal: Terminal | undefined;

beforeEach(() => {
  project = createProject();
});

afterEach(async () => {
  terminal?.dispose();
  terminal = undefined;
  await project.remove();
});

const service = (name: string, more = '', image = 'image: busybox') => `
  ${name}:
    ${image}
    init: true
    command: [sh, -c, 'echo ${name} begins; exec sleep infinity']
    labels: [${testLabel}=1]
    ${more}
`;

test('what the files of the stack say is carried out as they are saved, and no other container is touched', async () => {
  for (const folder of ['one', 'two']) {
    project.write(`${folder}/Dockerfile`, 'FROM busybox\nCOPY file /file\n');
    project.write(`${folder}/file`, folder);
  }
  project.write('more/stack.yaml', `services:${service('included')}`);
  project.write('web.env', 'LEVEL=one\n');
  project.write('.env', 'WORD=one\n');
  const web = service('web', 'env_file: web.env\n    environment: { V: "${WORD}" }');
  const base = `include: [more/stack.yaml]\nservices:${web}${service('still')}`;
  project.write('stack.yaml', base + service('app', '', 'build: ./one'));
  up = await project.watch(['up', '--watch']);
  const before = await idsOf();

  // An env file, the file of variables, an included file, and an override that was not there.
  project.write('web.env', 'LEVEL=two\n');
  await up.waitFor(/web\.env changed\n +replace container .*-web-1: environment\.LEVEL: one → two/);
  await updated(1);
  project.write('.env', 'WORD=two\n');
  await updated(2);
  expect(await inside('web', 'echo $LEVEL $V')).toBe('two two\n');
  project.write('more/stack.yaml', `services:${service('included', 'environment: { V: new }')}`);
  await updated(3);
  expect(await inside('included', 'echo $V')).toBe('new\n');
  project.write('stack.override.yaml', 'services: { web: { environment: { OVER: yes-it-is } } }\n');
  await updated(4);
  expect(await inside('web', 'echo $OVER')).toBe('yes-it-is\n');

  // What cannot be used is told with its place, and all stays as it is.
  const mended = await idsOf();
  project.write('stack.yaml', `${base}\n  broken: [\n`);
  await up.waitFor(/stack\.yaml:\d+:\d+ warning: the files of the stack have changed and cannot be used: /);
  expect(await idsOf()).toEqual(mended);

  // A new service, which is heard of and watched, and another folder to build from.
  project.write(
    'stack.yaml',
    `${base}${service('app', '', 'build: ./two')}${service('late', '', 'build: ./one')}`,
  );
  await up.waitFor(/late-1 .*late begins/);
  await updated(5);
  expect(await inside('app', 'cat /file')).toBe('two');
  project.write('two/file', 'two again');
  await up.waitFor(/two\/file changed → rebuild app/);
  await updated(6);
  expect(await inside('app', 'cat /file')).toBe('two again');
  project.write('one/file', 'one again');
  await up.waitFor(/one\/file changed → rebuild late/);
  await updated(7);
  const after = await idsOf();
  expect(after['still-1']).toBe(before['still-1']);
  expect(after['included-1']).toBe(mended['included-1']);

  // A comment changes nothing; what would remove something is only told.
  project.write('stack.override.yaml', 'services: { web: { environment: { OVER: yes-it-is } } } # so\n');
  await up.waitFor(/stack\.override\.yaml changed: nothing to do/);
  rmSync(path.join(project.directory, 'stack.override.yaml'));
  await updated(8);
  project.write('stack.yaml', `${base}${service('app', '', 'build: ./two')}`);
  await up.waitFor(/not applied yet: it removes .*-late-1\n[\s\S]*stack up -d --remove-orphans/);
  expect(Object.keys(await idsOf())).toContain('late-1');
});

test('a person is asked for what removes something', async () => {
  project.write('stack.yaml', `services:${service('web')}${service('old')}`);
  terminal = openTerminal({
    command: underTest,
    args: [launcher, 'up'],
    cwd: project.directory,
    env: { ...project.environment, CI: undefined, NO_COLOR: undefined },
    columns: 120,
    rows: 30,
  });
  await terminal.waitFor(/watching stack\.yaml/);
  project.write('stack.yaml', `services:${service('web', 'environment: { V: one }')}`);
  await terminal.waitFor(/not applied yet: it removes .*-old-1/);
  await terminal.waitFor(/a applies it/);
  expect(Object.keys(await idsOf()).sort()).toEqual(['old-1', 'web-1']);
  terminal.type('a');
  await terminal.waitFor(/apply what the file says\? It removes .*-old-1/);
  terminal.type('y');
  await terminal.waitFor(/apply what the file says: done/);
  expect(Object.keys(await idsOf())).toEqual(['web-1']);
  expect(await inside('web', 'echo $V')).toBe('one\n');
  // What was applied is what the next save is compared with.
  project.write('stack.yaml', `services:${service('web', 'environment: { V: two }')}`);
  await terminal.waitFor(/stack\.yaml changed[\s\S]*web updated in/);
  await expect.poll(() => inside('web', 'echo $V')).toBe('two\n');
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 0 });
});

/** Waits until that many changes have been carried out. */
async function updated(times: number): Promise<void> {
  await up.waitFor(/(?:updated|rebuilt) in/, times);
}

async function idsOf(): Promise<Readonly<Record<string, string>>> {
  const containers = await containersOf(project.name);
  return Object.fromEntries(containers.map(({ name, id }) => [name.replace(`${project.name}-`, ''), id]));
}

async function inside(name: string, command: string): Promise<string> {
  return (await project.run(['exec', '-T', name, 'sh', '-c', command])).stdout;
}
