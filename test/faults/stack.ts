import { buffer } from 'node:stream/consumers';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { label } from '../../src/model/labels.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { engineRequest, engineStream, labelled } from '../lab/api.ts';

/** How many lines the writer writes: `line 1`, `line 2`, … */
export const lines = 30;

/**
 * A database with data that must not be lost, what waits for it and is built, and what has a volume without a name; an
 * engine that is restarted starts them again.
 */
const file = `
x-all: &all { init: true, restart: unless-stopped, stop_grace_period: 1s, labels: ["${testLabel}=\${EDITION:-1}"] }
services:
  db:
    <<: *all
    image: busybox
    command: [sh, -c, "[ -e /data/marker ] || echo $$HOSTNAME >/data/marker; sleep 600"]
    volumes: ["data:/data"]
    networks: [back]
    healthcheck: { test: [CMD, test, -e, /data/marker], interval: 1h }
  web:
    <<: *all
    build: { context: ./web, labels: ["${testLabel}=1"] }
    networks: [default, back]
    depends_on: { db: { condition: service_healthy } }
    develop: { watch: [{ action: sync, path: ./web/page, target: /page }] }
  cache: { <<: *all, image: busybox, command: [sleep, "600"], volumes: [/kept] }
  writer:
    <<: *all
    image: busybox
    profiles: [writing]
    restart: "no"
    command: [sh, -c, "i=1; while [ $$i -le ${lines} ]; do echo line $$i; i=$$((i + 1)); usleep 30000; done"]
networks:
  default: { labels: ["${testLabel}=1"] }
  back: { labels: ["${testLabel}=1"] }
volumes:
  data: { labels: ["${testLabel}=1"] }
`;

export function createStack(): TestProject {
  const project = createProject({ file });
  project.write('web/Dockerfile', 'FROM busybox\nCOPY page /page\nCMD ["sleep", "600"]\n');
  project.write('web/page/text', 'first\n');
  return project;
}

/** All that a project has on the engine, in words that are the same for each project. */
export interface Found {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Images without a name. */
  readonly nameless: number;
}

interface Listed {
  readonly Id: string;
  readonly Labels: Readonly<Record<string, string>>;
}

interface ListedContainer extends Listed {
  readonly Names: readonly string[];
  readonly State: string;
  readonly Mounts: readonly { readonly Name?: string; readonly Destination: string }[];
}

export async function lookAt(project: TestProject): Promise<Found> {
  const [containers, networks, { Volumes }, images] = await Promise.all([
    listContainers(project),
    list<readonly (Listed & { readonly Name: string })[]>(project, '/networks?'),
    list<{ readonly Volumes: readonly { readonly Name: string }[] | null }>(project, '/volumes?'),
    list<readonly { readonly RepoTags: readonly string[] | null }[]>(project, '/images/json?'),
  ]);
  const short = (name: string): string => name.replace(new RegExp(`^/?${project.name}[-_]`), '');
  return {
    containers: containers
      .map(({ Names: [name = ''], State, Labels }) => [short(name), State, Labels[testLabel]].join(' '))
      .toSorted(),
    networks: networks.map(({ Name }) => short(Name)).toSorted(),
    volumes: (Volumes ?? []).map(({ Name }) => short(Name)).toSorted(),
    nameless: images.filter(({ RepoTags }) => !RepoTags?.length).length,
  };
}

/** What must not be lost: what is in the named volume, and which volume without a name is used. */
export async function readData(project: TestProject): Promise<string> {
  const containers = await listContainers(project);
  const anonymous = containers.flatMap(({ Mounts }) =>
    Mounts.filter(({ Destination }) => Destination === '/kept').map(({ Name }) => Name),
  );
  return `marker ${await readMarker(project)}, ${anonymous.length === 0 ? 'no cache' : anonymous.join(' ')}`;
}

/** A container that is not even started gives out what is in its volumes. */
export async function readMarker({ name }: TestProject): Promise<string> {
  const host = await engineHost();
  const volumes = await engineRequest<{ readonly Volumes: readonly unknown[] | null }>(
    host,
    'GET',
    `/volumes?filters=${encodeURIComponent(JSON.stringify({ name: [`${name}_data`] }))}`,
  );
  if (!volumes.Volumes?.length) return 'and its volume are gone';
  const body = {
    Image: 'busybox',
    Labels: { [testLabel]: '1' },
    HostConfig: { Binds: [`${name}_data:/data`] },
  };
  const { Id } = await engineRequest<{ Id: string }>(host, 'POST', '/containers/create', { body });
  try {
    return (await readInside(Id, '/data/marker')).trim() || 'is gone';
  } finally {
    await engineRequest(host, 'DELETE', `/containers/${Id}?force=1`);
  }
}

/** What is in a file of a container; nothing if there is none. */
export async function readInside(container: string, file: string): Promise<string> {
  const path = `/containers/${container}/archive?path=${file}`;
  const archive = await engineStream(await engineHost(), 'GET', path).catch(() => undefined);
  const bytes = archive === undefined ? Buffer.alloc(0) : await buffer(archive);
  return bytes.toString('utf8', tarBlock).replace(/\0+$/, '');
}

/** A file in a tar archive begins after one block about it. */
const tarBlock = 512;

/** Removes all of a project at once, without asking the program that is tested. */
export async function clear(project: TestProject): Promise<void> {
  const host = await engineHost();
  const remove = (paths: readonly string[]) =>
    Promise.allSettled(paths.map((path) => engineRequest(host, 'DELETE', path)));
  await remove((await listContainers(project)).map(({ Id }) => `/containers/${Id}?force=1&v=1`));
  const networks = await list<readonly Listed[]>(project, '/networks?');
  const { Volumes } = await list<{ readonly Volumes: readonly { readonly Name: string }[] | null }>(
    project,
    '/volumes?',
  );
  await remove([
    ...networks.map(({ Id }) => `/networks/${Id}`),
    ...(Volumes ?? []).map(({ Name }) => `/volumes/${Name}`),
    `/images/${project.name}-web?force=1`,
  ]);
}

export async function engineHost(): Promise<string> {
  return (await resolveEndpoint(process.env)).url;
}

function listContainers(project: TestProject): Promise<readonly ListedContainer[]> {
  return list(project, '/containers/json?all=1&');
}

async function list<T>({ name }: TestProject, path: string): Promise<T> {
  return engineRequest<T>(await engineHost(), 'GET', `${path}${labelled(`${label.project}=${name}`)}`);
}
