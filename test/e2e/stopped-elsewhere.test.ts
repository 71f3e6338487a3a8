import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProject, type Running, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
let up: Running;

beforeEach(async () => {
  project = createProject({
    file: `
services:
  stubborn:
    image: busybox
    command: [sh, -c, 'echo begun; trap "" TERM; while true; do sleep 1; done']
    stop_grace_period: 100ms
    labels: [${testLabel}=1]
  other:
    image: busybox
    init: true
    command: [sleep, infinity]
    labels: [${testLabel}=1]
`,
  });
  up = project.start(['up']);
  await up.waitFor(/ready in/);
});

afterEach(() => project.remove());

test('what another terminal stops, kills, scales down or removes is no failure', async () => {
  await project.run(['stop', 'stubborn']);
  await up.waitFor(/stubborn +stopped/);
  await project.run(['start', 'stubborn']);
  await up.waitFor(/stubborn +runs again/);
  await project.run(['kill', 'stubborn']);
  await up.waitFor(/stubborn +stopped/, 2);
  await project.run(['scale', 'stubborn=2']);
  await up.waitFor(/stubborn-2 .*begun/);
  await project.run(['scale', 'stubborn=1']);
  await up.waitFor(/stubborn-2 was removed/);
  await project.run(['rm', '-sf', 'stubborn']);
  await up.waitFor(/stubborn-1 was removed/);
  expect(up.output()).not.toMatch(/failed|takes its place/);

  // One that ends by a signal nobody sent has failed.
  await project.run(['exec', '-T', 'other', 'sh', '-c', 'kill -KILL -1']);
  await up.waitFor(/other +failed after/);
  expect((await up.finished).code).toBe(1);
});

test('what another terminal restarts is stayed with, and what it stops for good ends the command', async () => {
  await project.run(['stop', 'other']);
  await up.waitFor(/other +stopped/);
  await project.run(['restart', 'stubborn']);
  await up.waitFor(/stubborn +runs again/);
  await project.run(['restart', '--timeout', '0', 'stubborn']);
  await up.waitFor(/stubborn +runs again/, 2);
  await project.run(['exec', '-T', 'stubborn', 'sh', '-c', 'echo still heard > /proc/1/fd/1']);
  await up.waitFor(/stubborn-1 .*still heard/);
  await project.run(['stop', 'stubborn']);
  expect((await up.finished).code).toBe(0);
});
