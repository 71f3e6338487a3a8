import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine, containersOf, testRuntime } from '../helpers/engine.ts';
import { createProject, type Running, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

const service = (name: string, more: string) => `
  ${name}:
    init: true
    command: [sleep, infinity]
    labels: [${testLabel}=1]
    ${more}
`;

test('a build that fails is told and leaves the container alone; the next save mends it, with its volumes and no remains but the image before', async () => {
  project.write('Dockerfile', 'FROM busybox\nCOPY main /main\nVOLUME /data\n');
  project.write('main', '1');
  const rules =
    'develop: { watch: [{ action: rebuild, path: ./main }, { action: rebuild, path: ./Dockerfile }] }';
  const watching = await begin(
    service('web', `build: .\n    ${rules}`) + service('next', 'image: busybox\n    depends_on: [web]'),
  );
  const [before] = (await containersOf(project.name)).filter((one) => one.service === 'web');
  await inside('web', 'echo kept > /data/file');

  project.write('Dockerfile', 'FROM busybox\nCOPY missing /main\nVOLUME /data\n');
  await watching.waitFor(/could not build image .*-web/);
  expect((await containersOf(project.name)).find(({ id }) => id === before?.id)?.state).toBe('running');

  project.write('Dockerfile', 'FROM busybox\nCOPY main /main\nRUN echo mended >> /main\nVOLUME /data\n');
  await watching.waitFor(/rebuilt in/);
  expect(await inside('web', 'cat /main /data/file')).toBe('1mended\nkept\n');
  const { containers } = await (await testRuntime()).observe(
    { project: project.name, images: [], networks: [], volumes: [] },
    new AbortController().signal,
  );
  expect(containers.map(({ state }) => state)).toEqual(['running', 'running']);
  expect(await danglingImages()).toHaveLength(1); // to go back to
});

test('--prune=false keeps what an image was before, --quiet tells nothing of builds', async () => {
  project.write('Dockerfile', 'FROM busybox\nRUN echo said by the build\nCOPY main /main\n');
  project.write('main', '1');
  project.write(
    'stack.yaml',
    `services:${service('web', `build: { context: ., labels: [${testLabel}=1] }`)}`,
  );
  const watching = await project.watch(['watch', '--prune=false', '--quiet']);
  project.write('main', '2');
  await watching.waitFor(/rebuilt in/);
  expect(watching.output()).not.toContain('said by the build');
  const images = await danglingImages();
  expect(images).toHaveLength(1);
  await project.run(['down']);
  for (const { Id } of images) await askEngine('DELETE', `/images/${Id}`);
});

test('a build holds up neither the sync of its own service nor the rebuild of others', async () => {
  // The first build waits for a file that only the test can make: each build copies what there is when it begins.
  project.write(
    'slow/Dockerfile',
    'FROM busybox\nCOPY . /src\nRUN while grep -q wait /src/mode; do sleep 1; done\n',
  );
  project.write('slow/mode', 'go');
  project.write('fast/Dockerfile', 'FROM busybox\nCOPY . /src\n');
  project.write('fast/file', '1');
  const watching = await begin(
    service('slow', 'build: ./slow') +
      service('fast', 'build: ./fast') +
      service(
        'synced',
        'image: busybox\n    develop: { watch: [{ action: sync, path: ./pages, target: /pages }] }',
      ),
  );
  const builds = watching.output().split(/slow +build image/).length;
  project.write('slow/mode', 'wait');
  await watching.waitFor(/slow +build image/, builds);
  project.write('fast/file', '2');
  project.write('pages/index.html', 'new');
  await watching.waitFor(/fast +remove container/);
  await watching.waitFor(/sync 1 file to .*synced-1/);
  // A newer change breaks off the build that never ends by itself.
  project.write('slow/mode', 'went');
  await watching.waitFor(/slow +hand over to container/);
  expect(await inside('slow', 'cat /src/mode')).toBe('went');
});

test('services without rules are rebuilt by themselves, once for one build; not with x-stack.watch: false', async () => {
  project.write('app/Dockerfile', 'FROM busybox\nCOPY file /file\n');
  project.write('app/file', '1');
  project.write('quiet/Dockerfile', 'FROM busybox\nCOPY file /file\n');
  project.write('quiet/file', '1');
  const watching = await begin(
    service('one', 'build: ./app') +
      service('two', 'build: ./app') +
      service('quiet', 'build: ./quiet\n    x-stack: { watch: false }'),
  );
  project.write('quiet/file', '2');
  // No instruction copies it.
  project.write('app/README.md', '2');
  project.write('app/file', '2');
  await watching.waitFor(/rebuilt in/);
  expect(await inside('one', 'cat /file')).toBe('2');
  expect(await inside('two', 'cat /file')).toBe('2');
  expect(await inside('quiet', 'cat /file')).toBe('1');
  const output = watching.output();
  const changed = output.slice(output.indexOf('watching the files of'));
  expect(changed.match(/✓ .* build image/g)).toHaveLength(1);
  expect(changed).toContain('watching the files of one and two');
  expect(changed).toContain('app/file changed');
  expect(changed).not.toContain('README.md');
});

test('up --watch syncs, too, and an initial sync comes before the start', async () => {
  project.write('pages/first', '1');
  const rule = '{ action: sync, path: ./pages, target: /pages, initial_sync: true }';
  project.write(
    'stack.yaml',
    `services:${service('web', `image: busybox\n    develop: { watch: [${rule}] }`)}`,
  );
  const watching = await project.watch(['up', '--watch']);
  project.write('pages/second', '2');
  await watching.waitFor(/updated in/);
  expect(await inside('web', 'cat /pages/first /pages/second')).toBe('12');
});

test('in the place of Docker Compose the same happens, in its words', async () => {
  const compose = process.env.STACK_LAB_COMPOSE;
  const rules = `develop:
      watch:
        - { action: sync, path: ./pages, target: /pages, ignore: ["*.tmp"] }
        - { action: sync+restart, path: ./conf, target: /conf }
        - { action: sync+exec, path: ./data, target: /data, exec: { command: [sh, -c, 'cat /data/*'] } }
        - { action: rebuild, path: ./main }`;
  project.write('Dockerfile', 'FROM busybox\nCOPY main /main\n');
  project.write('main', '1');
  project.write('conf', '1');
  for (const folder of ['pages', 'data']) mkdirSync(path.join(project.directory, folder));
  project.write('compose.yaml', `services:${service('web', `build: .\n    ${rules}`)}`);
  const results: string[] = [];
  for (const program of compose === undefined ? [undefined] : [undefined, compose]) {
    const own =
      program === undefined ? project.start(['compose', 'watch']) : project.startOther(program, ['watch']);
    await own.waitFor(/^Watch enabled$/m);
    const begun = program ?? 'stack';
    project.write('pages/page', begun);
    project.write('pages/draft.tmp', begun);
    await own.waitFor(/^Syncing service "web" after [12] changes were detected$/m);
    project.write('conf', begun);
    await own.waitFor(/^service\(s\) \["web"\] restarted$/m);
    project.write('data/some', `${begun}!\n`);
    await own.waitFor(new RegExp(`^${begun}!$`, 'm'));
    results.push((await inside('web', 'cat /pages/* /conf /data/*')).replaceAll(begun, ''));
    project.write('main', begun);
    await own.waitFor(/^Rebuilding service\(s\) \["web"\] after changes were detected\.\.\.$/m);
    await own.waitFor(/^service\(s\) \["web"\] successfully built$/m);
    own.signal('SIGINT');
    expect((await own.finished).code).toBe(130);
    await project.run(['down']);
  }
  expect(new Set(results)).toEqual(new Set(['!\n']));
});

/** Starts watching, and waits until no change can be missed any more. */
async function begin(services: string): Promise<Running> {
  project.write('stack.yaml', `services:${services}`);
  mkdirSync(path.join(project.directory, 'pages'), { recursive: true });
  return project.watch(['watch']);
}

/** What the project has of images that have lost their name. */
function danglingImages(): Promise<readonly { readonly Id: string }[]> {
  const filters = { dangling: ['true'], label: [`com.docker.compose.project=${project.name}`] };
  return askEngine('GET', '/images/json', { filters: JSON.stringify(filters) });
}

async function inside(name: string, command: string): Promise<string> {
  return (await project.run(['exec', '-T', name, 'sh', '-c', command])).stdout;
}
