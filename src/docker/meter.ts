import { readdirSync, readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { kernelText } from './kernel.ts';
import { firstChosenPort, readSocketTable, type Socket, socketState } from './socket-table.ts';

/** What the kernel tells of what a container does. */
export interface Meter {
  /** How much time of processors it has used, in milliseconds: more whenever one of its threads runs. Undefined: it is gone. */
  used(): Promise<number | undefined>;
  /** What its threads do, by the letters of the kernel: `R` runs or would like to, `D` waits for a disk, `S` for something else. */
  threads(): Promise<readonly string[]>;
  /** What others have to say before it can go on, as far as its network tells. */
  expects(): Promise<Expectation>;
}

/**
 * `answer`: somebody is to take a connection, or to tell what address a name has; `next-words`: it is connected, or it cannot be
 * told, and may be about to hear something.
 */
export type Expectation = 'answer' | 'next-words' | 'nothing';

/**
 * Undefined: it is not to be seen from here. The kernel tells it where the engine is a native one on this machine and keeps
 * containers where engines usually do.
 */
export async function meterOf(id: string): Promise<Meter | undefined> {
  const place = placesOf(id).find(({ used }) => kernelText(used) !== undefined);
  if (place === undefined) return undefined;
  return {
    async used() {
      const text = kernelText(place.used);
      return text === undefined ? undefined : Number(/\d+/.exec(text)?.[0]) * place.unit;
    },
    async threads() {
      return threadsIn(place).map(stateOf);
    },
    async expects() {
      const [thread] = threadsIn(place);
      const tell = (kind: string): string | undefined => kernelText(`/proc/${thread}/net/${kind}`);
      const interfaces = interfacesIn(tell('dev'));
      // What others have of this machine cannot be told from what it has itself; nor can anything if it has just ended.
      if (interfaces === '' || interfaces === interfacesIn(kernelText('/proc/self/net/dev')))
        return 'next-words';
      const names = [tell('udp'), tell('udp6')];
      // These two tables are of all networks of the machine: to look for the sockets of one of them takes milliseconds.
      const connections = connectsIn(tell('snmp')) === 0 ? [] : [tell('tcp'), tell('tcp6')];
      return expectedOf(rowsOf(connections), rowsOf(names));
    },
  };
}

/** Whether an engine of this machine keeps containers where they are looked for, so that one that is not there has ended. */
export async function keepsContainers(): Promise<boolean> {
  const folders = [
    'docker',
    'cpuacct/docker',
    'system.slice/docker.service',
    'cpuacct/system.slice/docker.service',
  ];
  const found = await Promise.all(
    folders.map((folder) =>
      access(`${root}/${folder}`).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

const root = '/sys/fs/cgroup';

interface Place {
  /** A file that says first how much time of processors the container has used. */
  readonly used: string;
  /** That in milliseconds. */
  readonly unit: number;
  readonly folder: string;
  /** The file in it, and in those below it, with the numbers of threads. */
  readonly threads: string;
}

/** By the second version of control groups and by the first, each with systemd and without. */
function placesOf(id: string): readonly Place[] {
  return [`docker/${id}`, `system.slice/docker-${id}.scope`].flatMap((folder) => [
    {
      used: `${root}/${folder}/cpu.stat`,
      unit: 1e-3,
      folder: `${root}/${folder}`,
      threads: 'cgroup.threads',
    },
    {
      used: `${root}/cpuacct/${folder}/cpuacct.usage`,
      unit: 1e-6,
      folder: `${root}/cpuacct/${folder}`,
      threads: 'tasks',
    },
  ]);
}

/** Who runs containers in a container, or a whole system, moves its processes into groups below its own. */
function threadsIn({ folder, threads }: Pick<Place, 'folder' | 'threads'>): readonly string[] {
  try {
    const own = readFileSync(`${folder}/${threads}`, 'utf8').match(/\d+/g) ?? [];
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...below.flatMap(({ name }) => threadsIn({ folder: `${folder}/${name}`, threads }))];
  } catch {
    return [];
  }
}

/**
 * What is expected by whoever has these sockets, in the rows of the kernel's tables. Who looks a name up has a socket that is connected
 * to port 53, or one for packets from anybody at a port that the system has chosen, as others have for good.
 */
export function expectedOf(tcp: readonly string[], udp: readonly string[]): Expectation {
  const connections = readSocketTable(tcp).map(({ state }) => state);
  const questions = readSocketTable(udp);
  const mayAsk = ({ address, port, peerPort }: Socket): boolean =>
    peerPort === 0 && port >= firstChosenPort && /^0+$/.test(address);
  if (connections.includes(socketState.synSent) || questions.some(({ peerPort }) => peerPort === 53))
    return 'answer';
  return connections.includes(socketState.established) || questions.some(mayAsk) ? 'next-words' : 'nothing';
}

function rowsOf(tables: readonly (string | undefined)[]): readonly string[] {
  return tables.flatMap((table) => table?.split('\n') ?? []);
}

/** The names of the interfaces of a network, without those that come and go with the containers on it. */
function interfacesIn(counters = ''): string {
  const names = Array.from(counters.matchAll(/^ *(\S+):/gm), ([, name = '']) => name);
  return names.filter((name) => !name.startsWith('veth')).join();
}

/** How often somebody of a network has begun to connect to others, by its counters: a row of names, below it one of numbers. */
function connectsIn(counters = ''): number | undefined {
  const [names = [], numbers = []] = Array.from(counters.matchAll(/^Tcp: (.*)$/gm), ([, row = '']) =>
    row.split(' '),
  );
  const count = Number(numbers[names.indexOf('ActiveOpens')]);
  return Number.isNaN(count) ? undefined : count;
}

/** The name of the program, which may have blanks in it, ends with the last bracket. */
function stateOf(thread: string): string {
  const text = kernelText(`/proc/${thread}/stat`) ?? '';
  return text[text.lastIndexOf(')') + 2] ?? '';
}
