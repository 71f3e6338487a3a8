import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { digestOf, startTestRegistry, type TestRegistry, user } from '../helpers/registry.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function created(files: Readonly<Record<string, string>>): TestProject {
  const project = createProject();
  ends.push(() => project.remove());
  for (const [name, text] of Object.entries(files)) project.write(name, text);
  return project;
}

async function registryThat(options: Parameters<typeof startTestRegistry>[0] = {}): Promise<TestRegistry> {
  const registry = await startTestRegistry(options);
  ends.push(registry.stop);
  return registry;
}

const plain = `services:\n  web: {image: busybox, command: "echo said \${WORD-hello}", labels: [${testLabel}=1]}\n`;

/** A cache of its own. */
function elsewhere(project: TestProject): Record<string, string> {
  return { XDG_CACHE_HOME: path.join(project.directory, 'cache') };
}

test('what is published runs somewhere else, once its variables are agreed to', async () => {
  const { address, asked } = await registryThat();
  const reference = `${address}/team/shop:1`;
  const here = created({ 'compose.yaml': plain });
  const published = await here.run(['publish', reference]);
  expect(published).toMatchObject({ code: 0, stdout: '' });
  expect(published.stderr).toContain(`publish project ${reference}`);

  const there = created({});
  const environment = elsewhere(there);
  const words = ['-f', `oci://${reference}`];
  const services = await there.run([...words, 'config', '--services'], { environment });
  expect(services).toMatchObject({ code: 0, stdout: 'web\n' });

  const question = 'Do you want to proceed with these variables?';
  const refused = await there.run([...words, 'up'], { environment, input: '' });
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain(
    `Your compose stack "oci://${reference}" is stored in "${environment.XDG_CACHE_HOME}`,
  );
  expect(refused.stdout).toContain(`VARIABLE   VALUE   SOURCE         REQUIRED   DEFAULT
WORD       hello   compose file   no         hello`);
  expect(refused.stdout).toContain(question);
  expect(refused.stderr).toContain('operation cancelled by user');
  const agreed = await there.run([...words, 'up'], {
    environment: { ...environment, WORD: 'yes' },
    input: 'y\n',
  });
  expect(agreed.stdout).toContain('WORD       yes     environment   no         hello');
  expect(agreed).toMatchObject({ code: 0, stdout: expect.stringContaining('said yes') });
  const sure = await there.run([...words, 'up', '--yes'], { environment });
  expect(sure).toMatchObject({ code: 0, stdout: expect.not.stringContaining(question) });
  const once = await there.run([...words, 'run', '--rm', '-T', '-e', 'WORD=once', 'web', 'cat'], {
    environment,
    input: 'y\nfor the container\n',
  });
  expect(once.stdout).toContain('WORD       once    command-line');
  expect(once).toMatchObject({ code: 0, stdout: expect.stringMatching(/\[y\/N\]: for the container\n$/) });
  expect(asked.filter((line) => line.startsWith('GET') && line.includes('/blobs/'))).toHaveLength(1);
});

test('named by its digest it needs no registry any more', async () => {
  const registry = await registryThat();
  const here = created({ 'compose.yaml': plain });
  await here.run(['publish', `${registry.address}/shop`]);
  const [digest = ''] = [...registry.kept.keys()].filter((key) => key.includes('manifests/sha256:'));
  const words = ['-f', `oci://${registry.address}/shop@${digest.split('/').at(-1)}`, 'config', '--services'];
  const environment = elsewhere(here);
  expect(await here.run(words, { environment })).toMatchObject({ code: 0, stdout: 'web\n' });
  await registry.stop();
  expect(await here.run(words, { environment })).toMatchObject({ code: 0, stdout: 'web\n' });
  const tag = await here.run(['-f', `oci://${registry.address}/shop`, 'config'], { environment });
  expect(tag).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be reached') });
});

