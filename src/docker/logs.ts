import type { LogsWritten, ProblemFound } from '../model/event.ts';
import type { PrintableOutput } from '../model/runtime.ts';
import { call, type EngineRefusal, openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { type LogBatch as LinesRead, readLogLines } from './streams/demux.ts';
import { gather } from './streams/gather.ts';
import { createPrintableReader, type PrintableBatch } from './streams/printable.ts';

export interface LogQuery {
  readonly container: string;
  readonly tty: boolean;
  readonly follow: boolean;
  /** What comes line by line is given out together, with so many milliseconds in between, until the signal is aborted. */
  readonly gathered?: { readonly pause: number; readonly signal: AbortSignal };
  readonly tail: number | 'all';
  /** Only lines later than this one's time, as the engine wrote it. */
  readonly after?: string | undefined;
  /** What the engine's API takes: seconds since 1970, with a fraction. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export interface LogLine {
  /** The engine's time stamp, with nanoseconds. */
  readonly time: string;
  readonly text: string;
}

/** Lines of one stream that arrived together. */
export interface LogBatch {
  readonly stream: 'stdout' | 'stderr';
  readonly lines: readonly LogLine[];
}

/** The output of one container, in batches as they arrive; ends with the container's output. */
export async function* readContainerLogs(
  engine: EngineHttp,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogBatch> {
  const source = await openLog(engine, query, true, signal);
  const stamp = stamping(query.after);
  for await (const { stream, lines } of readLogLines(source, query.tty)) {
    const wanted = stamp(lines);
    if (wanted.length > 0) yield { stream, lines: wanted };
  }
}

/**
 * The same where what needs no second look is only printed, which takes a fraction of the time. Times are those of
 * a read that may have to go on where it ended, or those that are to be shown; else lines have none.
 */
export async function* readPrintableLogs(
  engine: EngineHttp,
  query: LogQuery,
  shown: { readonly timestamps: boolean },
  signal: AbortSignal,
): AsyncGenerator<LogBatch | PrintableBatch> {
  // With a terminal lines end in two ways, and what is told again is looked at line by line.
  if (query.tty || query.after !== undefined) {
    yield* readContainerLogs(engine, query, signal);
    return;
  }
  const isTimed = query.follow || shown.timestamps;
  const source = await openLog(engine, query, isTimed, signal);
  const stamp = isTimed
    ? stamping(undefined)
    : (lines: string[]) => lines.map((text) => ({ time: '', text }));
  const reader = createPrintableReader(!isTimed ? 'none' : shown.timestamps ? 'kept' : 'cut');
  const stamped = (batch: LinesRead | PrintableBatch): LogBatch | PrintableBatch =>
    'bytes' in batch ? batch : { stream: batch.stream, lines: stamp(batch.lines) };
  for await (const chunk of source) for (const batch of reader.push(chunk)) yield stamped(batch);
  for (const batch of reader.end()) yield stamped(batch);
}

async function openLog(
  engine: EngineHttp,
  { container, follow, tail, after, since, until, gathered }: LogQuery,
  timestamps: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const source = await openStream(engine, 'GET', `/containers/${container}/logs`, {
    signal,
    quick: true,
    ...(follow || tail === 'all' ? { long: true } : {}),
    query: {
      stdout: '1',
      stderr: '1',
      follow: follow ? '1' : '0',
      tail: String(tail),
      // The times make it possible to go on exactly where reading ended.
      timestamps: timestamps ? '1' : '0',
      since: after === undefined ? since : epochSeconds(after),
      until,
    },
  });
  return gathered === undefined ? source : gather(source, gathered.pause, gathered.signal);
}

/** Takes the times off the lines of one container, and leaves out those that are not later than `after`. */
function stamping(after: string | undefined): (lines: readonly string[]) => LogLine[] {
  let last = '';
  return (lines) => {
    const stamped = lines.map((line) => {
      const { time, text } = splitTime(line);
      // The rest of an overlong line has no time of its own.
      if (time !== '') last = time;
      return { time: last, text };
    });
    return after === undefined ? stamped : stamped.filter(({ time }) => time > after);
  };
}

/** Who wrote something, as events name it. */
interface Writer {
  readonly service: string;
  readonly number: number;
  readonly name: string;
}

/** What a container wrote as the event that tells it. */
export function logsWritten(
  { project, timestamps }: { readonly project: string; readonly timestamps: boolean },
  { service, number, name }: Writer,
  { stream, lines }: LogBatch,
): LogsWritten {
  const source = sourceOf({ service, name }, project);
  const texts = lines.map(({ time, text }) => (timestamps ? `${time} ${text}` : text));
  return { type: 'logs-written', service, number, source, stream, lines: texts };
}

/** What a container wrote as what is printed of it at once. */
export function printable(
  { project }: { readonly project: string },
  { service, name }: Writer,
  { stream, bytes }: PrintableBatch,
): PrintableOutput {
  return { service, source: sourceOf({ service, name }, project), stream, bytes };
}

/** A container's name without the project. */
export function sourceOf(
  { service, name }: { readonly service: string; readonly name: string },
  project: string,
): string {
  // Until it takes over from another one, a container has the id of that before its name.
  const final = name.replace(/^[0-9a-f]{12}_/, '');
  const isNamedAfter = [`${project}-`, `${project}_${service}_`].some((start) => final.startsWith(start));
  return isNamedAfter ? final.slice(project.length + 1) : final;
}

/** The engine gives a container's output out only if its logging driver keeps it. */
export function unreadableLogs({ service, name }: Writer, { said }: EngineRefusal): ProblemFound {
  return {
    type: 'problem-found',
    problem: {
      code: 'engine-refused',
      severity: 'warning',
      service,
      path: `services.${service}.logging`,
      message: `what ${name} writes cannot be shown: the engine does not give it out`,
      hint: `use a logging driver that keeps the output, e.g. json-file or local, in services.${service}.logging`,
      cause: said,
    },
  };
}

/** The last lines a container wrote, both streams, to tell why it ended; empty if its log cannot be read. */
export async function lastLines(
  engine: EngineHttp,
  container: string,
  count: number,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const info = await call<{ Config: { Tty: boolean } }>(engine, 'GET', `/containers/${container}/json`, {
      signal,
    });
    const found: LogLine[] = [];
    const query = { container, tty: info.Config.Tty, follow: false, tail: count } as const;
    for await (const { lines } of readContainerLogs(engine, query, signal)) found.push(...lines);
    return found.slice(-count).map(({ text }) => text);
  } catch {
    return [];
  }
}

const timestamp = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /;

/** The engine stores lines in pieces of this many bytes, and puts the time before each piece. */
const pieceSize = 16_384;

function splitTime(line: string): LogLine {
  const time = timestamp.exec(line)?.[1];
  if (time === undefined) return { time: '', text: line };
  const text = line.slice(time.length + 1);
  return { time, text: text.length > pieceSize ? withoutInnerTimes(text, time.length + 1) : text };
}

function withoutInnerTimes(text: string, stampLength: number): string {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += stampLength) {
    pieces.push(bytes.subarray(at, at + pieceSize));
    at += pieceSize;
    if (!timestamp.test(bytes.subarray(at, at + stampLength).toString('latin1'))) {
      pieces.push(bytes.subarray(at));
      break;
    }
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** An RFC 3339 time as the engine's `since` takes it, to the nanosecond. */
export function epochSeconds(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '0';
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, '0')}`;
}
