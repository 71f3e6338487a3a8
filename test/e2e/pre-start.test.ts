import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { call } from '../../src/docker/api.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const file = `
services:
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    scale: 2
    labels: [${testLabel}=1]
    env_file: ./greeting.env
    volumes: [./notes:/notes, { type: tmpfs, target: /scratch }]
    pre_start:
      - command: sh -c 'echo $$GREETING $$WHO in $$PWD as $$(id -u) >> /notes/log'
        environment: { WHO: hook }
        working_dir: /tmp
        user: "0"
      - command: sh -c 'ping -c 1 -w 5 db > /dev/null && echo sees db >> /notes/log; echo said; exit \${CODE:-0}'
        image: alpine
    depends_on: [db]
  db: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1] }
`;

function notesOf({ directory }: TestProject): string {
  return readFileSync(path.join(directory, 'notes/log'), 'utf8');
}

test('hooks run once before any container of the service starts, each in a container that is gone afterwards', async () => {
  const own = createProject({ file });
  project = own;
  own.write('greeting.env', 'GREETING=hello');
  const { code, output } = await own.run(['up', '-d']);
  expect(output).toMatch(/pre_start -> said/);
  expect(code).toBe(0);
  const once = 'hello hook in /tmp as 0\nsees db\n';
  expect(notesOf(own)).toBe(once);
  const { containers, hookContainers } = await stateOf(own.name);
  expect(containers.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  expect(hookContainers).toEqual([]);
  // While one of them runs on there is nothing to be prepared.
  expect((await own.run(['up', '-d', '--scale', 'web=3'])).code).toBe(0);
  expect(notesOf(own)).toBe(once);
  expect((await own.run(['stop', 'web'])).code).toBe(0);
  expect((await own.run(['start', 'web'])).code).toBe(0);
  expect(notesOf(own)).toBe(once + once);
});

test('a hook that fails fails the start; its container stays until the hooks run again, or down', async () => {
  const own = createProject({ file });
  project = own;
  own.write('greeting.env', 'GREETING=hello');
  const failed = await own.run(['up', '-d'], { environment: { CODE: '3' } });
  expect(failed.code).toBe(1);
  expect(failed.output).toContain('service "web" pre_start[1] exited with code 3');
  expect(failed.output).toMatch(/stack\.yaml:16:9/);
  const states = (await containersOf(own.name)).map(({ service, state }) => `${service} ${state}`);
  expect(states).toEqual(['db running', 'web created', 'web created']);
  const [first, ...others] = (await stateOf(own.name)).hookContainers ?? [];
  expect(others).toEqual([]);
  expect(first).toMatchObject({ name: `${own.name}-web-pre_start-1`, state: 'exited' });
  expect(first?.labels).toEqual({
    'com.docker.compose.project': own.name,
    'com.docker.compose.service': 'web',
    'com.docker.compose.version': '2.40.3',
    'com.docker.compose.hook': 'pre_start',
  });
  const again = await own.run(['up', '-d'], { environment: { CODE: '4' } });
  expect(again.output).toContain('exited with code 4');
  const kept = (await stateOf(own.name)).hookContainers ?? [];
  expect(kept.map(({ id }) => id)).not.toContain(first?.id);
  expect(kept).toHaveLength(1);
  expect((await own.run(['down'])).code).toBe(0);
  expect((await stateOf(own.name)).hookContainers).toEqual([]);
});

test('what is broken off leaves nothing behind', async () => {
  const own = createProject({ file: file.replace('echo said; exit ${CODE:-0}', 'echo said; sleep 1000') });
  project = own;
  own.write('greeting.env', 'GREETING=hello');
  const running = own.start(['up', '-d']);
  await running.waitFor(/pre_start -> said/);
  running.signal('SIGINT');
  expect((await running.finished).code).toBe(130);
  const engine = connectEngine(await resolveEndpoint(process.env));
  const query = { all: '1', filters: JSON.stringify({ name: [`${own.name}-web-pre_start`] }) };
  const signal = new AbortController().signal;
  expect(await call(engine, 'GET', '/containers/json', { query, signal })).toEqual([]);
});
