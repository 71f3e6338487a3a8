import { createSocket } from 'node:dgram';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { HostPort } from '../model/neighbours.ts';

/** Who listens at the ports of this machine, as far as its system tells. */

/** Whether anyone listens at a number, at whichever address; undefined: the system does not tell. */
export async function listensSomewhere({ port, protocol }: HostPort): Promise<boolean | undefined> {
  const tables = await readTables(protocol);
  if (tables.every((table) => table === '')) return undefined;
  return tables.some((table) => listeners(table, port, protocol).length > 0);
}

/**
 * Whether one could listen at a port as an engine would: by doing so for a moment. What this user may not try is
 * `unknown`, unless the system tells that someone listens at that very address.
 */
export async function canListen(port: HostPort): Promise<'yes' | 'no' | 'unknown'> {
  const error = await (port.protocol === 'udp' ? bindOnce(port) : listenOnce(port));
  if (error === undefined) return 'yes';
  if (error === 'EADDRINUSE') return 'no';
  if (error !== 'EACCES' || port.hostIp !== '') return 'unknown';
  return (await listensSomewhere(port)) === true ? 'no' : 'unknown';
}

function listenOnce({ hostIp, port }: HostPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
    server.listen({ host: hostIp || '0.0.0.0', port, exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}

function bindOnce({ hostIp, port }: HostPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(hostIp.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
    socket.bind({ address: hostIp || '0.0.0.0', port, exclusive: true }, () => {
      socket.close(() => resolve(undefined));
    });
  });
}

/** The process that listens at a port, as Linux tells it to those who may know; of others' only whose it is. */
export async function processWith(port: number, protocol: string): Promise<string | undefined> {
  const found = (await readTables(protocol)).flatMap((table) => listeners(table, port, protocol));
  if (found.length === 0) return undefined;
  const sockets = new Set(found.map(({ inode }) => inode));
  const processes = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const owners = await Promise.all(
    processes.map(async (id) => ((await hasSocket(id, sockets)) ? id : undefined)),
  );
  const id = owners.find((one) => one !== undefined);
  if (id === undefined) return `a process of ${await userNamed(found[0]?.user ?? '')}`;
  const program = (await readFile(`/proc/${id}/comm`, 'utf8')).trim();
  return `${program} (process ${id})`;
}

function readTables(protocol: string): Promise<readonly string[]> {
  return Promise.all(
    [protocol, `${protocol}6`].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
}

interface Listener {
  readonly inode: string;
  /** The number of the user whose it is. */
  readonly user: string;
}

/** The sockets of a table of the kernel that listen at a port. */
function listeners(table: string, port: number, protocol: string): readonly Listener[] {
  // A socket that listens, or for UDP one that is bound and connected to nothing.
  const listening = protocol === 'tcp' ? '0A' : '07';
  const own = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , user = '', , inode] = line.trim().split(/\s+/);
    return state === listening && local.endsWith(`:${own}`) && inode !== undefined ? [{ inode, user }] : [];
  });
}

async function userNamed(id: string): Promise<string> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = users.split('\n').find((one) => one.split(':')[2] === id);
  return `user ${line?.split(':')[0] ?? id}`;
}

async function hasSocket(process: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${process}/fd`;
  const entries = await readdir(folder).catch(() => []);
  const targets = await Promise.all(entries.map((entry) => readlink(`${folder}/${entry}`).catch(() => '')));
  return targets.some((target) => sockets.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''));
}
