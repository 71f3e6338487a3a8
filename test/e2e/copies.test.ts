import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine, containersOf, stateOf } from '../helpers/engine.ts';
import { freePort } from '../helpers/free-port.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
let copies: string[];
beforeEach(() => {
  project = createProject();
  copies = [];
});
afterEach(async () => {
  for (const copy of copies) await project.run(['-p', copy, 'down', '--volumes', '--rmi', 'local']);
  await project.remove();
});

function copyNamed(suffix: string): string {
  copies.push(`${project.name}-${suffix}`);
  return `${project.name}-${suffix}`;
}

/** A counter, by the protocol of Redis. */
async function increment(port: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('INCR counter\r\n');
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer).trim();
}

const portOf = async (words: readonly string[]): Promise<string> =>
  /:(\d+)\n$/.exec((await project.run([...words, 'port', 'db', '6379'])).stdout)?.[1] ?? '';

test('five copies come up at once beside the stack, each with its own port, names and data', async () => {
  const port = await freePort();
  project.write(
    'stack.yaml',
    `services:
  db:
    image: redis:7
    container_name: ${project.name}-the-db
    labels: [${testLabel}=1]
    ports: ["127.0.0.1:${port}:6379"]
    volumes: ["data:/data"]
    healthcheck: { test: [CMD, redis-cli, ping], interval: 1s }
  client: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1], depends_on: [db] }
networks: { default: { labels: [${testLabel}=1] } }
volumes: { data: { name: ${project.name}-named, labels: [${testLabel}=1] } }
`,
  );
  expect(await project.run(['up', '-d', '--wait'])).toMatchObject({ code: 0 });
  const names = ['a', 'b', 'c', 'd', 'e'].map(copyNamed);
  const ups = await Promise.all(names.map((name) => project.run(['up', '-d', '--wait', '--name', name])));
  expect(ups.map(({ code, output }) => (code === 0 ? 'up' : output))).toEqual(names.map(() => 'up'));
  const ports = await Promise.all(names.map((name) => portOf(['-p', name])));
  expect(new Set([...ports, String(port), '']).size).toBe(7);
  // Each has a counter of its own.
  for (const [index, one] of ports.entries())
    for (let count = 1; count <= index + 1; count++) expect(await increment(one)).toBe(`:${count}`);
  expect(await increment(String(port))).toBe(':1');

  const [first = ''] = names;
  expect((await containersOf(first)).map(({ name }) => name)).toContain(`${project.name}-the-db-${first}`);
  const known = ['exec', '-T', 'client', 'nslookup', `${project.name}-the-db`];
  expect(await project.run(['-p', first, ...known])).toMatchObject({ code: 0 });
  const listed = await project.run(['ls', '--json', '--filter', `name=^${project.name}`]);
  expect(JSON.parse(listed.stdout)).toEqual(
    [project.name, ...names].map((name, index) =>
      expect.objectContaining({
        Name: name,
        Folder: project.directory,
        URLs: [`127.0.0.1:${index === 0 ? port : ports[index - 1]}`],
      }),
    ),
  );
  const usage = await project.run(['ls', '--usage', '--filter', `name=^${first}$`]);
  expect(usage.stdout).toMatch(/^NAME +STATUS +AGE +CPU % +MEMORY +DISK +URLS +FOLDER +CONFIG FILES\n/);
  expect(usage.stdout).toMatch(/running\(2\) +\d+ \w+ +[\d.]+% +[\d.]+MiB +[\d.]+\w*B +127\.0\.0\.1:/);
  const composed = await project.run(['compose', 'ls', '--filter', `name=^${first}$`]);
  expect(composed.stdout).toMatch(/^NAME +STATUS +CONFIG FILES\n/);
  expect((await project.run(['-p', first, 'open', 'db'])).stdout).toBe(`127.0.0.1:${ports[0]}\n`);

  // The port stays, whichever way the copy is named later, and what is new in the file gets one.
  expect(await project.run(['-p', first, 'down'])).toMatchObject({ code: 0 });
  expect(await project.run(['-p', first, 'up', '-d', '--wait'])).toMatchObject({ code: 0 });
  expect(await portOf(['-p', first])).toBe(ports[0]);
  expect(await increment(ports[0] ?? '')).toBe(':2');

  const downs = await Promise.all(names.map((name) => project.run(['-p', name, 'down', '--volumes'])));
  expect(downs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  for (const name of names)
    expect(await stateOf(name)).toMatchObject({ containers: [], networks: [], volumes: [] });
  expect(await increment(String(port))).toBe(':2');
});

test('the volumes of a copy are empty, shared or cloned, and what writes meanwhile pauses', async () => {
  const file = `services:
  web:
    image: busybox
    command: [sh, -c, "cp -a /data /tmp/seen; exec sleep infinity"]
    init: true
    labels: [${testLabel}=1]
    volumes: ["data:/data"]
networks: { default: { labels: [${testLabel}=1] } }
volumes: { data: { labels: [${testLabel}=1] } }
`;
  project.write('stack.yaml', file);
  const write =
    'mkdir -p /data/deep && echo kept > /data/deep/file && ln -s deep/file /data/link && chown 7:8 /data/deep/file && chmod 640 /data/deep/file';
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  expect(await project.run(['exec', '-T', 'web', 'sh', '-c', write])).toMatchObject({ code: 0 });
  const [empty, shared, cloned] = [copyNamed('empty'), copyNamed('shared'), copyNamed('cloned')];
  const look = 'cat /data/link; stat -c "%u %g %a" /data/deep/file';
  const seenIn = async (name: string): Promise<string> =>
    (await project.run(['-p', name, 'exec', '-T', 'web', 'sh', '-c', look])).stdout;

  expect(await project.run(['up', '-d', '--name', empty])).toMatchObject({ code: 0 });
  expect(await seenIn(empty)).toBe('');
  expect(await project.run(['up', '-d', '--name', shared, '--data', 'share'])).toMatchObject({ code: 0 });
  expect(await seenIn(shared)).toBe('kept\n7 8 640\n');
  const cloning = await project.run(['--json', 'up', '-d', '--name', cloned, '--data', 'clone']);
  expect(cloning.code, cloning.output).toBe(0);
  expect(cloning.stdout).toContain(`${project.name}-web-1`);
  expect(cloning.stdout).toMatch(/copying, while [\w, -]+ pause/);
  expect(await seenIn(cloned)).toBe('kept\n7 8 640\n');
  expect((await containersOf(project.name)).map(({ state }) => state)).toEqual(['running']);
  expect(await project.run(['-p', cloned, 'exec', '-T', 'web', 'rm', '/data/link'])).toMatchObject({
    code: 0,
  });
  expect(await seenIn(shared)).toBe('kept\n7 8 640\n');

  // The data of the original is not the copy's to remove.
  expect(await project.run(['-p', shared, '-f', 'stack.yaml', 'down', '--volumes'])).toMatchObject({
    code: 0,
  });
  expect((await stateOf(project.name)).volumes).toHaveLength(1);
  const left = await askEngine<{ RepoTags: string[] | null }[]>('GET', '/images/json');
  expect(
    left.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith('stack-nothing')),
  ).toEqual([]);
});

