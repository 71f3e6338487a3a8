import { afterEach, expect, test } from 'vitest';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

function projectOf(command: string, rest = ''): TestProject {
  const file = `services:
  web:
    image: busybox
    labels: [${testLabel}=1]
    command: [sh, -c, ${JSON.stringify(command)}]
${rest}`;
  const project = createProject({ file });
  projects.push(project);
  return project;
}

const polite = "trap 'echo stopping; exit 0' TERM; echo hello; while true; do sleep 0.1; done";
const stubborn = "trap '' TERM; echo hello; while true; do sleep 0.1; done";

test('attached, without a terminal: lines, and SIGINT stops the services', async () => {
  const project = projectOf(polite);
  const up = project.start(['up']);
  await up.waitFor(/web-1 +\| hello/);
  up.signal('SIGINT');
  const { code, output } = await up.finished;
  expect(code).toBe(130);
  expect(output).toMatch(/web-1 +\| stopping/);
  expect(output).not.toContain('\u001b');
  expect((await containersOf(project.name)).map(({ state, exitCode }) => [state, exitCode])).toEqual([
    ['exited', 0],
  ]);
  expect((await project.run(['down'])).code).toBe(0);
  expect(await stateOf(project.name)).toMatchObject({ containers: [], networks: [] });
});

test('a service that does not want to stop is killed by the second SIGINT', async () => {
  const project = projectOf(stubborn, '    stop_grace_period: 5m\n');
  const up = project.start(['--json', 'up']);
  await up.waitFor(/"type":"stack-ready"/);
  up.signal('SIGINT');
  await up.waitFor(/"type":"step-started","id":"stop:/);
  up.signal('SIGINT');
  const { code } = await up.finished;
  expect(code).toBe(130);
  expect((await containersOf(project.name)).map(({ state, exitCode }) => [state, exitCode])).toEqual([
    ['exited', 137],
  ]);
});

test('SIGTERM in the middle of the start leaves nothing that the next up cannot handle', async () => {
  const project = projectOf(polite);
  const up = project.start(['--json', 'up']);
  await up.waitFor(/"type":"step-started"/);
  up.signal('SIGTERM');
  expect((await up.finished).code).toBe(130);
  expect((await project.run(['up', '-d'])).code).toBe(0);
  expect((await containersOf(project.name)).map(({ state }) => state)).toEqual(['running']);
});

test('kill -9 at any moment of the start: the next up ends in the right state', async () => {
  const project = projectOf(polite);
  for (const moment of [
    /"stack-loaded"/,
    /"plan-made"/,
    /"step-started","id":"create:/,
    /"step-finished","id":"create:/,
    /"step-started","id":"start:/,
  ]) {
    const up = project.start(['--json', 'up', '--force-recreate']);
    await up.waitFor(moment);
    up.signal('SIGKILL');
    await up.finished;
    const { code, output } = await project.run(['up', '-d']);
    expect(output).not.toMatch(/error/i);
    expect(code).toBe(0);
    const containers = await containersOf(project.name);
    expect(containers.map(({ name, state }) => [name, state])).toEqual([
      [`${project.name}-web-1`, 'running'],
    ]);
  }
});

test('a stack whose services all end by themselves ends the command, with their verdict', async () => {
  const good = projectOf('echo done');
  expect((await good.start(['up']).finished).code).toBe(0);
  const bad = projectOf('echo broken; exit 4');
  const { code, output } = await bad.start(['up']).finished;
  expect(code).toBe(1);
  expect(output).toMatch(/web-1 +\| broken/);
  expect(output).toMatch(/exit (code )?4/);
});
