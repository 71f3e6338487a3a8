import { afterEach, expect, test } from 'vitest';
import { shellInside } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { type EngineProxy, openEngineProxy } from '../helpers/proxy.ts';

let project: TestProject | undefined;
let proxy: EngineProxy | undefined;
afterEach(async () => {
  await project?.remove();
  await proxy?.close();
});

const all = `image: "busybox:1.37", init: true, stop_grace_period: 1s, labels: [${testLabel}=1]`;
const sleeps = `{ ${all}, command: [sleep, infinity] }`;
/** It is killed as soon as it is asked to stop. */
const killed = sleeps.replace('stop_grace_period: 1s', 'stop_grace_period: 0s');

/** What was asked for since, without names, each with how often. */
async function calls(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  const before = proxy?.requests().length ?? 0;
  await work();
  const counts: Record<string, number> = {};
  for (const request of proxy?.requests().slice(before) ?? []) {
    const [method, target = ''] = request.split(' ');
    const path = target
      .replace(/\?.*/s, '')
      .replace(/^\/v[\d.]+/, '')
      .replace(/^(\/(?:containers|networks|images))\/(?!create|json)(?:.*?)(\/\w+)?$/, '$1/*$2');
    counts[`${method} ${path}`] = (counts[`${method} ${path}`] ?? 0) + 1;
  }
  return counts;
}

test('up and down ask the engine for no more than they need to know', async () => {
  proxy = await openEngineProxy();
  const environment = { DOCKER_HOST: proxy.host };
  project = createProject({ file: `services:\n  a: ${sleeps}\n  b: ${sleeps}\n  c: ${killed}\n` });
  const stack = async (...words: string[]): Promise<void> => {
    const { code, output } = (await project?.run(words, { environment })) ?? {};
    expect(code, output).toBe(0);
  };

  // Three lists: of what there is, of what is in the way, and of what runs in the end.
  // A machine that has no time for the engine's events is asked nevertheless.
  const { 'GET /containers/*/json': asked = 0, ...begun } = await calls(() => stack('up', '-d'));
  expect(asked).toBeLessThanOrEqual(3);
  expect(begun).toEqual({
    'GET /containers/json': 3,
    'GET /networks': 1,
    'GET /volumes': 1,
    'GET /images/*/json': 1,
    'GET /info': 1,
    'GET /events': 1,
    'POST /networks/create': 1,
    'POST /containers/create': 3,
    'POST /containers/*/start': 3,
  });
  expect(await calls(() => stack('up', '-d'))).toEqual({
    'GET /containers/json': 1,
    'GET /networks': 1,
    'GET /volumes': 1,
    'GET /images/*/json': 1,
  });
  expect(await calls(() => stack('run', '--rm', '-T', 'a', 'true'))).toEqual({
    'GET /containers/json': 2,
    'GET /networks': 1,
    'GET /volumes': 1,
    'GET /images/*/json': 1,
    'POST /containers/create': 1,
    'POST /containers/*/attach': 1,
    'POST /containers/*/wait': 2,
    'POST /containers/*/start': 1,
  });
  // Of what takes long to stop it is asked how long it may take.
  const { 'GET /containers/*/json': patience = 0, ...restarted } = await calls(() => stack('restart', 'a'));
  expect(patience).toBeLessThanOrEqual(2);
  expect(restarted).toEqual({
    'GET /containers/json': 1,
    'POST /containers/*/restart': 1,
  });
  const { 'GET /containers/*/json': _, ...ended } = await calls(() => stack('down'));
  expect(ended).toEqual({
    'GET /containers/json': 1,
    'GET /networks': 1,
    'GET /volumes': 1,
    'POST /containers/*/stop': 2,
    'DELETE /containers/*': 3,
    'DELETE /networks/*': 1,
  });

  // What can be asked nothing gives its names away at once; what takes packets leaves its network for a moment to get them.
  const asks = `{ ${all}, command: [sleep, infinity], environment: [VERSION=$VERSION] }`;
  const listen =
    "from socket import *; from signal import *; s = socket(type=SOCK_DGRAM); s.bind(('', 9000)); pause()";
  const takes = `{ ${all.replace('busybox:1.37', 'python:3.12-slim')}, command: [python, -c, "${listen}"], environment: [VERSION=$VERSION] }`;
  project.write('stack.yaml', `services:\n  a: ${asks}\n  b: ${takes}\n  c: ${sleeps}\n`);
  Object.assign(environment, { VERSION: '1' });
  await stack('up', '-d');
  Object.assign(environment, { VERSION: '2' });
  expect(await calls(() => stack('up', '-d'))).toMatchObject({
    'POST /containers/create': 2,
    'POST /networks/*/disconnect': 1,
    'POST /networks/*/connect': 1,
    'POST /containers/*/rename': 4,
  });
  await shellInside(`${project.name}-c-1`, 'ping -c 1 a && ping -c 1 b');
  await stack('down');

  // To weigh volumes takes engines long: new ones are no reason where no others are like them.
  const volumes = `volumes: { like_no_other: { labels: [${testLabel}=1] } }`;
  const mounts = `{ ${all}, command: [sleep, infinity], volumes: ["like_no_other:/data"] }`;
  project.write('stack.yaml', `name: ${project.name}\nservices:\n  a: ${mounts}\n${volumes}\n`);
  Object.assign(environment, { COMPOSE_PROJECT_NAME: '' });
  const made = await calls(() => stack('create'));
  expect([made['POST /volumes/create'], made['GET /system/df']]).toEqual([1, undefined]);
});
