import { readdirSync, readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { kernelText } from './kernel.ts';

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
 * `answer`: somebody is to take a connection, or to tell what address a name has; `next-words`: it is connected, and may be about
 * to hear something.
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
      const tell = (kind: string): string => kernelText(`/proc/${thread}/net/${kind}`) ?? '';
      // What others have of this machine cannot be told from what it has itself.
      if (interfacesIn(tell('dev')) === interfacesIn(kernelText('/proc/self/net/dev'))) return 'next-words';
      const names = tell('udp') + tell('udp6');
      // These two tables are of all networks of the machine: to look for the sockets of one of them takes milliseconds.
      const connections = connectsIn(tell('snmp')) === 0 ? '' : tell('tcp') + tell('tcp6');
      return expectedOf(connections, names);
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
 * What is expected by whoever has these sockets, in the kernel's tables of a network: addresses and states are hexadecimal. Who
 * looks a name up has a socket that is connected to port 53, or one at any address with a port that the kernel has chosen.
 */
export function expectedOf(tcp: string, udp: string): Expectation {
  const connections = socketsIn(tcp).map(({ state }) => state);
  const asks = ({ address, port, peerPort }: Socket): boolean =>
    peerPort === 53 || (peerPort === 0 && port >= firstChosenPort && /^0+$/.test(address));
  if (connections.includes(synSent) || socketsIn(udp).some(asks)) return 'answer';
  return connections.includes(established) ? 'next-words' : 'nothing';
}

/** Of two networks they differ: an engine has one besides those of the machine. */
function interfacesIn(counters = ''): string {
  return Array.from(counters.matchAll(/^ *(\S+):/gm), ([, name]) => name).join();
}

/** How often somebody of a network has begun to connect to others, by its counters: a row of names, below it one of numbers. */
function connectsIn(counters: string): number | undefined {
  const [names = [], numbers = []] = Array.from(counters.matchAll(/^Tcp: (.*)$/gm), ([, row = '']) =>
    row.split(' '),
  );
  const count = Number(numbers[names.indexOf('ActiveOpens')]);
  return Number.isNaN(count) ? undefined : count;
}

const established = '01';
const synSent = '02';
/** The least that Linux chooses where nobody has told it otherwise. */
const firstChosenPort = 32_768;

interface Socket {
  readonly address: string;
  readonly port: number;
  readonly peerPort: number;
  readonly state: string;
}

function socketsIn(table: string): readonly Socket[] {
  const rows = table.matchAll(/^ *\d+: (\w+):(\w+) \w+:(\w+) (\w+)/gm);
  return Array.from(rows, ([, address = '', port = '', peerPort = '', state = '']) => ({
    address,
    port: Number.parseInt(port, 16),
    peerPort: Number.parseInt(peerPort, 16),
    state,
  }));
}

/** The name of the program, which may have blanks in it, ends with the last bracket. */
function stateOf(thread: string): string {
  const text = kernelText(`/proc/${thread}/stat`) ?? '';
  return text[text.lastIndexOf(')') + 2] ?? '';
}
