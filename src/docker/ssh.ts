import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Duplex, type Readable, type Writable } from 'node:stream';

/** The ssh program, or what it was to start on the other machine, has ended without being asked to. */
export class SshFailure extends Error {
  /** As the program gave it: 255 is its own, others are of what it started. `undefined`: it could not be started. */
  readonly exitCode: number | undefined;
  /** What was written on stderr, here and there. */
  readonly said: string;
  /** The engine had answered on this connection before. */
  readonly heard: boolean;

  constructor(exitCode: number | undefined, said: string, heard: boolean) {
    super(said.trim().split('\n').at(-1) || `ssh ended with ${exitCode}`);
    this.name = 'SshFailure';
    this.exitCode = exitCode;
    this.said = said.trim();
    this.heard = heard;
  }
}

/**
 * Connections with an engine behind `ssh://[user@]host[:port][/socket]`, as the docker CLI makes them: the ssh program of
 * this machine starts `docker system dial-stdio` on the other one. So what the user has told ssh (configuration, agent,
 * known hosts, jump hosts) holds. All of them share one connection of ssh, unless the user's configuration of ssh has
 * something to say about sharing: a host lets in only some who knock at the same time.
 */
export function sshAgent(url: string): http.Agent {
  const agent = new http.Agent({ keepAlive: true });
  const target = readTarget(url);
  let first: Promise<void> | undefined;
  let sharing: Promise<readonly string[]> | undefined;
  const connect = async (): Promise<Duplex> => {
    sharing ??= shareConnection(target);
    const options = await sharing;
    // Those that come while the shared connection is not there yet would each make one of their own.
    const before = first;
    let isThere = (): void => {};
    first ??= new Promise<void>((resolve) => {
      isThere = resolve;
    });
    if (options.length > 0) await before;
    return createConnection([...options, ...argumentsFor(target)], isThere);
  };
  agent.createConnection = (_, made) => {
    connect().then(
      (connection) => made?.(null, connection),
      (error: Error) => made?.(error, new Duplex()),
    );
    return undefined;
  };
  return agent;
}

interface Target {
  readonly host: string;
  readonly user: string;
  readonly port: string;
  /** Of the engine on the other machine; empty: as its docker CLI says. */
  readonly socket: string;
}

function readTarget(url: string): Target {
  const { hostname, port, username, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    user: decodeURIComponent(username),
    port,
    socket: pathname === '/' ? '' : decodeURIComponent(pathname),
  };
}

function argumentsFor({ host, user, port, socket }: Target): readonly string[] {
  const there = socket === '' ? [] : ['--host', `'unix://${socket.replaceAll("'", `'\\''`)}'`];
  return [
    ...['-o', 'ConnectTimeout=20', '-T'],
    ...(user === '' ? [] : ['-l', user]),
    ...(port === '' ? [] : ['-p', port]),
    ...['--', host, 'docker', ...there, 'system', 'dial-stdio'],
  ];
}

/** How long a shared connection outlives its last use, in seconds: the next command then need not log in. */
const persists = 30;

/** The options of ssh for a shared connection; none where it is not to be shared. */
async function shareConnection({ host, user, port }: Target): Promise<readonly string[]> {
  if (process.platform === 'win32') return [];
  const [folder, hasOwnWay] = await Promise.all([
    ownFolder(),
    new Promise<boolean>((resolve) => {
      const where = [...(user === '' ? [] : ['-l', user]), ...(port === '' ? [] : ['-p', port]), '--', host];
      execFile('ssh', ['-G', ...where], { timeout: 5000 }, (error, stdout) =>
        resolve(error !== null || /^control(?:path (?!none$)|master (?!false$|no$))/im.test(stdout)),
      ).stdin?.end();
    }),
  ]);
  if (hasOwnWay || folder === undefined) return [];
  // Two names of one machine may stand for two ways to log in.
  const name = createHash('sha256').update(`${user}\n${host}\n${port}`).digest('hex').slice(0, 20);
  const options = ['ControlMaster=auto', `ControlPath=${folder}/${name}`, `ControlPersist=${persists}`];
  return options.flatMap((option) => ['-o', option]);
}

/** A folder for sockets that no one else can put one into; `undefined` if there is none. */
async function ownFolder(): Promise<string | undefined> {
  const uid = process.getuid?.();
  const folder = path.join(process.env.XDG_RUNTIME_DIR || os.tmpdir(), `stack-ssh-${uid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { mode, uid: owner } = await lstat(folder);
    // A socket's path holds 104 characters, of which its name needs 21, and ssh 17 until it has its name.
    return (mode & 0o170077) === 0o040000 && owner === uid && folder.length <= 60 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** `heard` is called once, with the first answer or when there will be none. */
function createConnection(words: readonly string[], heard: () => void): Duplex {
  // In a session of its own it hears nothing of a Ctrl-C that is meant for us.
  const program = spawn('ssh', words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, windowsHide: true });
  return new ProgramConnection(program, heard);
}

/** What a program reads and writes as a connection, with the methods of a socket that HTTP calls. */
class ProgramConnection extends Duplex {
  readonly #program: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(program: ChildProcessByStdio<Writable, Readable, Readable>, onFirst: () => void) {
    super();
    this.#program = program;
    const { stdin, stdout, stderr } = program;
    let isFirst = true;
    let said = '';
    stdout.on('data', (chunk: Buffer) => {
      if (isFirst) onFirst();
      isFirst = false;
      if (!this.push(chunk)) stdout.pause();
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-8192);
    });
    const fail = (exitCode: number | undefined, text = said): void => {
      onFirst();
      this.destroy(new SshFailure(exitCode, text, !isFirst));
    };
    program.on('error', (error) => fail(undefined, error.message));
    program.on('exit', (code) => {
      if (code !== 0) return;
      onFirst();
      if (stdout.readableEnded) this.push(null);
      else stdout.on('end', () => this.push(null));
    });
    // Of a program that failed, all has been read by then.
    program.on('close', (code) => {
      if (code !== 0) fail(code ?? undefined);
    });
    // It is told by the end of the program.
    stdin.on('error', () => {});
  }

  override _read(): void {
    this.#program.stdout.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#program.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#program.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#program.kill();
    done(error);
  }

  setTimeout(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
