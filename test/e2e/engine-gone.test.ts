import { afterEach, expect, test } from 'vitest';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { type EngineProxy, openEngineProxy } from '../helpers/proxy.ts';
import { openTerminal } from '../helpers/terminal.ts';

let project: TestProject;
let proxy: EngineProxy;
afterEach(async () => {
  await proxy.close();
  await project.remove();
});

const service = (name: string) => `  ${name}:
    image: busybox
    labels: [${testLabel}=1]
    command: [sleep, "600"]
    init: true
`;

const moments: [string, RegExp][] = [
  ['looking', /^GET \/containers\/json/],
  ['creating the network', /^POST \/networks\/create/],
  ['creating a container', /^POST \/containers\/create/],
  ['starting a container', /^POST \/containers\/[^/]+\/start/],
];

test.each(moments)(
  'the engine goes away while %s: said in words, and the next up or down succeeds',
  async (_, request) => {
    project = createProject({
      file: `services:
${service('web')}`,
    });
    proxy = await openEngineProxy();
    const environment = { DOCKER_HOST: proxy.host };
    proxy.cutAt(request);
    const { code, output } = await project.run(['up', '-d'], { environment });
    expect(code).toBe(1);
    expect(output).toMatch(/went away|no Docker Engine answers/);
    expect(output).toMatch(/hint: /);
    expect(output).not.toMatch(/^ +at .*\.js/m);

    proxy.restore();
    expect((await project.run(['up', '-d'], { environment })).code).toBe(0);
    expect((await containersOf(project.name)).map(({ name, state }) => [name, state])).toEqual([
      [`${project.name}-web-1`, 'running'],
    ]);
    expect((await project.run(['down'])).code).toBe(0);
    expect(await stateOf(project.name)).toMatchObject({ containers: [], networks: [] });
  },
);

test('attached, the engine comes back: up lists again, knows what happened in between, and goes on', async () => {
  project = createProject({
    file: `services:
${service('web')}`,
  });
  proxy = await openEngineProxy();
  const up = project.start(['--json', 'up'], { environment: { DOCKER_HOST: proxy.host } });
  await up.waitFor(/"type":"stack-ready"/);
  proxy.cut();
  expect((await project.run(['down'])).code).toBe(0);
  proxy.restore();
  const { output } = await up.finished;
  expect(output).toMatch(/"type":"container-changed".*"state":"gone"/);
});

test('attached, stopped for a while as on a machine that sleeps: up knows what happened in between, and goes on', async () => {
  project = createProject({
    file: `services:
${service('web')}${service('other')}`,
  });
  proxy = await openEngineProxy();
  const up = project.start(['--json', 'up'], { environment: { DOCKER_HOST: proxy.host } });
  await up.waitFor(/"type":"stack-ready"/);
  up.signal('SIGSTOP');
  expect((await project.run(['restart', '-t', '0', 'other'])).code).toBe(0);
  expect((await project.run(['stop', '-t', '0', 'web'])).code).toBe(0);
  up.signal('SIGCONT');
  await up.waitFor(/"type":"container-changed".*"service":"web".*"state":"exited".*"stopped":true/);
  // Nor does it matter that the engine went away and came back meanwhile.
  up.signal('SIGSTOP');
  proxy.cut();
  expect((await project.run(['start', 'web'])).code).toBe(0);
  proxy.restore();
  up.signal('SIGCONT');
  const again = /"type":"container-changed".*"service":"web".*"state":"running"/;
  await up.waitFor(again, up.output().split(again).length);
  up.signal('SIGINT');
  expect((await up.finished).code).toBe(130);
});

test('a screen says that the engine is away, and is right again once it is back', async () => {
  project = createProject({
    file: `services:
${service('web')}${service('other')}`,
  });
  proxy = await openEngineProxy();
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, 'up', '--ui', 'full'],
    cwd: project.directory,
    env: { ...project.environment, DOCKER_HOST: proxy.host, CI: undefined },
    columns: 120,
    rows: 30,
  });
  try {
    // From then on nothing is asked that has to be answered.
    await terminal.waitFor(/2\/2 ready · watching/);
    proxy.cut();
    await terminal.waitFor(/the engine is away · 2\/2 ready/);
    expect((await project.run(['stop', 'other'])).code).toBe(0);
    proxy.restore();
    await terminal.waitFor(/1\/2 ready/);
    await terminal.waitFor((rows) => !/away/.test(rows[0] ?? ''));
    terminal.type('q');
    expect((await terminal.exit).code).toBe(0);
  } finally {
    terminal.dispose();
  }
});