test('a worktree is told how to come up as a copy, and words that do not go together are refused', async () => {
  const environment = { COMPOSE_PROJECT_NAME: '' };
  const file = `name: ${project.name}\nservices:\n  web: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1] }\nnetworks: { default: { labels: [${testLabel}=1] } }\n`;
  project.write('main/stack.yaml', file);
  project.write('pr-12/stack.yaml', file);
  mkdirSync(`${project.directory}/main/.git`);
  project.write('pr-12/.git', `gitdir: ${project.directory}/main/.git/worktrees/pr-12\n`);
  const inFolder = (folder: string, ...words: string[]) =>
    project.run(['--project-directory', folder, '-f', `${folder}/stack.yaml`, ...words], { environment });
  expect(await inFolder('main', 'up', '-d')).toMatchObject({ code: 0 });
  const refused = await inFolder('pr-12', 'up', '-d');
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('/pr-12, a git worktree\n');
  expect(refused.output).toContain('hint: to have both: stack up --isolated, or');
  const copy = copyNamed('pr-12');
  expect(await inFolder('pr-12', 'up', '-d', '--isolated')).toMatchObject({ code: 0 });
  expect(await containersOf(copy)).toHaveLength(1);
  for (const [words, told] of [
    [['--name', copy], `${copy} is a copy of the stack in ${project.directory}/pr-12`],
    [['--name', project.name], `${project.name} is the stack itself`],
    [['--data', 'clone'], '--data is about a copy'],
    [['--name', 'x', '--isolated'], '--name and --isolated are incompatible'],
  ] as const) {
    const { code, output } = await inFolder('main', 'up', '-d', ...words);
    expect([code, output]).toEqual([1, expect.stringContaining(told)]);
  }
});
