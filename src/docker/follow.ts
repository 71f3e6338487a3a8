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
  /** By container, the start of the run whose output is being read or was read last. */
  const runs = new Map<string, { readonly startedAt: string; readonly endedAt?: string }>();
  // What is told of one container stays in order: each look waits for the one before.
  const looks = new Map<string, Promise<void>>();

  const tell = (change: ContainerChanged): void => {
    if (JSON.stringify(known.get(change.id)) === JSON.stringify(change)) return;
    known.set(change.id, change);
    void channel.send(change);
  };

  const look = (id: string, logsSince: string | undefined): void => {
    const before = looks.get(id) ?? Promise.resolve();
    const next = before.then(async () => {
      const info = await inspectContainer(engine, id, signal);
      if (info === undefined) return forget(id);
      if (info.Config.Labels[label.oneOff] === 'True') return;
      tell(containerChanged(info));
      const service = info.Config.Labels[label.service] ?? '';
      if (!info.State.Running || !request.services.includes(service)) return;
      const { StartedAt: startedAt } = info.State;
      const last = runs.get(id);
      if (last !== undefined && last.endedAt === undefined) return;
      runs.set(id, { startedAt });
      const since = last?.startedAt === startedAt ? last.endedAt : (logsSince ?? secondsOf(startedAt));
      void readLogs(id, info.Config.Tty, since).then(() => {
        runs.set(id, { startedAt, endedAt: now() });
        // It may have been started again before the end of its output was noticed.
        if (known.has(id)) look(id, undefined);
      });
    });
    looks.set(id, next.catch(refused));
  };

  const forget = (id: string): void => {
    const last = known.get(id);
    if (last === undefined || last.state === 'gone') return;
    const { exitCode: _exitCode, health: _health, ...rest } = last;
    tell({ ...rest, state: 'gone', ports: [] });
    known.delete(id);
    looks.delete(id);
    runs.delete(id);
  };

  const readLogs = async (id: string, tty: boolean, since: string | undefined): Promise<void> => {
    try {
      const query = { container: id, tty, follow: true, tail: 'all', since } as const;
      for await (const { stream, lines } of readContainerLogs(engine, query, signal)) {
        const container = known.get(id);
        if (container !== undefined)
          await channel.send(logsWritten(request.project, container, stream, lines));
      }
    } catch {
      // The container or the connection is gone; the events tell which, and reading begins again with the next start.
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
    for (const container of containers) look(container.id, String(request.logsSince));
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
        look(id, undefined);
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
      await channel.send(logsWritten(request.project, container, stream, lines));
    }
  };
  const began = Number(now());
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

/** The engine's time stamp as seconds with all its digits, the form its `since` takes. */
function secondsOf(timestamp: string): string {
  const fraction = /\.(\d+)Z?$/.exec(timestamp)?.[1] ?? '0';
  return `${Math.floor(Date.parse(timestamp) / 1000)}.${fraction}`;
}

function now(): string {
  return String(Date.now() / 1000);
}
