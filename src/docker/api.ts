import { type EngineAnswer, type EngineHttp, type EngineStream, type Query, queryString } from './http.ts';
import { mayPass, readPause, tries } from './passing.ts';
import { sleep } from './sleep.ts';
import { EngineGarbled } from './unreachable.ts';
import { within } from './within.ts';

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
  /** The engine has a lot to count for the answer to a question: it may take as long as it takes. */
  readonly slow?: true;
  /** What is done twice leads to the same as once: it is sent again like a question. */
  readonly repeatable?: true;
  /** What is to be done takes no time, or the answer begins at once: it is given up like a question. */
  readonly quick?: true;
  /** See `EngineRequest`. */
  readonly long?: true;
  /** Statuses besides 2xx that are as good as success: the wanted state is there already. */
  readonly accept?: readonly number[];
}

/**
 * One call with a JSON answer; an empty answer gives `undefined`. The caller names the type it expects. What only asks, or
 * may be done twice, is sent again if the answer did not arrive whole; a question is given up when none arrives at all.
 * Throws `EngineRefusal`, `EngineGarbled`, `EngineSilent`, or the connection's own error.
 */
export async function call<T>(
  engine: EngineHttp,
  method: string,
  path: string,
  options: CallOptions,
): Promise<T> {
  const asks = method === 'GET';
  const limit = (asks && options.slow !== true) || options.quick === true ? engine.patience : undefined;
  const once = async (signal: AbortSignal): Promise<T> => {
    const answer = await send(engine, method, path, { ...options, signal });
    const text = await readText(answer);
    const value = (text === '' ? undefined : parseAnswer(text, answer, `${method} ${path}`)) as T;
    if (asks && engine.witness !== undefined) {
      const version = await engine.apiVersion?.(signal);
      const question = `${path}?${queryString(options.query)}`;
      engine.witness.hears({ question, version, status: answer.status, text });
    }
    return value;
  };
  for (let attempts = 1; ; attempts++) {
    try {
      return await within(limit, `${method} ${path}`, options.signal, once);
    } catch (error) {
      const isRepeated = asks || options.repeatable === true;
      if (!isRepeated || attempts === tries || options.signal.aborted || !mayPass(error)) throw error;
      await sleep(readPause * attempts, options.signal);
    }
  }
}

/** One call whose answer is read piece by piece. Throws as `call` does. */
export async function openStream(
  engine: EngineHttp,
  method: string,
  path: string,
  options: CallOptions,
): Promise<EngineStream> {
  const limit = options.quick === true && engine.patience !== undefined ? engine.patience / 2 : undefined;
  return within(limit, `${method} ${path}`, options.signal, async (signal) => {
    const { body } = await send(engine, method, path, { ...options, signal });
    return body as AsyncIterable<Buffer> as EngineStream;
  });
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
  { query, headers, body, long, signal, accept = [] }: CallOptions,
): Promise<EngineAnswer> {
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const answer = await engine.request({
    method,
    path,
    signal,
    ...(query === undefined ? {} : { query }),
    ...(long === undefined ? {} : { long }),
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

/** What is refused is told as it is said; what is done has an answer that can be read. */
function parseAnswer(text: string, { status }: EngineAnswer, what: string): unknown {
  if (status >= 300) return parseJson(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new EngineGarbled(what, text);
  }
}

/** Proxies in front of an engine answer in plain text or HTML; that is told as it is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
