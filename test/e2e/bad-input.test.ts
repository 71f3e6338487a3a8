import { afterEach, expect, test } from 'vitest';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { freePort } from '../helpers/free-port.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

function projectOf(file?: string): TestProject {
  const project = createProject(file === undefined ? {} : { file });
  projects.push(project);
  return project;
}

/** A service that only sleeps, with the test's label. */
const sleeper = `image: busybox
    command: [sleep, "600"]
    init: true
    labels: [${testLabel}=1]`;

async function failingUp(file: string | undefined, words: readonly string[] = ['up', '-d']) {
  const project = projectOf(file);
  const { code, output } = await project.run(words);
  return { project, code, output };
}

test('no stack file', async () => {
  const { code, output } = await failingUp(undefined);
  expect(code).toBe(1);
  expect(output).toMatch(/no stack file/i);
  expect(output).toMatch(/hint: /);
});

test('invalid YAML', async () => {
  const { code, output } = await failingUp('services:\n  web:\n    image: "nginx\n');
  expect(code).toBe(1);
  expect(output).toMatch(/stack\.yaml:\d+:\d+/);
});

test('unknown key, with the line, a caret and the key that was meant', async () => {
  const { code, output } = await failingUp(
    'services:\n  web:\n    image: busybox\n    enviroment:\n      A: b\n',
  );
  expect(code).toBe(1);
  expect(output).toContain('stack.yaml:4:5');
  expect(output).toMatch(/ {4}enviroment:/);
  expect(output).toMatch(/^.*\| +\^/m);
  expect(output).toMatch(/environment/);
});

test('wrong type, unknown service, dependency cycle, missing variable and env file are told at their place', async () => {
  const cases: [string, RegExp, (readonly string[])?][] = [
    ['services:\n  web:\n    image: [busybox]\n', /stack\.yaml:3:12/],
    [`services:\n  web:\n    image: busybox\n`, /web/, ['up', '-d', 'wbe']],
    [
      'services:\n  a:\n    image: x\n    depends_on: [b]\n  b:\n    image: x\n    depends_on: [a]\n',
      /a (→|->) b (→|->) a/,
    ],
    ['services:\n  web:\n    image: busybox:${TAG:?set a tag}\n', /stack\.yaml:3:\d+[\s\S]*set a tag/],
    ['services:\n  web:\n    image: busybox\n    env_file: nope.env\n', /stack\.yaml:4:\d+[\s\S]*nope\.env/],
  ];
  for (const [file, words, command] of cases) {
    const { code, output } = await failingUp(file, command);
    expect(output).toMatch(words);
    expect(code).toBe(1);
  }
});

test('an image that does not exist: named with its place, the rest of the stack is untouched by it', async () => {
  const file = `services:
  web:
    image: no-such-image-anywhere:1
  other:
    ${sleeper}
`;
  const { project, code, output } = await failingUp(file);
  expect(code).toBe(1);
  expect(output).toContain('stack.yaml:3:12');
  expect(output).toContain('no-such-image-anywhere:1');
  expect((await containersOf(project.name)).map(({ service, state }) => [service, state])).toEqual([
    ['other', 'running'],
  ]);
  const { code: downCode } = await project.run(['down']);
  expect(downCode).toBe(0);
  expect((await stateOf(project.name)).networks).toEqual([]);
});

test('a build that fails shows the lines of the step that failed', async () => {
  const project = projectOf('services:\n  web:\n    build: ./web\n');
  project.write('web/Dockerfile', 'FROM busybox\nRUN echo about to break && ls /no/such/folder\n');
  const { code, output } = await project.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output).toContain('web/Dockerfile:2:1');
  expect(output).toContain('about to break');
  expect(output).toContain('/no/such/folder');
  expect(await containersOf(project.name)).toEqual([]);
});

test('a Dockerfile that is missing is named before the engine is asked', async () => {
  const project = projectOf('services:\n  web:\n    build: ./web\n');
  project.write('web/readme.txt', 'nothing to build');
  const { code, output } = await project.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output).toContain('web/Dockerfile');
});

test('a port in use is named; once it is free, the same command succeeds', async () => {
  const port = await freePort();
  const holder = projectOf(`services:\n  a:\n    ${sleeper}\n    ports: ["127.0.0.1:${port}:80"]\n`);
  expect((await holder.run(['up', '-d'])).code).toBe(0);
  const { project, code, output } = await failingUp(
    `services:\n  b:\n    ${sleeper}\n    ports: ["127.0.0.1:${port}:80"]\n`,
  );
  expect(code).toBe(1);
  expect(output).toContain(`127.0.0.1:${port}`);
  expect(output).toMatch(/stack\.yaml:\d+:13/);
  expect((await holder.run(['down'])).code).toBe(0);
  expect((await project.run(['up', '-d'])).code).toBe(0);
});

test('a service that exits at once is a failure with its exit code and last words', async () => {
  const file = `services:
  web:
    image: busybox
    labels: [${testLabel}=1]
    command: [sh, -c, "echo no database; exit 3"]
`;
  const { code, output } = await failingUp(file);
  expect(code).toBe(1);
  expect(output).toContain('stack.yaml:2:3');
  expect(output).toMatch(/web .*exit code 3/);
  expect(output).toContain('no database');
});

test('a command that is not in the image', async () => {
  const { code, output } = await failingUp(
    `services:\n  web:\n    image: busybox\n    labels: [${testLabel}=1]\n    command: [no-such-program]\n`,
  );
  expect(code).toBe(1);
  expect(output).toContain('no-such-program');
});

test('a dependency that fails: what waits for it is not started and says so', async () => {
  const file = `services:
  job:
    image: busybox
    labels: [${testLabel}=1]
    command: [sh, -c, "echo migration broke; exit 5"]
  web:
    ${sleeper}
    depends_on: {job: {condition: service_completed_successfully}}
`;
  const { project, code, output } = await failingUp(file);
  expect(code).toBe(1);
  expect(output).toContain('migration broke');
  expect(output).toMatch(/job .*exit code 5/);
  const web = (await containersOf(project.name)).find(({ service }) => service === 'web');
  expect(web?.state).toBe('created');
});

test('an engine that is not there', async () => {
  const project = projectOf(`services:\n  web:\n    ${sleeper}\n`);
  const environment = { DOCKER_HOST: 'unix:///no/such/docker.sock' };
  const { code, output } = await project.run(['up', '-d'], { environment });
  expect(code).toBe(1);
  expect(output).toContain('unix:///no/such/docker.sock (DOCKER_HOST)');
  expect(output).toMatch(/hint: .*DOCKER_HOST/);
  expect(output).not.toContain('    at ');
});

test('unknown commands and options are told with what was meant', async () => {
  const project = projectOf();
  const command = await project.run(['upp']);
  expect(command.code).toBe(1);
  expect(command.stderr).toContain('hint: did you mean `up`?');
  const option = await project.run(['up', '--detatch']);
  expect(option.code).toBe(1);
  expect(option.stderr).toContain('hint: did you mean `--detach`?');
});

test('what is about the whole stack stands before the command, and the error says so', async () => {
  const project = projectOf('services: {web: {image: busybox}}\n');
  expect((await project.run(['config', '--json', '-q'])).code).toBe(0);
  const { code, stderr } = await project.run(['up', '-p', 'x']);
  expect(code).toBe(1);
  expect(stderr).toContain('hint: write -p before the command');
});
