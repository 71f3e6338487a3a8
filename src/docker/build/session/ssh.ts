import { readFile, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { failure, type ProblemsError } from '../../../model/problem.ts';
import type { Build } from '../../../model/stack.ts';
import { drained } from '../../streams/feed.ts';
import { GrpcFailure, grpcCode } from '../grpc/grpc.ts';
import { decodeMessage, encodeMessage } from '../grpc/protobuf.ts';
import { type IncomingCall, type Methods, once } from '../grpc/server.ts';
import { answerAsAgent } from './ssh-agent.ts';
import { readSshKey, type SshKey } from './ssh-key.ts';

/** The socket of an agent, or keys for which we are the agent. */
export type SshSource = { readonly socket: string } | { readonly keys: readonly SshKey[] };

/**
 * Looks up what the ids of `build.ssh` stand for: `null` is the user's agent, a path that of a socket, or of keys with a
 * comma between them. Throws `ssh-unavailable`.
 */
export async function findSshSources(
  service: string,
  ssh: Build['ssh'] = {},
  userAgent = process.env.SSH_AUTH_SOCK,
): Promise<ReadonlyMap<string, SshSource>> {
  const found = new Map<string, SshSource>();
  for (const [id, path] of Object.entries(ssh)) {
    if (path === null || path === '') {
      if (!userAgent) throw noAgent(service, id);
      found.set(id, { socket: userAgent });
    } else {
      found.set(id, await sourceAt(service, id, path));
    }
  }
  return found;
}

/** Lets steps of the build use SSH keys by their ids; the keys themselves stay here. */
export function forwardSsh(sources: ReadonlyMap<string, SshSource>): Methods {
  const sourceOf = (id: string): SshSource => {
    const source = sources.get(id === '' ? 'default' : id);
    if (source === undefined) throw new GrpcFailure(grpcCode.notFound, `no SSH key ${id || 'default'}`);
    return source;
  };
  return {
    '/moby.sshforward.v1.SSH/CheckAgent': once(async (message) => {
      sourceOf(decodeMessage(message).text(1));
      return Buffer.alloc(0);
    }),
    '/moby.sshforward.v1.SSH/ForwardAgent': async (call) => {
      const source = sourceOf(call.metadata('buildkit.ssh.id')[0] ?? '');
      const requests = requestsOf(call);
      const answers =
        'socket' in source ? throughSocket(source.socket, requests) : answerAsAgent(requests, source.keys);
      for await (const answer of answers) await call.send(encodeMessage([[1, answer]]));
    },
  };
}

async function* requestsOf(call: IncomingCall): AsyncGenerator<Buffer> {
  for await (const message of call.messages) yield decodeMessage(message).bytes(1);
}

async function* throughSocket(path: string, requests: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const socket = connect(path);
  // Not waited for: requests end only when the call does, which an agent that hangs up ends.
  ask(socket, requests).catch((error: Error) => socket.destroy(error));
  try {
    yield* socket as AsyncIterable<Buffer>;
  } finally {
    socket.destroy();
  }
}

async function ask(socket: Socket, requests: AsyncIterable<Buffer>): Promise<void> {
  for await (const request of requests) if (!socket.write(request)) await drained(socket);
  socket.end();
}

async function sourceAt(service: string, id: string, path: string): Promise<SshSource> {
  const paths = path.split(',');
  try {
    const first = paths[0] ?? path;
    if ((await stat(first)).isSocket()) return { socket: first };
    return { keys: await Promise.all(paths.map(async (file) => readSshKey(await readFile(file, 'utf8')))) };
  } catch (error) {
    throw failure({
      code: 'ssh-unavailable',
      service,
      path: `services.${service}.build.ssh`,
      message: `the SSH key ${id} for the build of ${service} cannot be used: ${path}`,
      hint: 'name the file of a private key without a passphrase, or add the key to an agent and write `default`',
      cause: error instanceof Error ? error.message : String(error),
    });
  }
}

function noAgent(service: string, id: string): ProblemsError {
  return failure({
    code: 'ssh-unavailable',
    service,
    path: `services.${service}.build.ssh`,
    message: `the build of ${service} wants the SSH agent for ${id}, and there is none: SSH_AUTH_SOCK is not set`,
    hint: 'start an agent with: eval "$(ssh-agent)" && ssh-add; or name a key as ID=PATH',
  });
}