describe('what might not be meant to be seen', () => {
  const files = {
    'compose.yaml': `services:
  web: {image: busybox, environment: {A: b, PASSWORD: hunter2}, volumes: ["./data:/data:ro"], configs: [c]}
configs: {c: {file: ./c.conf}}
`,
    'c.conf': 'token=0123456789abcdef0123456789abcdefX\n',
  };

  test('is asked about, one after the other, without showing what is secret', async () => {
    const { address, kept } = await registryThat();
    const project = created(files);
    const publish = (input: string, ...more: readonly string[]) =>
      project.run(['publish', ...more, `${address}/shop:1`], { input });
    const asked = await publish('y\nyes\nn\n', '--with-env');
    expect(asked).toMatchObject({ code: 0 });
    expect(asked.stdout).toBe(`you are about to publish bind mounts declaration within your OCI artifact.
only the bind mount declarations will be added to the OCI artifact (not content)
please double check that you are not mounting potential user's sensitive directories or data
web  ${project.directory}/data:/data:ro
Are you ok to publish these bind mount declarations?you are about to publish sensitive data within your OCI artifact.
please double check that you are not leaking sensitive data
Keyword Detector
"token": 0123…
Are you ok to publish these sensitive data?you are about to publish environment variables within your OCI artifact.
please double check that you are not leaking sensitive data
Service/Config  web
A=b
PASSWORD=********
Are you ok to publish these environment variables?`);
    const refused = await publish('y\ny\n');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('service "web" has environment variable(s) declared.');
    expect(refused.stderr).toContain('allow it with --with-env');
    expect(await publish('')).toMatchObject({ code: 0 });
    expect(kept.size).toBe(0);
    expect(await publish('y\ny\ny\n', '--with-env')).toMatchObject({ code: 0 });
    expect(kept.has('shop/manifests/1')).toBe(true);
  });

  test('goes without a question with --yes, and nowhere with --dry-run', async () => {
    const { address, kept } = await registryThat();
    const project = created(files);
    const dry = await project.run(['publish', '-y', '--dry-run', `${address}/shop:1`]);
    expect(dry).toMatchObject({ code: 0, stdout: `publish project ${address}/shop:1: it was asked for\n` });
    expect(kept.size).toBe(0);
    expect(await project.run(['alpha', 'publish', '--y', `${address}/shop:1`])).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(kept.has('shop/manifests/1')).toBe(true);
  });
});

test.each([
  [
    'services: {web: {build: .}, app: {build: .}}',
    [],
    'it only contains a build section for service(s): "web", "app"',
  ],
  ['include: [inc.yaml]\nservices: {web: {image: x}}', [], 'cannot publish compose file with local includes'],
  ['services: {web: {image: x}}', ['--oci-version', '2'], 'unsupported OCI version: 2'],
] as const)('%s is not published', async (text, words, message) => {
  const { address, asked } = await registryThat();
  const project = created({ 'compose.yaml': text, 'inc.yaml': 'services: {inc: {image: x}}' });
  const { code, stderr } = await project.run(['publish', '-y', ...words, `${address}/shop:1`]);
  expect({ code, asked }).toEqual({ code: 1, asked: [] });
  expect(stderr).toContain(message);
});

test.each(['password', 'token'] as const)(
  'a registry that wants a %s gets that of docker login',
  async (wants) => {
    const { address, kept } = await registryThat({ wants });
    const project = created({ 'compose.yaml': plain });
    const without = await project.run(['publish', `${address}/shop:1`]);
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining(`docker login ${address}`) });
    const auth = Buffer.from(`${user.username}:${user.password}`).toString('base64');
    project.write('docker/config.json', JSON.stringify({ auths: { [address]: { auth } } }));
    const environment = { DOCKER_CONFIG: path.join(project.directory, 'docker') };
    expect(await project.run(['publish', `${address}/shop:1`], { environment })).toMatchObject({ code: 0 });
    expect(kept.has('shop/manifests/1')).toBe(true);
  },
);

