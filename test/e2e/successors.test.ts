import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ObservedContainer } from '../../src/model/observed.ts';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

const stack = (command: string, more = '') => `
services:
  web:
    image: busybox
    init: true
    command: ${command}
    labels: [${testLabel}=1]
    ${more}
    develop: { watch: [{ action: sync, path: ./src, target: /app, initial_sync: true }] }
`;

test('a successor that cannot be given its files goes, and the one before it runs on', async () => {
  project.write('src/main', '1');
  project.write('stack.yaml', stack('[sleep, infinity]'));
  expect((await project.run(['up', '-d'])).code).toBe(0);
  const before = await containersOf(project.name);
  project.write('stack.yaml', stack('[sleep, infinity]', 'read_only: true'));
  await project.start(['watch']).waitFor(/web keeps running its previous version/);
  await expectOnly(before);
});

test('a successor that fails is no exit of its service', async () => {
  project.write('src/main', '1');
  project.write('stack.yaml', stack('[sleep, infinity]'));
  expect((await project.run(['up', '-d'])).code).toBe(0);
  const before = await containersOf(project.name);
  // It works for a moment before it fails, as programs do; one that has worked for 200 ms counts as started.
  project.write('stack.yaml', stack(`[sh, -c, 'i=0; while [ $$i -lt 2000 ]; do i=$$((i+1)); done; exit 3']`));
  const { code, output } = await project.run(['up', '--abort-on-container-exit']);
  expect(output).toContain('web keeps running its previous version');
  expect(code).toBe(1);
  await expectOnly(before);
});

/** These run, and there are no others. */
async function expectOnly(containers: readonly ObservedContainer[]): Promise<void> {
  expect((await containersOf(project.name)).map(({ id, state }) => ({ id, state }))).toEqual(
    containers.map(({ id }) => ({ id, state: 'running' })),
  );
}
