import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const file = `services:
  web: {image: busybox, command: env, environment: {HTTPS_PROXY: mine, no_proxy: ""}, labels: [${testLabel}=1]}
`;

test('containers get the proxies of the docker CLI, and are the same container with and without', async () => {
  const project = createProject({ file });
  onTestFinished(() => project.remove());
  const proxies = { default: { httpProxy: 'http://proxy.example:1', httpsProxy: 'other', noProxy: 'here' } };
  project.write('docker/config.json', JSON.stringify({ proxies }));
  const environment = { DOCKER_CONFIG: path.join(project.directory, 'docker') };
  const variablesIn = (text: string): string[] =>
    [...text.matchAll(/\w*(?:_proxy|_PROXY)=.*/g)].map(([variable]) => variable).toSorted();
  const expected = [
    'HTTPS_PROXY=mine',
    'HTTP_PROXY=http://proxy.example:1',
    'NO_PROXY=here',
    'http_proxy=http://proxy.example:1',
    'https_proxy=other',
    'no_proxy=',
  ];
  const { output } = await project.run(['up'], { environment });
  expect(variablesIn(output)).toEqual(expected);
  const once = await project.run(['run', '--rm', '-T', 'web'], { environment, input: '' });
  expect(variablesIn(once.stdout)).toEqual(expected);
  expect((await project.run(['plan'])).stdout).not.toContain('create container');
  expect((await project.run(['why', 'web'], { environment })).stdout).not.toContain('proxy.example');
  if (compose === undefined) return;
  const theirs = await project.startOther(compose, ['-f', 'stack.yaml', 'run', '--rm', '-T', 'web'], {
    environment,
    input: '',
  }).finished;
  expect(variablesIn(theirs.stdout)).toEqual(expected);
});
