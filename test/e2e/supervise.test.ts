import { afterEach, expect, test } from 'vitest';
import { askEngine, containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const all = `image: busybox, init: true, stop_grace_period: 0s, labels: [${testLabel}=1], command: [sleep, infinity]`;
const check = 'healthcheck: { test: [CMD, test, "!", -e, /sick], interval: 500ms, timeout: 1m, retries: 1 }';
const file = `services:
  web: { ${all}, scale: 2 }
  sick: { ${all}, ${check} }
  left: { ${all}, ${check}, x-stack: { supervise: false } }
  other: { ${all} }
`;

/** As \`docker rm -f\` does. */
async function removeByForce(name: string): Promise<void> {
  await askEngine('DELETE', `/containers/${name}`, { force: '1' });
}

async function makeSick(own: TestProject, service: string): Promise<void> {
  const { code, output } = await own.run(['exec', '-T', service, 'touch', '/sick']);
  expect(code, output).toBe(0);
}

async function numbersOf(own: TestProject, service: string): Promise<readonly number[]> {
  const containers = await containersOf(own.name);
  return containers.filter((one) => one.service === service).map(({ number }) => number);
}

test('an attached up makes anew what vanishes and restarts what is unhealthy, and undoes nothing that was meant', async () => {
  project = createProject({ file });
  const own = project;
  const staying = own.start(['up', '--no-watch']);
  await staying.waitFor(/ready in/);
  await removeByForce(`${own.name}-web-1`);
  await staying.waitFor(/web-1 was removed while it ran; another one takes its place/);
  await staying.waitFor(/web .*updated in/);
  expect(await numbersOf(own, 'web')).toHaveLength(2);

  await makeSick(own, 'left');
  await makeSick(own, 'sick');
  await staying.waitFor(/sick-1 is unhealthy and is restarted/);
  // What it is told stays where it is: the container is the same one.
  await staying.waitFor(/sick .*restarted in/);
  // Restarted once more only later, and the other one never.
  expect(staying.output()).not.toContain('left-1 is unhealthy and is restarted');

  // Killed and then removed, it was meant to go.
  await own.run(['kill', 'other']);
  await staying.waitFor(/other +stopped/);
  await own.run(['rm', '-f', 'other']);
  await staying.waitFor(/other +was removed/);
  await removeByForce(`${own.name}-left-1`);
  await staying.waitFor(/left +was removed/);
  // By then all that was to be made anew has been.
  await removeByForce(`${own.name}-web-2`);
  await staying.waitFor(/web-2 was removed while it ran/);
  await staying.waitFor(/web .*updated in/, 2);
  expect(await numbersOf(own, 'other')).toEqual([]);
  expect(await numbersOf(own, 'left')).toEqual([]);
});

test('stack supervise does the same for a stack that runs', async () => {
  project = createProject({ file });
  const own = project;
  const up = await own.run(['up', '-d']);
  expect(up.code, up.output).toBe(0);
  const staying = own.start(['supervise']);
  await staying.waitFor(/runs: .*ready/);
  await removeByForce(`${own.name}-other-1`);
  await staying.waitFor(/other-1 was removed while it ran/);
  await staying.waitFor(/other .*updated in/);
  expect(await numbersOf(own, 'other')).toEqual([1]);
  staying.signal('SIGINT');
  expect((await staying.finished).code).toBe(130);
  expect(await numbersOf(own, 'web')).toEqual([1, 2]);
});
