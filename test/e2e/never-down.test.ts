import { afterEach, beforeEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

/** Asks 50 times a second, with a new connection each time, once there was an answer; prints what it has got when it is told to. */
const client = `
const http = require('node:http');
const answers = {};
let begun = false;
let underWay = 0;
const note = (what) => { answers[what] = (answers[what] ?? 0) + 1; underWay--; };
const ask = () => {
  underWay++;
  const failed = (error) => (begun ? note(error.code) : underWay--);
  http.get({ host: 'api', port: 8080, agent: false }, (answer) => {
    let text = '';
    answer.on('data', (data) => { text += data; });
    answer.on('error', failed);
    answer.on('end', () => { begun = true; note(text.trim()); });
  }).on('error', failed);
};
const asking = setInterval(ask, 20);
process.on('SIGTERM', () => {
  clearInterval(asking);
  const tell = setInterval(() => {
    if (underWay > 0) return;
    console.log('answers ' + JSON.stringify(answers));
    process.exit(0);
  }, 20);
});
`;

const services = (api: string) => `
services:
  api:
    init: true
    labels: [${testLabel}=1]
    ${api}
  client:
    image: node:24-slim
    command: [node, /client.js]
    volumes: ["./client.js:/client.js:ro"]
    labels: [${testLabel}=1]
`;

/** It dies of SIGTERM at once, and takes a while until it listens. */
const server = (version: string) =>
  `image: busybox
    command: [sh, -c, 'sleep 0.5; mkdir /www; echo ${version} > /www/index.html; exec httpd -f -p 8080 -h /www']`;

test('a changed service answers at any time while it is replaced, one after the other; a failed one leaves all as it was', async () => {
  project.write('client.js', client);
  const bring = async (api: string, ...more: readonly string[]) => {
    project.write('stack.yaml', services(api));
    return project.run(['up', '-d', ...more]);
  };
  expect((await bring(server('one'), '--wait')).code).toBe(0);
  await reached('one');
  const second = await bring(server('two'));
  expect(second.output).toContain('hand over to container');
  await reached('two');

  expect((await bring(`${server('three')}\n    deploy: { replicas: 2 }`)).code).toBe(0);
  await reached('three');

  const before = (await own()).map(({ id, state }) => [id, state]);
  const failed = await bring(
    "image: busybox\n    command: [sh, -c, 'echo out of luck; exit 3']\n    deploy: { replicas: 2 }",
  );
  expect(failed.code).toBe(1);
  expect(failed.output).toMatch(/api ended with exit code 3.*; api keeps running its previous version/);
  expect(failed.output).toContain('out of luck');
  expect((await own()).map(({ id, state }) => [id, state])).toEqual(before);
  expect(before.map(([, state]) => state)).toEqual(['running', 'running']);

  expect((await bring(`${server('four')}\n    deploy: { replicas: 2 }`)).code).toBe(0);
  await reached('four');
  expect((await own()).map(({ name }) => name)).toEqual([`${project.name}-api-1`, `${project.name}-api-2`]);

  const answers = await answersOfClient();
  expect(Object.keys(answers).toSorted()).toEqual(['four', 'one', 'three', 'two']);
  expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(300);
});

test('a rebuild by a save answers at any time, too, and what a killed replacement left is cleared away', async () => {
  project.write('client.js', client);
  project.write(
    'api/Dockerfile',
    'FROM busybox\nCOPY index.html /www/index.html\nCMD ["sh", "-c", "sleep 0.5; exec httpd -f -p 8080 -h /www"]\n',
  );
  project.write('api/index.html', 'one');
  project.write('stack.yaml', services('build: ./api'));
  const watching = await project.watch(['up', '--watch']);
  await reached('one');
  project.write('api/index.html', 'two');
  await watching.waitFor(/api +runs the change [\d.]+m?s after the save/);
  await watching.waitFor(/api +rebuilt in/);
  await reached('two');
  watching.signal('SIGKILL');
  await watching.finished;

  // It never listens, so that it never takes over.
  project.write('stack.yaml', services('build: ./api\n    command: [sleep, infinity]'));
  const killed = project.start(['up', '-d', '--ui', 'json']);
  await killed.waitFor(/waiting until api listens on port 8080/);
  killed.signal('SIGKILL');
  await killed.finished;
  expect((await own()).map(({ state }) => state)).toEqual(['running', 'running']);
  project.write('stack.yaml', services('build: ./api\n    environment: [A=b]'));
  expect((await project.run(['up', '-d'])).code).toBe(0);
  expect((await own()).map(({ name, state }) => [name, state])).toEqual([
    [`${project.name}-api-1`, 'running'],
  ]);
  await reached('two');
  expect(Object.keys(await answersOfClient()).toSorted()).toEqual(['one', 'two']);
});

async function own() {
  return (await containersOf(project.name)).filter(({ service }) => service === 'api');
}

/** Waits until the client would get this answer. */
async function reached(answer: string): Promise<void> {
  const ask = `const again = () => setTimeout(ask, 20);
    const ask = () => fetch('http://api:8080').then((said) => said.text()).then((text) => text.trim() === '${answer}' || again(), again);
    ask();`;
  const { code, output } = await project.run(['exec', '-T', 'client', 'node', '-e', ask]);
  expect([code, output]).toEqual([0, '']);
}

async function answersOfClient(): Promise<Record<string, number>> {
  await project.run(['stop', 'client']);
  const { stdout } = await project.run(['logs', '--no-color', '--no-log-prefix', 'client']);
  return JSON.parse(/^answers (.*)$/m.exec(stdout)?.[1] ?? '{}');
}
