import { afterEach, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import { askEngine, stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject | undefined;
afterEach(() => project?.remove());

const sleeps = `command: [sleep, infinity], init: true, stop_grace_period: 0s, labels: [${testLabel}=1]`;

const file = (cache = ''): string => `
services:
  cache: { image: "redis:7", command: [redis-server, --requirepass, pw], networks: [back], labels: [${testLabel}=1]${cache} }
  api: { build: { dockerfile_inline: "FROM busybox\\nEXPOSE 7000\\n", labels: { ${testLabel}: "1" } }, ${sleeps}, networks: [back] }
  web: { image: "redis:7", ${sleeps}, networks: [back, front], depends_on: [cache, api], links: ["cache:store"], environment: { API_NAME: mine } }
  other: { image: busybox, ${sleeps}, networks: [front], depends_on: [cache, web] }
networks: { back: { internal: true }, front: }
`;

test('services are told where those are that they use; neither tool makes containers anew because of that', async () => {
  project = createProject({ file: file() });
  const { name } = project;
  const up = async (...words: string[]): Promise<string> => {
    const { code, output } = await (project as TestProject).run(words);
    expect(code, output).toBe(0);
    return output;
  };
  await up('up', '-d');
  const first = await variablesOf(`${name}-web-1`);
  // The image that tells the port was not there yet when all this was planned.
  expect(first).toMatchObject({
    CACHE_HOST: 'cache',
    CACHE_PORT: '6379',
    CACHE_URL: 'redis://default:pw@cache:6379/0',
    STORE_PORT_6379_TCP: 'tcp://store:6379',
    API_PORT: '7000',
    API_NAME: 'mine',
  });
  // It may still be starting.
  const ping = 'redis-cli -u "$STORE_URL" --no-auth-warning ping';
  const ask = async () => (await project?.run(['exec', '-T', 'web', 'sh', '-c', ping]))?.stdout;
  await expect.poll(ask).toBe('PONG\n');
  // It shares no network with the cache.
  const other = await variablesOf(`${name}-other-1`);
  expect(Object.keys(other).filter((one) => one.startsWith('CACHE'))).toEqual([]);
  expect(other.WEB_HOST).toBe('web');
  const { labels } = await containerOf(`${name}-web-1`);
  expect(labels[label.discovery]).toMatch(/^[0-9a-f]{64}$/);

  const before = await idsOf(name);
  const same = async (): Promise<void> => expect(await idsOf(name)).toEqual(before);
  expect(await up('up', '-d')).toContain('nothing to do');
  await up('up', '-d', '--no-deps', 'web');
  await same();
  await up('compose', 'up', '-d');
  await same();
  if (compose !== undefined) {
    const { code, output } = await project.startOther(compose, ['-f', 'stack.yaml', 'up', '-d']).finished;
    expect(code, output).toBe(0);
    await same();
  }

  // An image that is there tells the same.
  const once = await up('run', '--rm', '-T', '--no-deps', 'web', 'sh', '-c', 'echo $API_PORT $CACHE_HOST');
  expect(once).toContain('7000 cache\n');

  project.write('stack.yaml', file(', expose: [6380]'));
  const planned = await up('plan');
  expect(planned).toMatch(/environment\.CACHE_PORT: 6379 → 6380/);
  expect(planned).not.toContain('pw@');
  await up('compose', 'up', '-d', '--no-deps', 'web');
  expect((await idsOf(name)).filter((id) => !before.includes(id))).toEqual([]);
});

test('in the place of Docker Compose nothing is added to the environment of a service', async () => {
  const web = `web: { image: busybox, ${sleeps}, depends_on: [cache] }`;
  project = createProject({ file: `services:\n  cache: { image: busybox, ${sleeps} }\n  ${web}\n` });
  const { code, output } = await project.run(['compose', 'up', '-d']);
  expect(code, output).toBe(0);
  expect(Object.keys(await variablesOf(`${project.name}-web-1`))).toEqual(['PATH']);
  const { labels } = await containerOf(`${project.name}-web-1`);
  expect(labels[label.discovery]).toBeUndefined();
  const again = await project.run(['up', '-d']);
  expect(again.output).toContain('nothing to do');
});

async function containerOf(container: string) {
  const { Config } = await askEngine<{ Config: { Env: string[] | null; Labels: Record<string, string> } }>(
    'GET',
    `/containers/${container}/json`,
  );
  return { environment: Config.Env ?? [], labels: Config.Labels };
}

async function variablesOf(container: string): Promise<Record<string, string>> {
  const { environment } = await containerOf(container);
  return Object.fromEntries(
    environment.map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** Those of the containers of a project. */
async function idsOf(name: string): Promise<readonly string[]> {
  const { containers } = await stateOf(name);
  return containers.map(({ id }) => id).toSorted();
}
