import { afterEach, expect, test } from 'vitest';
import { call } from '../../src/docker/api.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { dockerRuntime } from '../../src/docker/runtime.ts';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const { signal } = new AbortController();

let project: TestProject | undefined;
afterEach(() => project?.remove());

interface Inspected {
  readonly Id: string;
  readonly Config: { readonly Env: readonly string[]; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: Readonly<Record<string, unknown>>;
}

const service = `
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]`;

/** A profile that forbids one call, so that it can be seen to count. */
const profile = `{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [ { "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "comment": "a \\" b" } ]
}
`;

test('a seccomp profile is read from its file; paths of the system can be laid open', async () => {
  const own = createProject({
    file: `services:\n  web:${service}\n    security_opt: ["seccomp:./profile.json", "systempaths=unconfined"]\n`,
  });
  project = own;
  const missing = await own.run(['up', '-d', '--trust']);
  expect(missing.code).toBe(1);
  expect(missing.output).toMatch(
    /stack\.yaml:8:20 error: the seccomp profile \S+profile\.json of web cannot be read/,
  );
  own.write('profile.json', '{');
  expect((await own.run(['up', '-d'])).output).toContain('profile.json of web is no JSON');
  own.write('profile.json', profile);
  expect((await own.run(['up', '-d'])).code).toBe(0);
  expect((await own.run(['exec', 'web', 'mkdir', '/tmp/x'])).output).toContain('Operation not permitted');
  const { HostConfig: host } = await inspect(`${own.name}-web-1`);
  expect(host).toMatchObject({ MaskedPaths: [], ReadonlyPaths: [] });
  if (compose === undefined) return;
  const again = await own.startOther(compose, ['-f', 'stack.yaml', 'up', '-d', '--force-recreate']).finished;
  expect(again.code).toBe(0);
  expect((await inspect(`${own.name}-web-1`)).HostConfig.SecurityOpt).toEqual(host.SecurityOpt);
});

test('use_api_socket gives what Docker Compose gives', async () => {
  // Not started: where there is no such socket the engine would make a folder of its name.
  const own = createProject({ file: `services:\n  web:${service}\n    use_api_socket: true\n` });
  project = own;
  expect((await own.run(['create', '--trust'])).code).toBe(0);
  const made = await inspect(`${own.name}-web-1`);
  expect(made.HostConfig.Binds).toEqual(['/var/run/docker.sock:/var/run/docker.sock:rw']);
  expect(made.Config.Env).toContain('DOCKER_CONFIG=/run/secrets/docker');
  if (compose !== undefined) {
    expect((await own.startOther(compose, ['-f', 'stack.yaml', 'create']).finished).code).toBe(0);
    expect((await inspect(`${own.name}-web-1`)).Id).toBe(made.Id);
  }
  own.write('stack.yaml', `services:\n  web:${service}\n    read_only: true\n    use_api_socket: true\n`);
  const refused = await own.run(['create', '--trust']);
  expect(refused.output).toMatch(
    /stack\.yaml:9:21 error: the credentials that `use_api_socket` gives cannot/,
  );
  expect(refused.code).toBe(1);
});

test('credentials of registries are written into a container as the docker CLI keeps them', async () => {
  const own = createProject({ file: `services:\n  web:${service}\n` });
  project = own;
  const auths = { 'registry.test': { auth: Buffer.from('me:secret').toString('base64') } };
  own.write('config.json', JSON.stringify({ auths, credsStore: 'none-such' }));
  expect((await own.run(['create', '--trust'])).code).toBe(0);
  const container = { service: 'web', number: 1, name: `${own.name}-web-1` };
  const runtime = dockerRuntime(await resolveEndpoint({ ...process.env, DOCKER_CONFIG: own.directory }));
  const content = {
    path: '/run/secrets/docker/config.json',
    from: 'configs.#apisocket',
    credentials: true,
  } as const;
  await runtime.perform(
    { kind: 'start-container', container, contents: [content] },
    { project: own.name, signal, progress: () => {}, contents: new Map() },
  );
  const { stdout } = await own.run(['exec', 'web', 'cat', content.path]);
  expect(JSON.parse(stdout)).toEqual({ auths });
});

test('configs and secrets that only a swarm has are refused with their place, before anything is made', async () => {
  const own = createProject({
    file: `services:
  web:${service}
    configs: [settings]
    secrets: [password]
configs: { settings: { external: true } }
secrets: { password: { external: true } }
`,
  });
  project = own;
  const { code, output } = await own.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output).toContain('stack.yaml:8:15 error: unsupported external config settings\n');
  expect(output).toContain('stack.yaml:9:15 error: unsupported external secret password\n');
  expect(await containersOf(own.name)).toEqual([]);
});

const named = `services:
  web:${service}
    build: { dockerfile_inline: "FROM busybox" }
    links: [db]
  db:${service}
`.replace('  web:\n    image: busybox', '  web:');

test('with --compatibility names are those of Docker Compose 1, in every command', async () => {
  const own = createProject({ file: named });
  project = own;
  const compatible = { COMPOSE_COMPATIBILITY: '1' };
  expect((await own.run(['--compatibility', 'up', '-d'])).code).toBe(0);
  const before = await containersOf(own.name);
  expect(before.map(({ name, image }) => [name, image])).toEqual([
    [`${own.name}_db_1`, 'busybox'],
    [`${own.name}_web_1`, `${own.name}_web`],
  ]);
  const ran = await own.run(['run', '--rm', '--no-deps', 'web', 'hostname'], { environment: compatible });
  expect(ran.output).toMatch(new RegExp(`${own.name}_web_run_[0-9a-f]{12}`));
  expect((await own.run(['logs', '-n', '1'], { environment: compatible })).code).toBe(0);
  if (compose !== undefined) {
    const theirs = ['-f', 'stack.yaml', 'up', '-d'];
    expect((await own.startOther(compose, theirs, { environment: compatible }).finished).code).toBe(0);
    expect((await own.startOther(compose, theirs).finished).code).toBe(0);
  }
  expect((await own.run(['up', '-d'], { environment: compatible })).code).toBe(0);
  const after = await containersOf(own.name);
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));

  // Without it, what is there keeps its name, and is known by it.
  expect((await own.run(['stop'])).code).toBe(0);
  expect((await own.run(['up', '-d', '--no-build', '--scale', 'db=2', 'db'])).code).toBe(0);
  const names = (await containersOf(own.name)).map(({ name, state }) => `${name} ${state}`);
  expect(names).toEqual([`${own.name}-db-2 running`, `${own.name}_db_1 running`, `${own.name}_web_1 exited`]);
});

async function inspect(name: string): Promise<Inspected> {
  const engine = connectEngine(await resolveEndpoint(process.env));
  return call(engine, 'GET', `/containers/${name}/json`, { signal });
}
