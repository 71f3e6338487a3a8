import { afterEach, expect, test } from 'vitest';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { openEngineProxy } from '../helpers/proxy.ts';

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

function projectOf(file: string): TestProject {
  const project = createProject({ file });
  projects.push(project);
  return project;
}

const labels = `labels: [${testLabel}=1]`;

test('a chain of healthy dependencies does not wait for the engine to look: its first look would be in an hour', async () => {
  const link = (name: string, after?: string): string => `
  ${name}:
    image: busybox
    ${labels}
    init: true
    command: [sh, -c, "touch /ready; sleep 600"]
    healthcheck: {test: [CMD, test, -f, /ready], interval: 1h}
    ${after === undefined ? '' : `depends_on: {${after}: {condition: service_healthy}}`}`;
  const project = projectOf(`services:${link('a')}${link('b', 'a')}${link('c', 'b')}\n`);
  expect((await project.run(['up', '-d'])).code).toBe(0);
  const containers = await containersOf(project.name);
  expect(containers.map(({ service, state, health }) => [service, state, health])).toEqual([
    ['a', 'running', 'starting'],
    ['b', 'running', 'starting'],
    ['c', 'running', 'starting'],
  ]);
});

test('a dependency without a healthcheck that is to be healthy is an error that says so', async () => {
  const project = projectOf(`services:
  db: {image: busybox, ${labels}, init: true, command: [sleep, "600"]}
  web: {image: busybox, ${labels}, depends_on: {db: {condition: service_healthy}}}
`);
  const { code, output } = await project.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output).toMatch(/db .*no healthcheck/);
});

test('services find each other by name, alias, link and injected variables', async () => {
  const project = projectOf(`services:
  db:
    image: busybox
    ${labels}
    init: true
    expose: ["7000"]
    command: [sh, -c, "while true; do echo found | nc -l -p 7000; done"]
    networks: {default: {aliases: [database]}}
  web:
    image: busybox
    ${labels}
    links: ["db:storage"]
    command: >
      sh -c 'for name in db database storage $$DB_HOST $$STORAGE_HOST;
      do until nc $$name $$DB_PORT | grep found; do true; done; done; echo explicit=$$EXPLICIT_HOST'
    depends_on: [db, explicit]
    environment: {EXPLICIT_HOST: mine}
  explicit: {image: busybox, ${labels}, init: true, command: [sleep, "600"]}
`);
  const up = project.start(['up']);
  await up.waitFor(/explicit=mine/);
  expect(up.output().match(/web-1 +\| found/g)).toHaveLength(5);
  up.signal('SIGINT');
  await up.finished;
});

test('what a container keeps in a volume without a name survives its replacement', async () => {
  const file = (user: string): string => `services:
  db:
    image: busybox
    ${labels}
    init: true
    environment: {WHO: ${user}}
    volumes: [/data]
    command: [sh, -c, "echo $$WHO >> /data/who; cat /data/who; sleep 600"]
`;
  const project = projectOf(file('first'));
  expect((await project.run(['up', '-d'])).code).toBe(0);
  project.write('stack.yaml', file('second'));
  const { code, output } = await project.run(['up', '-d']);
  expect(code).toBe(0);
  expect(output).toContain('environment.WHO: first → second');
  const logs = async () => (await project.run(['logs', '--no-log-prefix', 'db'])).stdout;
  await expect.poll(logs).toBe('first\nsecond\n');
});

test('only what changed is replaced, and the file says when nothing did', async () => {
  const file = (value: string): string => `services:
  a: {image: busybox, ${labels}, init: true, command: [sleep, "600"], environment: {V: ${value}}}
  b: {image: busybox, ${labels}, init: true, command: [sleep, "600"]}
`;
  const project = projectOf(file('1'));
  await project.run(['up', '-d']);
  const before = await containersOf(project.name);
  project.write('stack.yaml', file('2'));
  await project.run(['up', '-d']);
  const after = await containersOf(project.name);
  expect(after.map(({ id }, index) => id === before[index]?.id)).toEqual([false, true]);
});

test('all that a service wrote is told once and in order, over restarts and a lost connection to the engine', async () => {
  const project = projectOf(`services:
  web:
    image: busybox
    ${labels}
    restart: always
    stop_grace_period: 0s
    volumes: ["lines:/lines"]
    command:
      - sh
      - -c
      - |
        n=$$(cat /lines/n 2>/dev/null || echo 0)
        for i in 1 2 3 4 5 6 7 8 9 10; do n=$$((n+1)); echo "line $$n"; echo $$n > /lines/n; sleep 0.02; done
        exit 1
volumes:
  lines: {${labels}}
`);
  const proxy = await openEngineProxy();
  const up = project.start(['up'], { environment: { DOCKER_HOST: proxy.host } });
  await up.waitFor(/line 15\b/);
  proxy.cut();
  proxy.restore();
  await up.waitFor(/line 45\b/);
  up.signal('SIGINT');
  const { stdout } = await up.finished;
  const numbers = [...stdout.matchAll(/^web-1 +\| line (\d+)$/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  await proxy.close();
});

test('volumes stay until down is asked to remove them', async () => {
  const project = projectOf(`services:
  db: {image: busybox, ${labels}, init: true, command: [sleep, "600"], volumes: ["data:/data"]}
volumes:
  data: {${labels}}
`);
  await project.run(['up', '-d']);
  await project.run(['down']);
  expect((await stateOf(project.name)).volumes.map(({ name }) => name)).toEqual([`${project.name}_data`]);
  expect((await project.run(['down', '--volumes'])).code).toBe(0);
  expect((await stateOf(project.name)).volumes).toEqual([]);
});

test('profiles and named services narrow what is started', async () => {
  const service = (rest = ''): string =>
    `{image: busybox, ${labels}, init: true, command: [sleep, "600"]${rest}}`;
  const project = projectOf(`services:
  web: ${service(', depends_on: [db]')}
  db: ${service()}
  other: ${service()}
  debug: ${service(', profiles: [tools]')}
`);
  expect((await project.run(['up', '-d', 'web'])).code).toBe(0);
  const running = async () => (await containersOf(project.name)).map(({ service: name }) => name);
  expect(await running()).toEqual(['db', 'web']);
  await project.run(['--profile', 'tools', 'up', '-d']);
  expect(await running()).toEqual(['db', 'debug', 'other', 'web']);
  const { output } = await project.run(['up', '-d']);
  expect(output).not.toContain('debug');
  const down = await project.run(['down']);
  expect(down.code).toBe(0);
  expect(down.stderr).toContain(`${project.name}-debug-1 are off, so they stay`);
  expect(await running()).toEqual(['debug']);
  expect((await project.run(['--profile', '*', 'down'])).code).toBe(0);
  expect(await running()).toEqual([]);
});

test('a container that joins two networks is known on both', async () => {
  const project = projectOf(`services:
  web: {image: busybox, ${labels}, init: true, command: [sleep, "600"], networks: [front, back]}
  probe:
    image: busybox
    ${labels}
    networks: [back]
    depends_on: [web]
    command: [sh, -c, "until ping -c 1 web; do true; done; echo reached"]
networks:
  front: {${labels}}
  back: {${labels}}
`);
  const up = project.start(['up']);
  await up.waitFor(/probe-1 +\| reached/);
  up.signal('SIGINT');
  await up.finished;
});
