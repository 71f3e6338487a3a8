import type { EngineAnswer, EngineHttp, Query } from './http.ts';

/** The engine refused a call. `said` is its own message. */
export class EngineRefusal extends Error {
  readonly status: number;
  readonly said: string;

  constructor(status: number, said: string) {
    super(said);
    this.name = 'EngineRefusal';
    this.status = status;
    this.said = said;
  }
}

export interface CallOptions {
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** Statuses besides 2xx that are as good as success: the wanted state is there already. */
  readonly accept?: readonly number[];
}

/**
 * One call with a JSON answer; an empty answer gives `undefined`. The caller names the type it expects.
 * Throws `EngineRefusal`, or the connection's own error.
 */
export async function call<T>(
  engine: EngineHttp,
  method: string,
  path: string,
  options: CallOptions,
): Promise<T> {
  const text = await readText(await send(engine, method, path, options));
  return (text === '' ? undefined : parseJson(text)) as T;
}

/** One call whose answer is read piece by piece. Throws as `call` does. */
export async function openStream(
  engine: EngineHttp,
  method: string,
  path: string,
  options: CallOptions,
): Promise<AsyncIterable<Buffer>> {
  return (await send(engine, method, path, options)).body as AsyncIterable<Buffer>;
}

/** Why an engine refused, read from its answer. */
export async function readRefusal(answer: EngineAnswer): Promise<EngineRefusal> {
  const text = await readText(answer);
  const said = parseJson(text);
  const message = typeof said === 'object' && said !== null && 'message' in said ? said.message : text.trim();
  return new EngineRefusal(answer.status, String(message));
}

async function send(
  engine: EngineHttp,
  method: string,
  path: string,
  { query, headers, body, signal, accept = [] }: CallOptions,
): Promise<EngineAnswer> {
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const answer = await engine.request({
    method,
    path,
    signal,
    ...(query === undefined ? {} : { query }),
    headers: { ...(json === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(json === undefined ? {} : { body: json }),
  });
  if (answer.status >= 300 && !accept.includes(answer.status)) throw await readRefusal(answer);
  return answer;
}

async function readText({ body }: EngineAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Proxies in front of an engine answer in plain text or HTML; that is told as it is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
