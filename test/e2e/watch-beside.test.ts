import { afterEach, beforeEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type Running, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
let up: Running;

beforeEach(() => {
  project = createProject();
  project.write('w/Dockerfile', 'FROM busybox\nCOPY file /file\n');
  project.write('w/file', '1');
});

afterEach(() => project.remove());

const file = (value: string, own = 'one') => `
services:
  a:
    image: busybox
    init: true
    command: [sleep, infinity]
    environment: { V: ${value} }
    env_file: a.env
    labels: [${testLabel}=1]
  w:
    build: ./w
    init: true
    command: [sleep, infinity]
    environment: { OWN: ${own} }
    labels: [${testLabel}=1]
  follower:
    image: busybox
    init: true
    command: [sleep, infinity]
    depends_on: { w: { condition: service_started, restart: true } }
    labels: [${testLabel}=1]
`;

test('a save undoes nothing that another terminal has brought up', async () => {
  project.write('a.env', 'E=one');
  await begin(file('one'));
  const before = await idsOf();

  // Both carry out what the file says; whoever is later finds nothing to do.
  project.write('a.env', 'E=two');
  project.write('stack.yaml', file('two'));
  expect((await project.run(['up', '-d', 'a'])).code).toBe(0);
  await up.waitFor(/stack.yaml(?: and 1 more)? changed|a\.env and 1 more changed/);
  await up.waitFor(/updated in|no container had to change/);
  const between = await idsOf();
  expect(between['a-1']).not.toBe(before['a-1']);

  // What only another terminal knows of stays: another file, and what was stopped.
  project.write('more.yaml', 'services: { a: { environment: { MORE: yes-it-is } } }');
  expect((await project.run(['-f', 'stack.yaml', '-f', 'more.yaml', 'up', '-d', 'a'])).code).toBe(0);
  const other = await idsOf();
  expect(other['a-1']).not.toBe(between['a-1']);
  project.write('stack.yaml', file('two', 'two'));
  await up.waitFor(/w and follower updated in/);
  // How often something was updated before depends on who came first.
  project.write('w/file', '2');
  await up.waitFor(/rebuilt in/);
  expect((await idsOf())['a-1']).toBe(other['a-1']);
  expect(await inside('a', 'echo $V $E $MORE')).toBe('two two yes-it-is\n');
  expect(await inside('w', 'echo $OWN; cat /file')).toBe('two\n2');
});

test('files that cannot be used are told, and what they said before counts', async () => {
  project.write('a.env', 'E=one');
  await begin(file('one'));
  const before = await idsOf();
  project.write('stack.yaml', 'services: { a: [');
  await save('2', 1);
  expect(up.output()).toMatch(/the files of the stack have changed and cannot be used: /);
  expect((await idsOf())['a-1']).toBe(before['a-1']);
  expect((await containersOf(project.name)).map(({ state }) => state)).toEqual([
    'running',
    'running',
    'running',
  ]);
  project.write('stack.yaml', file('one'));
  expect(await inside('w', 'cat /file')).toBe('2');
});

test('a save keeps as many containers as another terminal has wished for, also none', async () => {
  project.write('a.env', 'E=one');
  await begin(file('one'));
  expect((await project.run(['scale', 'w=2'])).code).toBe(0);
  await save('2', 1);
  expect(Object.keys(await idsOf()).sort()).toEqual(['a-1', 'follower-1', 'w-1', 'w-2']);
  expect(await inside('w', 'cat /file')).toBe('2');
  expect((await project.run(['scale', 'w=0'])).code).toBe(0);
  project.write('w/file', '3');
  await up.waitFor(/✓ .* build image/, 3);
  // One change comes after the other: now all that the one before led to is done.
  project.write('w/file', '4');
  await up.waitFor(/✓ .* build image/, 4);
  expect(Object.keys(await idsOf()).sort()).toEqual(['a-1', 'follower-1']);
});

/** Brings the stack up and waits until no change can be missed any more. */
async function begin(text: string): Promise<void> {
  project.write('stack.yaml', text);
  up = await project.watch(['up', '--watch']);
}

/** Saves a file of the built service; resolves when that many saves have led to new containers. */
async function save(text: string, times: number): Promise<void> {
  project.write('w/file', text);
  await up.waitFor(/(?:rebuilt|updated) in/, times);
}

async function idsOf(): Promise<Readonly<Record<string, string>>> {
  const containers = await containersOf(project.name);
  return Object.fromEntries(containers.map(({ name, id }) => [name.replace(`${project.name}-`, ''), id]));
}

async function inside(name: string, command: string): Promise<string> {
  return (await project.run(['exec', '-T', name, 'sh', '-c', command])).stdout;
}