test('images are named by their digests, and --app takes them along', async () => {
  const { address, kept } = await registryThat();
  const image = `${address}/team/web:1`;
  const project = created({
    'compose.yaml': `services: {web: {build: {dockerfile_inline: "FROM busybox", labels: [${testLabel}=1]}, image: "${image}"}}\n`,
  });
  for (const words of [['build'], ['push']]) expect(await project.run(words)).toMatchObject({ code: 0 });
  const digest = digestOf(kept.get('team/web/manifests/1')?.content ?? Buffer.of());
  const locked = await project.run(['config', '--lock-image-digests']);
  expect(locked).toMatchObject({ code: 0, stdout: expect.stringContaining(`${image}@${digest}`) });
  const resolved = await project.run(['config', '--resolve-image-digests', '--images']);
  expect(resolved).toMatchObject({ code: 0, stdout: `${image}\n` });
  const text = await project.run(['config', '--resolve-image-digests']);
  expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining(`${image}@${digest}`) });

  const layers = () => [...kept.values()].map(({ content }) => content.toString('latin1'));
  expect(layers().some((layer) => layer.includes(`${image}@${digest}`))).toBe(false);
  const words = ['publish', '-y', '--resolve-image-digests', `${address}/team/shop:1`];
  expect(await project.run(words)).toMatchObject({ code: 0 });
  expect(layers().some((layer) => layer.includes(`${image}@${digest}`))).toBe(true);
  expect(await project.run(['publish', '-y', '--app', `${address}/team/app:1`])).toMatchObject({ code: 0 });
  const manifests = [...kept].filter(([key]) => key.includes('/manifests/'));
  const index = manifests
    .map(([, { content }]) => JSON.parse(content.toString()) as { manifests?: { digest: string }[] })
    .find((manifest) => manifest.manifests !== undefined);
  expect(index?.manifests?.map((one) => one.digest)).toContain(digest);
});

test('other machines are reached through the proxy that the environment names', async () => {
  const { address } = await registryThat();
  const tunnels: string[] = [];
  const proxy = http.createServer().on('connect', (request, client, head) => {
    tunnels.push(request.url ?? '');
    const [, port] = address.split(':');
    const upstream = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const project = created({ 'compose.yaml': plain });
  const environment = {
    http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    NO_PROXY: 'skipped.invalid',
  };
  const publish = (host: string) =>
    project.run(['publish', '--insecure-registry', `${host}/shop:1`], { environment });
  expect(await publish('registry.invalid')).toMatchObject({ code: 0 });
  expect(new Set(tunnels)).toEqual(new Set(['registry.invalid:80']));
  expect(await publish('skipped.invalid')).toMatchObject({ code: 1 });
  expect(await publish(address)).toMatchObject({ code: 0 });
  expect(tunnels.filter((place) => place !== 'registry.invalid:80')).toEqual([]);
});

test('in the place of Docker Compose it is told in its words', async () => {
  const { address } = await registryThat();
  const project = created({ 'compose.yaml': plain });
  const link = path.join(project.directory, 'docker-compose');
  execFileSync('ln', ['-s', path.resolve(import.meta.dirname, '../../bin/stack.js'), link]);
  const { stderr } = await project.startOther(underTest, [link, 'publish', `${address}/shop:1`]).finished;
  expect(stderr).toBe(` ${address}/shop:1 publishing \n ${address}/shop:1 published \n`);
});

const graph = `name: shop
services:
  web: {image: nginx, ports: ["80:80", "127.0.0.1:90:91/udp", "70"], depends_on: [db, cache], networks: {b: {priority: 1}, a: {priority: 5}}}
  db: {build: ., links: [cache]}
  cache: {image: redis, network_mode: host}
networks: {a: {}, b: {}}
`;

const noWords: readonly string[] = [];
test.each([
  [noWords],
  [['--networks']],
  [['--ports', '--image']],
  [['--networks', '--ports', '--image', '--spaces', '--indentation-size', '3']],
])('viz %j draws what Docker Compose draws, in order', async (words) => {
  const project = created({ 'compose.yaml': graph, Dockerfile: 'FROM scratch' });
  const ours = await project.run(['alpha', 'viz', ...words]);
  expect(ours.code).toBe(0);
  expect(ours.stdout.replaceAll(project.name, 'NAME')).toMatchSnapshot();
  expect((await project.run(['viz', ...words])).stdout).toBe(ours.stdout);
  if (compose === undefined) return;
  const theirs = await project.startOther(compose, ['alpha', 'viz', ...words]).finished;
  const sorted = (text: string): string[] => text.split('\n').toSorted();
  expect(sorted(ours.stdout)).toEqual(sorted(theirs.stdout));
});

test.each([
  [['alpha', 'generate'], 'unknown command: alpha generate'],
  [['alpha'], 'unknown command: alpha'],
  [['bridge', 'convert'], 'stack does not turn stacks into other forms'],
  [['viz', '--indentation-size', '-1'], 'invalid indentation size: -1'],
  [['viz', 'web'], 'too many arguments'],
])('%j is refused with the reason', async (words, message) => {
  const { code, stderr } = await created({ 'compose.yaml': plain }).run(words);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(existsSync('out')).toBe(false);
});
