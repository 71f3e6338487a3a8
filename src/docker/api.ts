import type { EngineHttp } from './http.ts';

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
  readonly query?: Readonly<Record<string, string | undefined>>;
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
  const { body, signal, query, accept = [] } = options;
  const answer = await engine.request({
    method,
    path,
    signal,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined
      ? {}
      : { headers: { 'Content-Type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }),
  });
  const text = await readText(answer.body);
  if (answer.status >= 300 && !accept.includes(answer.status)) throw refusal(answer.status, text);
  return (text === '' ? undefined : parseJson(text)) as T;
}

/** One call whose answer is read piece by piece. Throws as `call` does. */
export async function openStream(
  engine: EngineHttp,
  method: string,
  path: string,
  options: CallOptions,
): Promise<AsyncIterable<Buffer>> {
  const { body, signal, query } = options;
  const answer = await engine.request({
    method,
    path,
    signal,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined
      ? {}
      : { headers: { 'Content-Type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }),
  });
  if (answer.status >= 300) throw refusal(answer.status, await readText(answer.body));
  return answer.body as AsyncIterable<Buffer>;
}

async function readText(body: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function refusal(status: number, text: string): EngineRefusal {
  const answer = parseJson(text);
  const said =
    typeof answer === 'object' && answer !== null && 'message' in answer
      ? String(answer.message)
      : text.trim();
  return new EngineRefusal(status, said);
}

/** Proxies in front of an engine answer in plain text or HTML; that is told as it is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
