import { afterEach, expect, test } from 'vitest';
import { askEngine } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject | undefined;
afterEach(() => project?.remove());

interface Inspected {
  readonly Id: string;
  readonly Config: Record<string, unknown>;
  readonly HostConfig: Record<string, unknown>;
  readonly Mounts: readonly { readonly Destination: string }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Record<string, unknown>>> };
}

const file = `
services:
  a:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    annotations: { team: web }
    cgroup: private
    cpu_shares: 512
    cpuset: "0"
    devices: ["/dev/null:/dev/nothing:rw", { source: /dev/zero, target: /dev/zeros, permissions: r }]
    deploy:
      resources:
        limits: { cpus: "0.5", memory: 64m, pids: 50 }
        reservations: { memory: 32m }
      restart_policy: { condition: on-failure, max_attempts: 3 }
    restart: always
    group_add: ["1000"]
    ipc: private
    mac_address: 02:42:ac:11:65:43
    memswap_limit: 128m
    oom_score_adj: 100
    ulimits: { nofile: { soft: 1000, hard: 2000 }, nproc: 500 }
    userns_mode: host
    uts: host
    secrets: [password, { source: password, target: other }, { source: password, target: /etc/secret }]
    configs: [settings, { source: settings, target: /etc/settings }]
    volumes:
      - data:/data
      - ./shared:/shared:ro
      - { type: bind, source: ./shared, target: /again, bind: { create_host_path: false, propagation: rprivate } }
      - { type: volume, source: data, target: /labelled, volume: { nocopy: true, subpath: . } }
      - { type: tmpfs, target: /scratch, tmpfs: { size: 1m, mode: 0o1700 } }
      - /anonymous
    tmpfs: [/run/scratch:size=1m]
    networks:
      front: { aliases: [site], priority: 5, gw_priority: 2 }
      back: {}
secrets: { password: { file: ./password.txt } }
configs: { settings: { file: ./settings.txt } }
networks:
  front: { labels: [${testLabel}=1] }
  back: { internal: true, labels: [${testLabel}=1] }
volumes:
  data: { labels: [${testLabel}=1] }
`;

test.skipIf(compose === undefined)('a container is what Docker Compose makes of the same file', async () => {
  const own = createProject({ file });
  project = own;
  own.write('password.txt', 'secret');
  own.write('settings.txt', 'a: b');
  own.write('shared/x', '');
  expect((await own.run(['up', '-d', '--trust'])).output).not.toMatch(/ error/);
  const ours = await inspect(`${own.name}-a-1`);
  const again = await own.startOther(compose ?? '', ['-f', 'stack.yaml', 'up', '-d', '--force-recreate'])
    .finished;
  expect(again.code).toBe(0);
  const theirs = await inspect(`${own.name}-a-1`);
  expect(theirs.Id).not.toBe(ours.Id);
  expect(comparable(ours)).toEqual(comparable(theirs));
});

const plain = (version: string) => `
services:
  a:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    environment: { VERSION: ${version} }
    container_name: ${'$'}{COMPOSE_PROJECT_NAME}_own
    networks: { front: { aliases: [site], priority: 5 }, back: {} }
  b:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    networks: [front]
    links: ["a:linked"]
networks:
  front: { labels: [${testLabel}=1] }
  back: { internal: true, labels: [${testLabel}=1] }
`;

test.skipIf(compose === undefined)('so is one that has taken over from another one', async () => {
  const own = createProject({ file: plain('one') });
  project = own;
  const name = `${own.name}_own`;
  await own.run(['up', '-d']);
  const first = await inspect(name);
  own.write('stack.yaml', plain('two'));
  expect((await own.run(['up', '-d'])).output).toContain('hand over to container');
  const ours = await inspect(name);
  expect(ours.Id).not.toBe(first.Id);
  const linked = ['exec', '-T', 'b', 'sh', '-c', 'nslookup linked > /dev/null && nslookup site > /dev/null'];
  expect((await own.run(linked)).code).toBe(0);
  const other = (...words: readonly string[]) =>
    own.startOther(compose ?? '', ['-f', 'stack.yaml', ...words]).finished;
  await other('up', '-d');
  expect((await inspect(name)).Id).toBe(ours.Id);
  await other('up', '-d', '--force-recreate');
  const theirs = await inspect(name);
  expect(theirs.Id).not.toBe(ours.Id);
  expect(comparable(ours)).toEqual(comparable(theirs));
});

async function inspect(name: string): Promise<Inspected> {
  return askEngine('GET', `/containers/${name}/json`);
}

/** What does not differ from one container to the next. */
function comparable({ Id, Config, HostConfig, Mounts, NetworkSettings }: Inspected): object {
  const { Hostname: _, Labels: labels, ...config } = Config;
  const kept = Object.entries(labels as Record<string, string>).filter(
    ([key]) => !key.startsWith('dev.stack.') && key !== 'com.docker.compose.replace',
  );
  const networks = Object.entries(NetworkSettings.Networks).map(([name, network]) => [
    name,
    {
      aliases: (network.Aliases as string[]).filter((alias) => alias !== Id.slice(0, 12)),
      options: network.DriverOpts,
      address: network.IPAMConfig,
    },
  ]);
  const labelled = Object.fromEntries(kept);
  // The anonymous volume is the same one, but only the second container is told its name.
  const mounted = ((HostConfig.Mounts ?? []) as { Target: string }[]).filter(
    ({ Target }) => Target !== '/anonymous',
  );
  const host = { ...HostConfig, Mounts: mounted };
  return settled({ config, labelled, host, Mounts, networks: Object.fromEntries(networks) }) as object;
}

/** Without what is empty in one of several ways, and lists in one order: the engine does not look at either. */
function settled(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(settled).toSorted((a, b) => (asText(a) < asText(b) ? -1 : 1));
  const entries = Object.entries(value).map(([key, one]) => [key, settled(one)] as const);
  const isEmpty = (one: unknown) =>
    one === null || (typeof one === 'object' && Object.keys(one as object).length === 0);
  return Object.fromEntries(
    entries.filter(([, one]) => !isEmpty(one)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function asText(value: unknown): string {
  return JSON.stringify(value);
}
