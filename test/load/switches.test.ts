import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { containerRef, createContainerAction } from '../../src/plan/container.ts';
import { folder, problemsIn, request } from './folder.ts';

test('files of --env-file are known to the stack and to its containers', async () => {
  const directory = folder({
    'compose.yaml': 'services: {a: {image: "x$A"}}',
    'one.env': 'A=1',
    'two.env': 'A=2',
  });
  const { stack, variables } = await loadStack(request(directory, { envFiles: ['one.env', 'two.env'] }));
  expect(variables.get('A')).toBe('2');
  expect(stack.environmentFiles).toEqual([`${directory}/one.env`, `${directory}/two.env`]);
  const labelled = 'com.docker.compose.project.environment_file';
  const labels = (of: typeof stack) => {
    const service = of.services.a ?? {};
    const peers = { refsOf: () => [], firstOf: () => undefined };
    const container = containerRef(of, 'a', service, 1);
    return createContainerAction(of, container, service, undefined, {}, peers).labels;
  };
  expect(labels(stack)[labelled]).toBe(`${directory}/one.env,${directory}/two.env`);
  const plain = await loadStack(request(directory, { environment: { A: '3' } }));
  expect(labels(plain.stack)).not.toHaveProperty([labelled]);
});

test('a file of --env-file must exist', async () => {
  const directory = folder({ 'compose.yaml': 'services: {a: {image: x}}' });
  expect(await problemsIn(loadStack(request(directory, { envFiles: ['no.env'] })))).toMatchObject([
    { code: 'missing-env-file', message: `the env file ${directory}/no.env does not exist` },
  ]);
});

test('profiles of all services are listed, whatever is on', async () => {
  const directory = folder({
    'compose.yaml': 'services: {a: {image: x, profiles: [z, b]}, b: {image: x, profiles: [b]}}',
  });
  const { profiles, stack } = await loadStack(request(directory));
  expect(profiles).toEqual(['b', 'z']);
  expect(Object.keys(stack.services)).toEqual([]);
});

test('parts that no service uses are there on request', async () => {
  const directory = folder({
    'compose.yaml': 'services: {a: {image: x}}\nvolumes: {v: }\nnetworks: {n: }\nsecrets: {s: {file: f}}',
  });
  const { stack } = await loadStack(request(directory));
  expect([stack.volumes, stack.secrets, Object.keys(stack.networks)]).toEqual([{}, {}, ['default']]);
  const whole = (await loadStack(request(directory, { allResources: true }))).stack;
  expect(Object.keys({ ...whole.volumes, ...whole.secrets, ...whole.networks }).toSorted()).toEqual([
    'default',
    'n',
    's',
    'v',
  ]);
});

test('env files are not read by commands that need no environment', async () => {
  const directory = folder({ 'compose.yaml': 'services: {a: {image: x, env_file: no.env}}' });
  const { stack } = await loadStack(request(directory, { resolveEnvironment: false }));
  expect(stack.services.a).not.toHaveProperty('environment');
  expect(await problemsIn(loadStack(request(directory)))).toMatchObject([{ code: 'missing-env-file' }]);
});

test('env files are found when paths stay relative', async () => {
  const directory = folder({
    'compose.yaml': 'services: {a: {image: x, env_file: sub/e.env, build: ctx}}',
    'sub/e.env': 'A=1',
    'else/.keep': '',
  });
  const { stack } = await loadStack(request(`${directory}/else`, { resolvePaths: false }));
  expect(stack.services.a).toMatchObject({ environment: { A: '1' }, build: { context: 'ctx' } });
});
