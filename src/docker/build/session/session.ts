import { randomUUID } from 'node:crypto';
import { ProblemsError } from '../../../model/problem.ts';
import { readRefusal } from '../../api.ts';
import type { EngineConnection } from '../../http.ts';
import { encodeMessage } from '../grpc/protobuf.ts';
import { type Methods, once, serveGrpc } from '../grpc/server.ts';

/** A connection over which the builder asks for what only this machine has. */
export interface Session {
  /** By which a build says that it belongs to the session. */
  readonly id: string;
  /** The first problem that the builder was told of only in passing. */
  problem(): ProblemsError | undefined;
  close(): void;
}

export interface SessionOptions {
  readonly methods: Methods;
  /** What it stands in for: for the same key the builder remembers the files that it got. */
  readonly sharedKey: string;
  readonly signal: AbortSignal;
}

/** Opens a session with the builder of an engine. Throws `EngineRefusal`, `EngineSilent`, or the connection's own error. */
export async function openSession(
  engine: EngineConnection,
  { methods, sharedKey, signal }: SessionOptions,
): Promise<Session> {
  const id = randomUUID();
  let problem: ProblemsError | undefined;
  const served = withProblems({ ...methods, ...health }, (found) => {
    problem ??= found;
  });
  const connection = await engine.upgrade({
    method: 'POST',
    path: '/session',
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'stack',
      'X-Docker-Expose-Session-Sharedkey': sharedKey,
      'X-Docker-Expose-Session-Grpc-Method': Object.keys(served),
    },
    signal,
  });
  if ('status' in connection) throw await readRefusal(connection);
  const close = serveGrpc(connection, served);
  return { id, problem: () => problem, close };
}

/** The builder gives up a session that does not say now and then that all is well: 1 stands for that. */
const health: Methods = {
  '/grpc.health.v1.Health/Check': once(async () => encodeMessage([[1, 1]])),
};

function withProblems(methods: Methods, tell: (problem: ProblemsError) => void): Methods {
  const watched = Object.entries(methods).map(([path, method]): [string, Methods[string]] => [
    path,
    async (call) => {
      try {
        await method(call);
      } catch (error) {
        if (error instanceof ProblemsError) tell(error);
        throw error;
      }
    },
  ]);
  return Object.fromEntries(watched);
}
