import { afterEach, describe, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import { stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const all = `image: busybox, init: true, stop_grace_period: 1s, labels: [${testLabel}=1]`;
const sleeps = `${all}, command: [sleep, infinity]`;

interface Fixture {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
}

const stacks: readonly Fixture[] = [
  {
    what: 'a plain stack with ports and variables',
    files: {
      '.env': 'GREETING=hello # to all\n',
      'compose.yaml': `services:
  web: { ${sleeps}, ports: ["127.0.0.1::80"], environment: { GREETING: "\${GREETING}", EMPTY: , PATH_OF: $PATH } }
  db: { ${sleeps}, expose: [5432], user: "1000:1000", working_dir: /tmp, tmpfs: [/run], hostname: db, read_only: true }
`,
    },
  },
  {
    what: 'built images',
    files: {
      'app/Dockerfile':
        'FROM busybox\nARG EDITION=1\nLABEL edition=$EDITION\nVOLUME /image\nCMD ["sleep", "infinity"]\n',
      'compose.yaml': `services:
  app: { build: { context: app, args: { EDITION: "2" }, labels: { ${testLabel}: "1" } }, labels: [${testLabel}=1], init: true }
  inline: { build: { dockerfile_inline: "FROM busybox" , labels: { ${testLabel}: "1" } }, labels: [${testLabel}=1], command: [sleep, infinity], init: true }
`,
    },
  },
  {
    what: 'configs and secrets',
    files: {
      '.env': 'WORD=swordfish\n',
      'own.conf': 'a = 1\n',
      'compose.yaml': `services:
  web:
    { ${sleeps}, configs: [own, { source: written, target: /etc/written, mode: 0440, uid: "5" }], secrets: [word, { source: filed, target: other }] }
configs: { own: { file: own.conf }, written: { content: "x=\${WORD}" } }
secrets: { word: { environment: WORD }, filed: { file: own.conf } }
`,
    },
  },
  {
    what: 'networks with aliases and addresses',
    files: {
      'compose.yaml': `services:
  web: { ${sleeps}, networks: { front: { aliases: [www, site], ipv4_address: 10.213.7.10 }, back: { priority: 5 } }, extra_hosts: ["far:10.1.2.3"] }
  db: { ${sleeps}, networks: [back], links: ["web:linked"] }
networks:
  front: { ipam: { config: [{ subnet: 10.213.7.0/24, gateway: 10.213.7.1 }] } }
  back: { internal: true, labels: { a: b } }
`,
    },
  },
  {
    what: 'volumes of all kinds',
    files: {
      'data/file': 'x\n',
      'compose.yaml': `services:
  web:
    ${all.replaceAll(', ', '\n    ')}
    command: [sleep, infinity]
    volumes:
      - named:/named
      - ./data:/data:ro
      - /anonymous
      - { type: tmpfs, target: /scratch, tmpfs: { size: 1m } }
      - { type: volume, source: named, target: /again, volume: { nocopy: true } }
      - { type: bind, source: ./data/file, target: /file, bind: { create_host_path: false } }
      - made:/made
volumes: { named: { labels: { a: b } }, made: { name: "\${COMPOSE_PROJECT_NAME}-own" } }
`,
    },
  },
  {
    what: 'replicas and limits',
    files: {
      'compose.yaml': `services:
  web: { ${sleeps}, deploy: { replicas: 3, resources: { limits: { cpus: "0.5", memory: 64m, pids: 50 } }, restart_policy: { condition: on-failure, max_attempts: 2 } } }
  two: { ${sleeps}, scale: 2, ulimits: { nofile: 1000 }, cap_drop: [NET_RAW], sysctls: { net.core.somaxconn: 100 } }
`,
    },
  },
  {
    what: 'conditions and hooks',
    files: {
      'compose.yaml': `services:
  db: { ${sleeps}, healthcheck: { test: "true", interval: 1s }, post_start: [{ command: [touch, /hook] }] }
  job: { ${all}, command: "true", depends_on: { db: { condition: service_healthy } } }
  web: { ${sleeps}, depends_on: { job: { condition: service_completed_successfully }, db: { condition: service_healthy, restart: true } } }
`,
    },
  },
  {
    what: 'shared namespaces and volumes',
    files: {
      'compose.yaml': `services:
  base: { ${sleeps}, volumes: [/shared], ipc: shareable }
  net: { ${sleeps}, network_mode: "service:base" }
  ipc: { ${sleeps}, ipc: "service:base", pid: "service:base" }
  vol: { ${sleeps}, volumes_from: ["base:ro"] }
`,
    },
  },
  {
    what: 'profiles',
    words: ['--profile', 'tools'],
    files: {
      'compose.yaml': `services:
  web: { ${sleeps} }
  tool: { ${sleeps}, profiles: [tools], depends_on: [web] }
  other: { ${sleeps}, profiles: [others] }
`,
    },
  },
  {
    what: 'env files, extends, include and an override',
    files: {
      'web.env': "A=1\nB='two words'\nC=$A-3\n",
      'base.yaml': `services:\n  base: { ${sleeps}, env_file: [web.env], environment: { FROM: base } }\n`,
      'more/compose.yaml': `services:\n  more: { ${sleeps}, volumes: ["./:/here"] }\n`,
      'compose.yaml': `include: [more/compose.yaml]
services:
  web: { extends: { file: base.yaml, service: base }, environment: { OWN: "1" } }
`,
      'compose.override.yaml': 'services:\n  web: { environment: { OWN: "2" }, labels: { x.y: z } }\n',
    },
  },
];

let project: TestProject;
afterEach(() => project.remove());

/** All that could have been made anew, by what the engine calls it. */
async function everything() {
  const { containers, networks, volumes } = await stateOf(project.name);
  return {
    containers: containers.map(({ id, name, mounts }) => [name, id, mounts.map(({ name }) => name).sort()]),
    networks: networks.map(({ id, name }) => `${name} ${id}`).sort(),
    volumes: volumes
      .filter(({ labels }) => labels[label.project] === project.name)
      .map(({ name }) => name)
      .sort(),
  };
}

describe.skipIf(compose === undefined)('both tools in turn on one project leave all as it is', () => {
  const orders = [
    ['stack', 'compose', 'stack'],
    ['compose', 'stack', 'compose'],
  ];
  test.each(stacks.flatMap(({ what, ...one }) => orders.map((order) => ({ what, order, ...one }))))(
    '$what, $order',
    async ({ order, files, words = [] }) => {
      project = createProject();
      for (const [name, text] of Object.entries(files)) project.write(name, text);
      let before: unknown;
      for (const tool of order) {
        const said = [...words, 'up', '-d'];
        const { code, output } =
          tool === 'stack' ? await project.run(said) : await project.startOther(compose ?? '', said).finished;
        expect(code, output).toBe(0);
        expect(output).not.toMatch(/orphan|has no service|created with other settings|does not belong/i);
        const after = await everything();
        expect(after.containers.length).toBeGreaterThan(0);
        if (before !== undefined) expect(after, output).toEqual(before);
        before = after;
      }
    },
  );
});
