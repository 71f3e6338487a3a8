import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine, containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;

beforeEach(() => {
  project = createProject();
  project.write('web/Dockerfile', 'FROM busybox\nCOPY file /file\n');
  project.write('other/Dockerfile', 'FROM busybox\nCOPY file /file\n');
});

afterEach(async () => {
  await project.remove();
});

const service = (name: string, more = '') => `
  ${name}:
    build: { context: ./${name}, labels: ["${testLabel}=1"] }
    init: true
    stop_grace_period: 0s
    command: [sleep, infinity]
    labels: ["${testLabel}=1"]
    ${more}`;

test('of the images that newer ones took the names of, the last ones stay for each service', async () => {
  project.write(
    'stack.yaml',
    `x-stack: { keep_images: 2 }\nservices:${service('web')}${service('other', 'x-stack: { keep_images: 0 }')}`,
  );
  const images: string[] = [];
  for (const round of ['1', '2', '3', '4']) {
    project.write('web/file', round);
    project.write('other/file', round);
    const { code, output } = await project.run(['up', '-d', '--build']);
    expect(code, output).toBe(0);
    const web = (await containersOf(project.name)).find((one) => one.service === 'web');
    images.push(web?.imageId ?? '');
  }
  const kept = images.slice(1, 3).sort();
  expect(await unnamedImages()).toEqual(kept);

  // What a container is made of stays, and so do all if what is new fails.
  project.write('web/Dockerfile', 'FROM busybox\nCOPY file /file\nENTRYPOINT ["/missing"]\n');
  project.write('web/file', '5');
  expect((await project.run(['up', '-d', '--build'])).code).toBe(1);
  expect(await unnamedImages()).toEqual(expect.arrayContaining(kept));
});

test('in the place of Docker Compose up removes no image', async () => {
  project.write('stack.yaml', `x-stack: { keep_images: 0 }\nservices:${service('web')}`);
  for (const round of ['1', '2']) {
    project.write('web/file', round);
    await project.run(['compose', '-f', 'stack.yaml', 'up', '-d', '--build']);
  }
  expect(await unnamedImages()).toHaveLength(1);
});

/** Sorted by their ids. */
async function unnamedImages(): Promise<readonly string[]> {
  const filters = JSON.stringify({
    dangling: ['true'],
    label: [`com.docker.compose.project=${project.name}`],
  });
  const found = await askEngine<readonly { readonly Id: string }[]>('GET', '/images/json', { filters });
  return found.map(({ Id }) => Id).sort();
}
