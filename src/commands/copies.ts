import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { type LoadRequest, loadStack } from '../load/load.ts';
import { type Copy, fixedNumber, portKey } from '../model/copy.ts';
import type { HostPort } from '../model/neighbours.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { refuseOtherFolder } from './other-folder.ts';

/** Where the copies of stacks are remembered. */
export interface CopyStore {
  find(project: string): Promise<Copy | undefined>;
  all(): Promise<readonly Copy[]>;
  keep(copy: Copy): Promise<void>;
  forget(project: string): Promise<void>;
}

/** Which copy is meant. */
export interface CopyWish {
  /** A copy was asked for; else the project has turned out to be one. */
  readonly isAsked: boolean;
  /** Its project name; absent: one is made out of the folder. */
  readonly name?: string;
  readonly data?: Copy['data'];
}

/**
 * What to load for a copy of a stack that is to come up: it gets ports that are free and stay its own, and is remembered,
 * so that whoever names its project means it. Throws `other-folder` for a name that another stack has.
 */
export async function chooseCopy(
  load: LoadRequest,
  wish: CopyWish,
  store: CopyStore,
  surroundings: Surroundings,
): Promise<LoadRequest> {
  const { stack: plain } = await loadStack({ ...load, ...whole, copyNamed: none });
  const project = wish.name ?? `${plain.name}-${suffixOf(plain)}`;
  const named = { ...load, projectName: project };
  return surroundings.exclusively('copies of stacks', surroundings.signal, async () => {
    const loaded = await loadStack({ ...named, ...whole, copyNamed: none });
    const known = await store.find(project);
    if (known === undefined && project === plain.name) throw isOriginal(project);
    if (known !== undefined && known.directory !== plain.directory) {
      // A name that says which project is meant means that, whatever it was before.
      if (!wish.isAsked) return load;
      await refuseOtherCopy(known, plain);
    }
    const containers = await surroundings.runtime.observeContainers(project, surroundings.signal);
    if (known === undefined) await refuseOtherFolder({ environment: {} }, loaded, containers, surroundings);
    if (known !== undefined && wish.data !== undefined && wish.data !== known.data) throw hasData(known);
    const others = (await store.all()).filter((copy) => copy.project !== project);
    const ports = await choosePorts(loaded.stack, known, others, surroundings);
    const { name: original, directory } = plain;
    const copy: Copy = {
      project,
      directory,
      original: known?.original ?? original,
      data: known?.data ?? wish.data ?? 'empty',
      ports,
    };
    if (surroundings.rehearse === undefined) await store.keep(copy);
    return { ...named, copyNamed: async () => copy };
  });
}

/** All services, whatever is chosen now: ports stay the same when more of them come up. */
const whole = { services: [], profiles: ['*'], consistency: false, resolveEnvironment: false } as const;

async function none(): Promise<undefined> {}

/** A folder of its own, such as a worktree, gives the name; in a folder that is called like the stack its path does. */
function suffixOf({ name, directory }: Stack): string {
  const folder = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '');
  if (folder !== '' && folder !== name) return folder.replace(new RegExp(`^${name}[-_]`), '');
  return createHash('sha256').update(directory).digest('hex').slice(0, 6);
}

/** A folder that is gone has no copies any more. */
async function refuseOtherCopy(known: Copy, { directory }: Stack): Promise<void> {
  const isThere = await realpath(known.directory).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw failure({
    code: 'other-folder',
    message: `${known.project} is a copy of the stack in ${known.directory}, and this is ${directory}`,
    hint: 'give this copy another name',
  });
}

function isOriginal(project: string) {
  return failure({
    code: 'invalid-option',
    message: `${project} is the stack itself, not a copy of it`,
    hint: 'give the copy another name: --name NAME',
  });
}

function hasData({ project, data }: Copy) {
  return failure({
    code: 'invalid-option',
    message: `the copy ${project} was made with --data ${data}`,
    hint: `leave --data out, or remove the copy with its data first: stack -p ${project} down --volumes`,
  });
}

/** The range that ports of copies are taken from: below those that systems give to whoever asks for any. */
const first = 20_000;
const count = 12_000;
/** How many are tried for a port. */
const tries = 200;

/** Those that the copy has, and others for what is new in the files, or where something else has taken one meanwhile. */
async function choosePorts(
  stack: Stack,
  known: Copy | undefined,
  others: readonly Copy[],
  { runtime, signal }: Surroundings,
): Promise<Copy['ports']> {
  const reserved = new Set(others.flatMap(({ ports }) => Object.values(ports)));
  const chosen: Record<string, number> = {};
  for (const [name, { ports = [] }] of Object.entries(stack.services)) {
    for (const port of ports) {
      if (fixedNumber(port) === undefined) continue;
      const key = portKey(name, port);
      const start = Number.parseInt(
        createHash('sha256').update(`${stack.name} ${key}`).digest('hex').slice(0, 8),
        16,
      );
      const candidates = [
        ...(known?.ports[key] === undefined ? [] : [known.ports[key]]),
        ...Array.from({ length: tries }, (_, index) => first + ((start + index) % count)),
      ];
      for (const number of candidates) {
        if (reserved.has(number)) continue;
        const wanted = { hostIp: port.host_ip ?? '', port: number, protocol: port.protocol };
        if (!(await isFree(wanted, stack.name))) continue;
        chosen[key] = number;
        reserved.add(number);
        break;
      }
    }
  }
  return chosen;

  async function isFree(wanted: HostPort, project: string): Promise<boolean> {
    const { containers, taken } = await runtime.lookAround({ ports: [wanted], machine: false }, signal);
    if (taken.length > 0) return false;
    return !containers.some(
      (one) => one.project !== project && one.ports.some((held) => held.port === wanted.port),
    );
  }
}
