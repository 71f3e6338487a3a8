import { readdir, readFile, readlink } from 'node:fs/promises';
import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import { call } from './api.ts';
import type { EngineHttp } from './http.ts';

/**
 * Names who has the port that a container was to have: a container of this engine, else a process of this machine where
 * the engine is on it. What cannot be found out is left out.
 */
export async function withPortHolder(
  engine: EngineHttp,
  refusal: ProblemsError,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<ProblemsError> {
  const problems = await Promise.all(
    refusal.problems.map(async (problem): Promise<Problem> => {
      const port =
        problem.code === 'port-in-use' ? /:(\d+) is in use$/.exec(problem.message)?.[1] : undefined;
      if (port === undefined) return problem;
      const protocol = /\budp\b/.test(problem.cause ?? '') ? 'udp' : 'tcp';
      const holder =
        (await containerWith(engine, port, protocol, signal).catch(() => undefined)) ??
        (isLocal ? await processWith(Number(port), protocol).catch(() => undefined) : undefined);
      return holder === undefined ? problem : { ...problem, message: `${problem.message} by ${holder}` };
    }),
  );
  return new ProblemsError(problems);
}

type Protocol = 'tcp' | 'udp';

async function containerWith(
  engine: EngineHttp,
  port: string,
  protocol: Protocol,
  signal: AbortSignal,
): Promise<string | undefined> {
  const filters = JSON.stringify({ publish: [`${port}/${protocol}`], status: ['running', 'paused'] });
  const query = { filters };
  const [first] = await call<Docker.ContainerInfo[]>(engine, 'GET', '/containers/json', { query, signal });
  if (first === undefined) return undefined;
  const project = first.Labels[label.project];
  const name = (first.Names[0] ?? first.Id).replace(/^\//, '');
  return `container ${name}${project === undefined ? '' : ` of project ${project}`}`;
}

/** The process that listens at a port, as Linux tells it to those who may know. */
async function processWith(port: number, protocol: Protocol): Promise<string | undefined> {
  const tables = await Promise.all(
    [protocol, `${protocol}6`].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const sockets = new Set(tables.flatMap((table) => listeners(table, port, protocol)));
  if (sockets.size === 0) return undefined;
  const processes = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    processes.map(async (id) => ((await hasSocket(id, sockets)) ? id : undefined)),
  );
  const id = found.find((one) => one !== undefined);
  if (id === undefined) return undefined;
  const program = (await readFile(`/proc/${id}/comm`, 'utf8')).trim();
  return `${program} (process ${id})`;
}

/** The inodes of the sockets of a table of the kernel that listen at a port. */
function listeners(table: string, port: number, protocol: Protocol): readonly string[] {
  // A socket that listens, or for UDP one that is bound and connected to nothing.
  const listening = protocol === 'tcp' ? '0A' : '07';
  const own = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === listening && local.endsWith(`:${own}`) && inode !== undefined ? [inode] : [];
  });
}

async function hasSocket(process: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${process}/fd`;
  const entries = await readdir(folder).catch(() => []);
  const targets = await Promise.all(entries.map((entry) => readlink(`${folder}/${entry}`).catch(() => '')));
  return targets.some((target) => sockets.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''));
}
