import { afterEach, expect, test } from 'vitest';
import { askEngine, containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
afterEach(() => project.remove());

const all = `image: busybox, init: true, labels: [${testLabel}=1]`;

test('a job that a second up starts has not run again by itself', async () => {
  project = createProject({
    file: `services:
  job: { ${all}, command: [sh, -c, "sleep 2"] }
  bad: { ${all}, command: [sh, -c, "sleep 2; exit 3"], depends_on: [job] }
`,
  });
  await project.run(['up', '-d']);
  const states = async () => (await containersOf(project.name)).map(({ state }) => state);
  await expect.poll(states).toEqual(['exited', 'exited']);
  const { output } = await project.run(['up']);
  expect(output).toMatch(/bad +failed after/);
  expect(output).toContain('go on with');
  expect(output).not.toMatch(/runs again|restarted/);
});

test('what comes back by itself is still counted', async () => {
  project = createProject({
    file: `services:
  flaky: { ${all}, command: [sh, -c, "sleep 2; test -e /second || { touch /second; exit 1; }; sleep 2; exit 3"], restart: "on-failure:1" }
`,
  });
  const { output } = await project.run(['up']);
  expect(output).toMatch(/flaky +runs again/);
});

test('rm does not keep others from working while it asks, and removes only what it asked about', async () => {
  project = createProject({
    file: `services:
  one: { ${all}, command: "true" }
  two: { ${all}, command: [sleep, infinity] }
`,
  });
  await project.run(['up', '-d']);
  const asking = project.start(['rm'], { input: 'later' });
  await asking.waitFor(/Going to remove .*one-1/);
  const { code, output } = await project.run(['stop', 'two']);
  expect([code, output]).toEqual([0, expect.not.stringContaining('is being changed')]);
  asking.answer('y\n');
  expect((await asking.finished).code).toBe(0);
  expect((await containersOf(project.name)).map(({ service }) => service)).toEqual(['two']);
});

test('a pull that failed is told once', async () => {
  project = createProject({ file: `services:\n  web: { image: "127.0.0.1:9/nothing:1" }\n` });
  const { code, output } = await project.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output.match(/cannot be (?:found|reached)/g)).toHaveLength(1);
  expect(output).toMatch(/web +failed/);
});

test('what was stopped comes up again although its network was pruned, and what was paused goes on', async () => {
  project = createProject({ file: `services:\n  web: { ${all}, command: [sleep, infinity] }\n` });
  const states = async () => (await containersOf(project.name)).map(({ state }) => state);
  await project.run(['up', '-d']);
  await project.run(['stop']);
  await askEngine('DELETE', `/networks/${project.name}_default`);
  const { output } = await project.run(['up', '-d']);
  expect(output).toContain(`its network ${project.name}_default was removed`);
  expect(await states()).toEqual(['running']);
  await project.run(['pause']);
  expect(await states()).toEqual(['paused']);
  expect((await project.run(['up', '-d'])).output).toMatch(/ready in .*: 1 service/);
  expect(await states()).toEqual(['running']);
});

test('down leaves a network that others made, also where the file forgot to say so', async () => {
  project = createProject();
  const others = createProject({ file: `services:\n  web: { ${all}, command: [sleep, infinity] }\n` });
  try {
    await others.run(['up', '-d']);
    const name = `${others.name}_default`;
    project.write(
      'stack.yaml',
      `services:\n  web: { ${all}, command: [sleep, infinity] }\nnetworks: { default: { name: ${name} } }\n`,
    );
    expect((await project.run(['up', '-d'])).output).toContain('it is used as it is');
    await others.run(['stop']);
    expect((await project.run(['down'])).code).toBe(0);
    expect(await askEngine('GET', `/networks/${name}`)).toMatchObject({ Name: name });
  } finally {
    await others.remove();
  }
});
