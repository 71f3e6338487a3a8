import { afterEach, expect, test } from 'vitest';
import { askEngine, containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
const seen = new Set<string>();
afterEach(async () => {
  await project.run(['-p', `${project.name}-copy`, 'down', '--volumes']);
  await project.remove();
  for (const name of seen) await askEngine('DELETE', `/volumes/${name}`, { force: '1' });
  seen.clear();
});

const file = (edition: number) => `services:
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    scale: 2
    labels: [${testLabel}=1]
    environment: { EDITION: ${edition} }
    volumes: ["/cache"]
networks: { default: { labels: [${testLabel}=1] } }
`;

async function volumesByReplica(): Promise<readonly (string | undefined)[]> {
  const containers = await containersOf(project.name);
  const names = containers
    .toSorted((a, b) => a.number - b.number)
    .map(({ mounts }) => mounts.find(({ target }) => target === '/cache')?.name);
  for (const name of names) if (name !== undefined) seen.add(name);
  return names;
}

async function run(...words: readonly string[]): Promise<string> {
  const { code, output, stdout } = await project.run(words);
  expect(code, output).toBe(0);
  return stdout;
}

const read = (index: number, ...before: readonly string[]) =>
  run(
    ...before,
    'exec',
    '-T',
    '--index',
    String(index),
    'web',
    'sh',
    '-c',
    'cat /cache/file 2>/dev/null || true',
  );

test('each replica keeps its anonymous volume when it is replaced or others come and go; -V and copies leave it be', async () => {
  project = createProject({ file: file(1) });
  await run('up', '-d');
  for (const index of [1, 2])
    await run('exec', '-T', '--index', String(index), 'web', 'sh', '-c', `echo of ${index} > /cache/file`);
  const volumes = await volumesByReplica();

  project.write('stack.yaml', file(2));
  // Nobody writes to such a volume beside the container that has it: the old one stops first.
  expect(await run('--json', 'up', '-d')).toContain('"stopsFirst":');
  expect(await volumesByReplica()).toEqual(volumes);
  await run('up', '-d', '--force-recreate');
  await run('scale', 'web=3');
  await run('scale', 'web=2');
  expect([await read(1), await read(2)]).toEqual(['of 1\n', 'of 2\n']);
  expect((await volumesByReplica()).slice(0, 2)).toEqual(volumes);

  await run('up', '-d', '--name', `${project.name}-copy`);
  expect([await read(1, '-p', `${project.name}-copy`), await read(1)]).toEqual(['', 'of 1\n']);

  await run('up', '-d', '--renew-anon-volumes');
  expect(await read(1)).toBe('');
  const { Volumes } = await askEngine<{ Volumes: readonly { Name: string }[] }>('GET', '/volumes');
  const left = new Set(Volumes.map(({ Name }) => Name));
  expect(volumes.filter((name) => !left.has(name ?? ''))).toEqual([]);
  await volumesByReplica();
});
