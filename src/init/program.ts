import { type Backing, backingServices } from './backing.ts';
import type { Folder } from './folder.ts';
import { goProgram } from './go.ts';
import { javaProgram } from './java.ts';
import { nodeProgram } from './node.ts';
import { pythonProgram } from './python.ts';
import { rubyProgram } from './ruby.ts';

/** A program of a folder, and how a container is made of it. */
export interface Program {
  /** What it is, for people: `Node.js 24`. */
  readonly what: string;
  /** The file that says so. */
  readonly because: string;
  /** Its processes, by name: the first one is reached by its port. What has no command is started by the image. */
  readonly processes: readonly Process[];
  /** Where it listens; absent: nothing says so. */
  readonly port?: number;
  /** Variables it needs to run in a container. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of a Dockerfile that is to be written; absent: there is one. */
  readonly dockerfile?: string;
  /** What an image of it has no use for. */
  readonly ignored: readonly string[];
  readonly needs: readonly Backing[];
}

export interface Process {
  readonly name: string;
  readonly command?: string;
}

/** What a language has to say of a folder. */
export interface Described {
  readonly what: string;
  readonly because: string;
  /** How it is started, as words; absent: that could not be found out. */
  readonly command?: readonly string[];
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** The Dockerfile, but for the command at its end. */
  readonly dockerfile: readonly string[];
  readonly ignored: readonly string[];
  /** The names of the libraries it uses. */
  readonly libraries: readonly string[];
}

/** A folder with a program of which nothing says how it is started. */
export interface Unstartable {
  readonly what: string;
  readonly because: string;
  readonly unstartable: true;
}

const languages = [nodeProgram, pythonProgram, goProgram, rubyProgram, javaProgram];

/** The program of a folder; undefined if there is none. */
export function programIn(folder: Folder): Program | Unstartable | undefined {
  const found = languages.map((language) => language(folder)).find((one) => one !== undefined);
  const processes = processesIn(folder);
  const dockerfile = folder.texts.get('Dockerfile');
  if (dockerfile === undefined && found === undefined) return undefined;
  const needs = backingServices(found?.libraries ?? []);
  const { environment = {}, ignored = [] } = found ?? {};
  if (dockerfile !== undefined) {
    const port = exposedPort(dockerfile) ?? found?.port;
    return {
      what: found === undefined ? 'a program' : found.what,
      because: 'Dockerfile',
      // What the image starts is what its author wants.
      processes: [{ name: 'web' }],
      ...(port !== undefined && { port }),
      environment: {},
      ignored,
      needs,
    };
  }
  if (found === undefined) return undefined;
  const { what, because, command, dockerfile: lines } = found;
  // Commands of a Procfile are told by it where to listen.
  const isTold = processes[0]?.name === 'web' && /\$\{?PORT/.test(processes[0].command ?? '');
  const port = found.port ?? (isTold ? 8000 : undefined);
  if (command === undefined && processes.length === 0) return { what, because, unstartable: true };
  const [first] = processes;
  const started = command ?? ['sh', '-c', first?.command ?? ''];
  return {
    what,
    because,
    processes: processes.length > 0 ? processes : [{ name: 'web' }],
    ...(port !== undefined && { port }),
    environment: isTold && port !== undefined ? { ...environment, PORT: String(port) } : environment,
    dockerfile: [...lines, `CMD ${JSON.stringify(started).replaceAll('","', '", "')}`, ''].join('\n'),
    ignored,
    needs,
  };
}

/** Those of a Procfile that stay; the one for people comes first. */
function processesIn({ texts }: Folder): readonly Process[] {
  const lines = (texts.get('Procfile') ?? '').split('\n');
  const processes = lines.flatMap((line): Process[] => {
    const [, name = '', command = ''] = /^([A-Za-z0-9_-]+):\s*(.+?)\s*$/.exec(line) ?? [];
    return name === '' || name === 'release' ? [] : [{ name: name.toLowerCase(), command }];
  });
  return processes.toSorted((a, b) => Number(b.name === 'web') - Number(a.name === 'web'));
}

/** What the last stage exposes. */
function exposedPort(dockerfile: string): number | undefined {
  const stage = dockerfile.split(/^FROM\s/im).at(-1) ?? '';
  const [, port] = /^EXPOSE\s+(\d+)/im.exec(stage) ?? [];
  return port === undefined ? undefined : Number(port);
}
