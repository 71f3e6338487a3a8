import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';

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
  const places = placesOf(id);
  const texts = await Promise.all(places.map(({ used }) => textOf(used)));
  const place = places.find((_, index) => texts[index] !== undefined);
  if (place === undefined) return undefined;
  return {
    async used() {
      const text = await textOf(place.used);
      return text === undefined ? undefined : Number(/\d+/.exec(text)?.[0]) * place.unit;
    },
    async threads() {
      const numbers = (await textOf(place.threads))?.match(/\d+/g) ?? [];
      return Promise.all(numbers.map(stateOf));
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
  /** A file with the numbers of its threads. */
  readonly threads: string;
}

/** By the second version of control groups and by the first, each with systemd and without. */
function placesOf(id: string): readonly Place[] {
  return [`docker/${id}`, `system.slice/docker-${id}.scope`].flatMap((folder) => [
    { used: `${root}/${folder}/cpu.stat`, unit: 1e-3, threads: `${root}/${folder}/cgroup.threads` },
    {
      used: `${root}/cpuacct/${folder}/cpuacct.usage`,
      unit: 1e-6,
      threads: `${root}/cpuacct/${folder}/tasks`,
    },
  ]);
}

/** The name of the program, which may have blanks in it, ends with the last bracket. */
async function stateOf(thread: string): Promise<string> {
  const text = (await textOf(`/proc/${thread}/stat`)) ?? '';
  return text[text.lastIndexOf(')') + 2] ?? '';
}

/** The kernel makes these texts up as they are read: to wait for them in another thread would take ten times as long. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
