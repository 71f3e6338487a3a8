import type { LogsWritten, OutputEnded, ProblemFound } from '../model/event.ts';
import type { ReadLogsRequest } from '../model/runtime.ts';
import { EngineRefusal } from './api.ts';
import { createChannel } from './channel.ts';
import { containerChanged, inspectContainer } from './containers.ts';
import type { EventHub } from './events.ts';
import { followProject } from './follow.ts';
import type { EngineHttp } from './http.ts';
import { logsWritten, printable, readContainerLogs, readPrintableLogs, unreadableLogs } from './logs.ts';
import { listContainers } from './observe.ts';

type Told = LogsWritten | OutputEnded | ProblemFound;

/** See `Runtime.readLogs`. */
export function readProjectLogs(
  engine: EngineHttp,
  hub: EventHub,
  request: ReadLogsRequest,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const { follow, until } = request;
  // A silent container would keep the engine waiting for a line that is late enough.
  const left = until === undefined ? Number.POSITIVE_INFINITY : Number(until) * 1000 - Date.now();
  return follow && left > 0
    ? followLogs(engine, hub, request, left, signal)
    : readWhatIsThere(engine, request, signal);
}

async function* followLogs(
  engine: EngineHttp,
  hub: EventHub,
  { tail, since, ...request }: ReadLogsRequest,
  left: number,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const following = {
    ...request,
    services: new Set(request.services),
    // What starts later has no lines from before.
    begin: (_: unknown, isNew: boolean) => ({ tail: isNew ? 'all' : tail, since }) as const,
    whileAlive: true,
    ...(left > longestTimer ? {} : { finish: AbortSignal.timeout(Math.ceil(left)) }),
  };
  for await (const told of followProject(engine, hub, following, signal)) {
    if (told.type !== 'container-changed' && told.type !== 'health-probed') yield told;
  }
}

/** Milliseconds; a timer that is set to more rings at once. */
const longestTimer = 2 ** 31 - 1;

/**
 * For so many milliseconds what is there already fills the connection: the engine sends each line by itself, and to take each
 * by itself costs both sides more than all else. The connection has room for more than comes meanwhile.
 */
const fillTime = 1;

async function* readWhatIsThere(
  engine: EngineHttp,
  request: ReadLogsRequest,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const containers = await listContainers(engine, request.project, signal);
  const chosen = containers.filter(
    ({ service, number, oneOff }) =>
      !oneOff &&
      request.services.includes(service) &&
      (request.number === undefined || request.number === number),
  );
  const channel = createChannel<Told>();
  const closed = new AbortController();
  const ending = AbortSignal.any([signal, closed.signal]);
  const readOne = async ({ id }: { id: string }): Promise<void> => {
    const info = await inspectContainer(engine, id, ending);
    if (info === undefined) return;
    const container = containerChanged(info);
    const { tail, since, until, print } = request;
    const gathered = { pause: fillTime, signal: ending };
    const query = { container: id, tty: info.Config.Tty, follow: false, gathered, tail, since, until };
    const batches =
      print === undefined
        ? readContainerLogs(engine, query, ending)
        : readPrintableLogs(engine, query, request, ending);
    try {
      for await (const batch of batches) {
        if ('bytes' in batch) await print?.(printable(request, container, batch));
        else await channel.send(logsWritten(request, container, batch));
      }
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      // One that cannot be read keeps nobody from reading the others; one that was removed meanwhile has no log.
      if (error.status !== 404) await channel.send(unreadableLogs(container, error));
    }
  };
  void Promise.all(chosen.map(readOne)).then(channel.end, channel.fail);
  try {
    yield* channel.values;
  } finally {
    closed.abort();
  }
}
