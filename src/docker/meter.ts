import { readdirSync, readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { kernelText } from './kernel.ts';

/** What the kernel tells of what a container does. */
export interface Meter {
  /** How much time of processors it has used, in milliseconds: more whenever one of its threads runs. Undefined: it is gone. */
  used(): Promise<number | undefined>;
  /** What its threads do, by the letters of the kernel: `R` runs or would like to, `D` waits for a disk, `S` for something else. */
  threads(): Promise<readonly string[]>;
}

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

/** The name of the program, which may have blanks in it, ends with the last bracket. */
function stateOf(thread: string): string {
  const text = kernelText(`/proc/${thread}/stat`) ?? '';
  return text[text.lastIndexOf(')') + 2] ?? '';
}
