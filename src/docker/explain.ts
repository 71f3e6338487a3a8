import type { Action } from '../model/plan.ts';
import { failure, ProblemsError } from '../model/problem.ts';
import { EngineRefusal } from './api.ts';
import type { Endpoint } from './endpoint.ts';

/** Turns whatever a call threw into `ProblemsError` in the user's words, with a hint. */
export function explain(thrown: unknown, endpoint: Endpoint, action?: Action): ProblemsError {
  if (thrown instanceof ProblemsError) return thrown;
  if (thrown instanceof EngineRefusal) return explainRefusal(thrown, action);
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return (
    explainConnection(error, endpoint) ??
    failure({ code: 'internal', message: error.message, ...causeOf(error) })
  );
}

function causeOf(error: Error): { cause?: string } {
  return error.stack === undefined ? {} : { cause: error.stack };
}

const cannotConnect = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ENOTSOCK',
  'EAI_AGAIN',
]);
const wasCut = new Set(['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE']);

function explainConnection(error: Error, endpoint: Endpoint): ProblemsError | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const where = `${endpoint.url} (${endpoint.from})`;
  if (code === 'EACCES') {
    return failure({
      code: 'engine-unreachable',
      message: `you may not use the Docker Engine at ${where}`,
      hint: 'add yourself to the group that owns the socket: sudo usermod -aG docker $USER, then log in again',
      cause: error.message,
    });
  }
  if (cannotConnect.has(code)) {
    return failure({
      code: 'engine-unreachable',
      message: `no Docker Engine answers at ${where}`,
      hint: 'start Docker, or set DOCKER_HOST to the engine you mean',
      cause: error.message,
    });
  }
  if (wasCut.has(code) || /socket hang up|aborted|premature/i.test(error.message)) {
    return failure({
      code: 'engine-gone',
      message: `the Docker Engine at ${where} went away in the middle of the work`,
      hint: 'once it is back, run the same command again: what was done is kept, what was not is done then',
      cause: error.message,
    });
  }
  return undefined;
}

function explainRefusal({ said, status }: EngineRefusal, action: Action | undefined): ProblemsError {
  const service = action !== undefined && 'container' in action ? action.container.service : undefined;
  const about = service === undefined ? {} : { service };
  const port =
    /(?:Bind for|listen (?:tcp|udp)[46]?|bind host port(?: for)?)\s+(\S*?:\d+)\b.*(?:already|in use)/i.exec(
      said,
    );
  if (port !== null || /port is already allocated|address already in use/.test(said)) {
    const address = port?.[1]?.replace(/:$/, '');
    return failure({
      ...about,
      code: 'port-in-use',
      message: address === undefined ? 'a published port is in use' : `port ${address} is in use`,
      hint: `stop what uses it, or publish another port${service === undefined ? '' : ` in services.${service}.ports`}`,
      ...(service === undefined ? {} : { path: `services.${service}.ports` }),
      cause: said,
    });
  }
  if (/bind source path does not exist|invalid mount config.*does not exist/.test(said)) {
    return failure({
      ...about,
      code: 'bind-source-missing',
      message: 'a folder or file that is to be mounted does not exist',
      hint: 'create it, or correct the path',
      ...(service === undefined ? {} : { path: `services.${service}.volumes` }),
      cause: said,
    });
  }
  if (status === 409 && /name .* is already in use/.test(said)) {
    return failure({
      ...about,
      code: 'name-in-use',
      message: `another container has the name ${nameOf(action)}`,
      hint: `remove it with: docker rm -f ${nameOf(action)}`,
      cause: said,
    });
  }
  if (
    /no such image|manifest unknown|pull access denied|repository does not exist|not found: manifest/i.test(
      said,
    )
  ) {
    return failure({
      ...about,
      code: 'image-not-found',
      message: `image ${imageOf(action)} cannot be found`,
      hint: 'check the name and the tag; a private image needs: docker login',
      cause: said,
    });
  }
  return failure({
    ...about,
    code: 'engine-refused',
    message: `the engine refused: ${firstLine(said)}`,
    cause: said,
  });
}

function nameOf(action: Action | undefined): string {
  return action !== undefined && 'container' in action ? action.container.name : 'of this one';
}

function imageOf(action: Action | undefined): string {
  return action !== undefined && 'image' in action ? action.image : '';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
