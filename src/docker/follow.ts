import type Docker from 'dockerode';
import type { ContainerChanged, LogsWritten } from '../model/event.ts';
import { label } from '../model/labels.ts';
import type { FollowRequest, ReadLogsRequest } from '../model/runtime.ts';
import { EngineRefusal } from './api.ts';
import { createChannel } from './channel.ts';
import { containerChanged, inspectContainer } from './containers.ts';
import type { EventHub } from './events.ts';
import type { EngineHttp } from './http.ts';
import { readContainerLogs } from './logs.ts';
import { listContainers } from './observe.ts';

type Told = ContainerChanged | LogsWritten;

/** See `Runtime.follow`. */
export async function* follow(
  engine: EngineHttp,
  hub: EventHub,
  request: FollowRequest,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const channel = createChannel<Told>();
  const known = new Map<string, ContainerChanged>();
  const reads = new Map<string, Reading>();
  // What is told of one container stays in order: each look waits for the one before.
  const looks = new Map<string, Promise<void>>();

  const tell = (change: ContainerChanged): void => {
    if (JSON.stringify(known.get(change.id)) === JSON.stringify(change)) return;
    known.set(change.id, change);
    void channel.send(change);
  };

  const look = (id: string, isNew: boolean): void => {
    const before = looks.get(id) ?? Promise.resolve();
    const next = before.then(async () => {
      const info = await inspectContainer(engine, id, signal);
      if (info === undefined) return forget(id);
      if (info.Config.Labels[label.oneOff] === 'True') return;
      tell(containerChanged(info));
      if (request.services.includes(info.Config.Labels[label.service] ?? '')) readOutput(info, isNew);
    });
    looks.set(id, next.catch(refused));
  };

  /** Reads what a container wrote since it was last read, if it has run since then, and goes on as long as it runs. */
  const readOutput = ({ Id: id, Config, State }: Docker.ContainerInspectInfo, isNew: boolean): void => {
    const last = reads.get(id) ?? {
      run: '',
      busy: false,
      since: firstOutput(State, isNew, request.logsSince),
    };
    if (last.busy || (last.run === State.StartedAt && !State.Running)) return;
    if (Date.parse(State.StartedAt) <= 0) return;
    const reading: Reading = { run: State.StartedAt, busy: true, since: last.since };
    reads.set(id, reading);
    void readLogs(id, Config.Tty, reading).then(() => {
      reading.busy = false;
      // Its output has ended, or the connection; and it may have been started again before that was noticed.
      if (known.has(id)) look(id, isNew);
    });
  };

  const forget = (id: string): void => {
    const last = known.get(id);
    if (last === undefined || last.state === 'gone') return;
    const { exitCode: _exitCode, health: _health, ...rest } = last;
    tell({ ...rest, state: 'gone', ports: [] });
    known.delete(id);
    looks.delete(id);
    reads.delete(id);
  };

  const readLogs = async (id: string, tty: boolean, reading: Reading): Promise<void> => {
    try {
      const query = { container: id, tty, follow: true, tail: 'all', after: reading.since } as const;
      for await (const { stream, lines } of readContainerLogs(engine, query, signal)) {
        const container = known.get(id);
        if (container === undefined) return;
        reading.since = lines.at(-1)?.time ?? reading.since;
        const texts = lines.map(({ text }) => text);
        await channel.send(logsWritten(request.project, container, stream, texts));
      }
    } catch {
      // The container or the connection is gone; the events tell which, and reading goes on where it ended.
    }
  };

  // A connection that breaks is no failure: the hub connects again, and then all is looked at anew.
  const refused = (error: unknown): void => {
    if (!signal.aborted && error instanceof EngineRefusal) channel.fail(error);
  };

  const lookAtAll = async (): Promise<void> => {
    const containers = await listContainers(engine, request.project, signal);
    const present = new Set(containers.map((container) => container.id));
    for (const id of known.keys()) if (!present.has(id)) forget(id);
    for (const container of containers) look(container.id, false);
  };

  const unsubscribe = hub.subscribe({
    connected: () => {
      void lookAtAll().catch(refused);
    },
    notice: ({ id, action }) => {
      if (action === 'destroy') {
        const before = looks.get(id) ?? Promise.resolve();
        looks.set(
          id,
          before.then(() => forget(id)),
        );
      } else if (!/^(exec_|attach|archive|copy|top|resize|export|commit|prune)/.test(action)) {
        look(id, true);
      }
    },
    lost: () => {},
  });
  signal.addEventListener('abort', channel.end);
  if (signal.aborted) channel.end();
  try {
    yield* channel.values;
  } finally {
    signal.removeEventListener('abort', channel.end);
    unsubscribe();
  }
}

/** See `Runtime.readLogs`. */
export async function* readProjectLogs(
  engine: EngineHttp,
  hub: EventHub,
  request: ReadLogsRequest,
  signal: AbortSignal,
): AsyncGenerator<LogsWritten> {
  const containers = await listContainers(engine, request.project, signal);
  const chosen = containers.filter(({ service, oneOff }) => !oneOff && request.services.includes(service));
  const channel = createChannel<LogsWritten>();
  const readOne = async (container: (typeof chosen)[number]): Promise<void> => {
    const info = await inspectContainer(engine, container.id, signal);
    if (info === undefined) return;
    const query = { ...request, container: container.id, tty: info.Config.Tty, follow: false };
    for await (const { stream, lines } of readContainerLogs(engine, query, signal)) {
      const texts = lines.map(({ time, text }) => (request.timestamps ? `${time} ${text}` : text));
      await channel.send(logsWritten(request.project, container, stream, texts));
    }
  };
  const began = Date.now() / 1000;
  void Promise.all(chosen.map(readOne)).then(channel.end, channel.fail);
  yield* channel.values;
  if (!request.follow) return;
  for await (const told of follow(engine, hub, { ...request, logsSince: began }, signal)) {
    if (told.type === 'logs-written') yield told;
  }
}

function logsWritten(
  project: string,
  { service, number, name }: { service: string; number: number; name: string },
  stream: 'stdout' | 'stderr',
  lines: readonly string[],
): LogsWritten {
  const source = name.startsWith(`${project}-`) ? name.slice(project.length + 1) : name;
  return { type: 'logs-written', service, number, source, stream, lines };
}

/** How far the output of one container has been read. */
interface Reading {
  /** When the run began that is being read or was read last. */
  readonly run: string;
  busy: boolean;
  /** The time of the last line; undefined: all there is. */
  since: string | undefined;
}

/**
 * From when on a container's output is told. The first lines can be older than the engine's own note of the start, so
 * what is told begins with the end of the run before.
 */
function firstOutput(
  state: Docker.ContainerInspectInfo['State'],
  isNew: boolean,
  logsSince: number,
): string | undefined {
  const followed = new Date(logsSince * 1000).toISOString();
  if (!isNew && Date.parse(state.StartedAt) < logsSince * 1000) return followed;
  if (!state.Running) return followed;
  return Date.parse(state.FinishedAt) > 0 ? state.FinishedAt : undefined;
}
