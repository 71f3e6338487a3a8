import type Docker from 'dockerode';
import type {
  ContainerChanged,
  HealthProbed,
  LogsWritten,
  OutputEnded,
  ProblemFound,
} from '../model/event.ts';
import { label } from '../model/labels.ts';
import type { FollowRequest, ReadLogsRequest } from '../model/runtime.ts';
import { EngineRefusal } from './api.ts';
import { createChannel } from './channel.ts';
import { containerChanged, inspectContainer } from './containers.ts';
import { type ContainerNotice, type EventHub, watchOutage } from './events.ts';
import type { EngineHttp } from './http.ts';
import { epochSeconds, logsWritten, printable, sourceOf, unreadableLogs } from './logs.ts';
import { listContainers } from './observe.ts';
import { type Beginning, createOutput, hasHappened, type Output, patience } from './output.ts';
import { newProbes } from './probes.ts';
import { endsProcess } from './told-to-end.ts';
import { countDown } from './within.ts';

type Told = ContainerChanged | HealthProbed | LogsWritten | OutputEnded | ProblemFound;
type Inspected = Docker.ContainerInspectInfo;

/** What is followed, and how. */
export interface Following {
  readonly project: string;
  /** Whose output to tell. */
  readonly services: FollowRequest['services'];
  /** Only of the replica with this number. */
  readonly number?: number;
  /** See `FollowRequest`. */
  readonly finish?: AbortSignal;
  /** Where to begin with the output of a container that was not known; `isNew`: it was heard to start. */
  readonly begin: (state: Inspected['State'], isNew: boolean) => Beginning;
  readonly until?: string | undefined;
  readonly timestamps: boolean;
  /** See `ReadLogsRequest`. */
  readonly print?: ReadLogsRequest['print'];
  /** Tell how healthchecks went, as far as that is news: those of a healthy service are expected to pass. */
  readonly probes?: boolean;
  /** See `FollowRequest`. */
  readonly known?: FollowRequest['known'];
  /** End when all containers whose output is told have ended, and fail if the engine cannot be reached to begin with. */
  readonly whileAlive: boolean;
}

/** See `Runtime.follow`. */
export function follow(
  engine: EngineHttp,
  hub: EventHub,
  { logsSince, ...request }: FollowRequest,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const begin = (state: Inspected['State'], isNew: boolean): Beginning => ({
    tail: 'all',
    since: firstOutput(state, isNew, logsSince),
  });
  const wish = { probes: true, ...request, begin, timestamps: false, whileAlive: false };
  return followProject(engine, hub, wish, signal);
}

/** The states and the output of a project's containers as they come. */
export async function* followProject(
  engine: EngineHttp,
  hub: EventHub,
  request: Following,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const channel = createChannel<Told>();
  const closed = new AbortController();
  const ending = AbortSignal.any([signal, closed.signal]);
  const lookingEnds = new AbortController();
  const looking = AbortSignal.any([ending, lookingEnds.signal]);
  const known = new Map(request.known?.map((change) => [change.id, change]));
  const told = new Map<string, string>();
  const outputs = new Map<string, Output>();
  /** When the run of the healthcheck began that was told of last, by container. */
  const probed = new Map<string, string>();
  const recheck = new Map<string, NodeJS.Timeout>();
  /** When the runs began that were heard to begin or seen to go on, by container; told of once they have ended. */
  const runs = new Map<string, string>();
  /** Containers that were told to end since they began to run. */
  const stopped = new Set<string>();
  /** Containers that were killed, that nobody had asked to stop, and that were not seen to have ended. */
  const killed = new Set<string>();
  // What is told of one container stays in order: each look waits for the one before.
  const looks = new Map<string, Promise<void>>();
  let underWay = 0;
  let connected = false;
  /** Whether all containers there are have been asked for since the connection stands. */
  let inSight = false;
  let finishing = false;
  let lookingAgain: NodeJS.Timeout | undefined;
  /** How often one after the other all was looked at anew because the engine had refused an answer. */
  let refusals = 0;

  /** Following ends when nothing is under way any more and nothing more is waited for. */
  const track = (task: Promise<void>): void => {
    underWay += 1;
    void task.catch(refused).then(() => {
      underWay -= 1;
      if (underWay === 0 && (finishing || (request.whileAlive && inSight && !someLive()))) channel.end();
    });
  };

  const someLive = (): boolean =>
    [...outputs.values()].some(({ state, over }) => (state.Running || state.Restarting) && !over);

  // A connection that breaks is no failure: all is looked at anew. What hears of events may have noticed nothing of it.
  const refused = (error: unknown): void => {
    inSight = false;
    if (looking.aborted) return;
    const isRefusal = error instanceof EngineRefusal;
    if (isRefusal && (request.whileAlive || finishing || refusals >= mostRefusals)) {
      channel.fail(error);
      return;
    }
    if (!isRefusal) outage.lost(error);
    if (lookingAgain !== undefined) return;
    if (isRefusal) refusals += 1;
    lookingAgain = setTimeout(() => {
      lookingAgain = undefined;
      if (!finishing) track(lookAtAll());
    }, pauseBeforeLook);
  };

  /** `run` is when it ran: a run that ends as the one before did, before it was looked at, is told all the same. */
  const tell = (change: ContainerChanged, run = ''): void => {
    const text = `${JSON.stringify(change)} ${run}`;
    known.set(change.id, change);
    if (told.get(change.id) === text) return;
    told.set(change.id, text);
    void channel.send(change);
  };

  const inTurn = (id: string, task: () => void | Promise<void>): void => {
    const next = (looks.get(id) ?? Promise.resolve()).then(task).catch(refused);
    looks.set(id, next);
    track(next);
  };

  const look = (id: string, isNew: boolean): void =>
    inTurn(id, async () => {
      const info = await inspectContainer(engine, id, looking);
      if (info === undefined) return forget(id);
      if (info.Config.Labels[label.oneOff] === 'True') return;
      const change = containerChanged(info);
      const hasEnded = change.state === 'exited' || change.state === 'dead';
      // Whoever kills a container and then removes it leaves it ended in between, if only until it is looked at. A dead one is
      // what a removal is about to be through with.
      if (change.state === 'exited') killed.delete(id);
      const told = hasEnded && stopped.has(id) ? ({ ...change, stopped: true } as const) : change;
      tell(told, `${info.State.StartedAt} ${info.State.FinishedAt}`);
      if (request.probes) tellProbes(info);
      if (!request.services.has(info.Config.Labels[label.service] ?? '')) return;
      if (request.number !== undefined && info.Config.Labels[label.number] !== String(request.number)) return;
      if (!hasHappened(info.State.StartedAt)) return;
      const output = outputs.get(id) ?? outputOf(info, isNew);
      outputs.set(id, output);
      if (isNew || info.State.Running) runs.set(id, info.State.StartedAt);
      readOn(id, output, info.State);
      if (!output.reading) tellEnd(id, info.State);
    });

  const tellProbes = (info: Inspected): void => {
    const { told: news, last } = newProbes(info, probed.get(info.Id), hub.probes);
    if (last !== undefined) probed.set(info.Id, last);
    for (const probe of news) void channel.send(probe);
  };

  /** The engine notes how a healthcheck ended a moment after it has ended. */
  const lookSoon = (id: string): void => {
    if (recheck.has(id)) return;
    const due = (): void => {
      recheck.delete(id);
      look(id, false);
    };
    recheck.set(id, setTimeout(due, noteTime));
  };

  const outputOf = (info: Inspected, isNew: boolean): Output => {
    // Taken once: the last lines of a container that was removed still are its own.
    const container = containerChanged(info);
    return createOutput(
      engine,
      {
        container: info.Id,
        tty: info.Config.Tty,
        begin: request.begin(info.State, isNew),
        until: request.until,
        signal: ending,
        write: async (batch) =>
          'bytes' in batch
            ? request.print?.(printable(request, container, batch))
            : channel.send(logsWritten(request, container, batch)),
        ...(request.print === undefined ? {} : { printed: request }),
        unreadable: (refusal) => void channel.send(unreadableLogs(container, refusal)),
      },
      info.State,
    );
  };

  const readOn = (id: string, output: Output, state: Inspected['State']): void => {
    const reading = output.update(state);
    if (reading === undefined) return;
    const next = (): void => {
      // It may have been started again before the end of its output was noticed.
      if (finishing) {
        readOn(id, output, output.state);
        if (!output.reading) tellEnd(id, output.state);
      } else look(id, false);
    };
    track(reading.then(next));
  };

  const tellEnd = (id: string, { Running, Restarting, StartedAt, ExitCode }: Inspected['State']): void => {
    const container = known.get(id);
    if ((Running && !Restarting) || container === undefined || runs.get(id) !== StartedAt) return;
    runs.delete(id);
    const { service, number, name } = container;
    const source = sourceOf({ service, name }, request.project);
    void channel.send({
      type: 'output-ended',
      service,
      number,
      source,
      exitCode: ExitCode,
      restarting: Restarting,
    });
  };

  const forget = (id: string): void => {
    const last = known.get(id);
    if (last !== undefined) {
      const { exitCode: _exitCode, health: _health, ...rest } = last;
      tell({ ...rest, state: 'gone', ...(killed.has(id) && { vanished: true }), ports: [] });
    }
    known.delete(id);
    runs.delete(id);
    told.delete(id);
    stopped.delete(id);
    killed.delete(id);
    looks.delete(id);
    probed.delete(id);
    clearTimeout(recheck.get(id));
    recheck.delete(id);
    hub.probes.forget(id);
    const output = outputs.get(id);
    if (output === undefined) return;
    // What it wrote is read to its end.
    if (output.reading) void output.update({ ...output.state, Running: false, Restarting: false });
    else outputs.delete(id);
  };

  const lookAtAll = async (): Promise<void> => {
    const containers = await listContainers(engine, request.project, looking);
    const present = new Set(containers.map((container) => container.id));
    for (const id of known.keys()) if (!present.has(id)) inTurn(id, () => forget(id));
    outage.connected();
    for (const container of containers) look(container.id, false);
    inSight = true;
    void Promise.all(looks.values()).then(() => {
      if (inSight) refusals = 0;
    });
  };

  /** Whether what began or has ended inside a container may be a healthcheck that is worth looking at. */
  const mayTell = ({ id, action, attributes }: ContainerNotice): boolean => {
    const health = known.get(id)?.health;
    if (request.probes !== true || health === undefined) return false;
    // Of a test that cannot be run no end is told.
    if (health !== 'healthy' && action.startsWith('exec_start')) return true;
    return action === 'exec_die' && (health !== 'healthy' || attributes.exitCode !== '0');
  };

  /** Who stops a container asks it first; who removes it while it runs has it killed at once. */
  const noteKill = ({ id, action, attributes }: ContainerNotice): void => {
    const isKill = action === 'kill' && /^(?:9|(?:SIG)?KILL)$/.test(attributes.signal ?? '');
    if (action === 'start') killed.delete(id);
    else if (isKill && !stopped.has(id)) killed.add(id);
    else if (action === 'stop') killed.delete(id);
  };

  const hear = (notice: ContainerNotice): void => {
    const { id, action, attributes } = notice;
    if (action === 'start') stopped.delete(id);
    noteKill(notice);
    if (action === 'stop' || (action === 'kill' && endsProcess(attributes.signal))) stopped.add(id);
    if (action === 'die') outputs.get(id)?.hurry();
    if (mayTell(notice)) lookSoon(id);
    // Podman calls it to remove.
    if (action === 'destroy' || action === 'remove') inTurn(id, () => forget(id));
    else if (!/^(exec_|attach|archive|copy|top|resize|export|commit|prune)/.test(action)) {
      look(id, action === 'start');
    }
  };

  const outage = watchOutage(blink, {
    gone: (error) => void channel.send(connectionLost(error)),
    back: () => void channel.send(connectionBack),
  });
  const unsubscribe = hub.subscribe({
    connected: () => {
      outage.connected();
      connected = true;
      // Who acted on what was told may have failed together with the connection.
      told.clear();
      for (const output of outputs.values()) output.doubt();
      track(lookAtAll());
    },
    notice: hear,
    lost: (error) => {
      inSight = false;
      if (request.whileAlive && !connected) channel.fail(error);
      else outage.lost(error);
    },
  });

  let stopWaiting = (): void => {};
  /** One last look finds what has not been heard of yet; then all that is being read is read to its end. */
  const finish = (): void => {
    finishing = true;
    unsubscribe();
    outage.stop();
    stopWaiting = countDown(patience, () => lookingEnds.abort());
    const lastLook = async (): Promise<void> => {
      await lookAtAll().catch(refused);
      await Promise.all(looks.values());
      for (const output of outputs.values()) output.finish();
    };
    track(lastLook());
  };

  ending.addEventListener('abort', channel.end);
  request.finish?.addEventListener('abort', finish);
  if (request.finish?.aborted) finish();
  if (signal.aborted) channel.end();
  try {
    yield* channel.values;
  } finally {
    closed.abort();
    request.finish?.removeEventListener('abort', finish);
    unsubscribe();
    outage.stop();
    stopWaiting();
    clearTimeout(lookingAgain);
    for (const timer of recheck.values()) clearTimeout(timer);
    for (const output of outputs.values()) output.stop();
  }
}

/** In milliseconds. */
const noteTime = 100;

/** How long to wait until all is looked at again, in milliseconds, when the engine could not be asked. */
const pauseBeforeLook = 500;

/** An engine that answers, and yet refuses what it is asked for so often, goes on refusing it. */
const mostRefusals = 5;

/** A connection that is back after fewer milliseconds is not worth a word. */
const blink = 1000;

function connectionLost(error: unknown): ProblemFound {
  return {
    type: 'problem-found',
    problem: {
      code: 'engine-gone',
      severity: 'warning',
      message: 'the connection to the Docker Engine was lost',
      hint: 'nothing is lost: stack goes on once the engine is back',
      cause: error instanceof Error ? error.message : String(error),
    },
  };
}

const connectionBack: ProblemFound = {
  type: 'problem-found',
  problem: { code: 'engine-back', severity: 'warning', message: 'the Docker Engine is back' },
};

/**
 * From when on a container's output is told. The first lines can be older than the engine's own note of the start, so
 * what is told begins with the end of the run before.
 */
function firstOutput(state: Inspected['State'], isNew: boolean, logsSince: number): string | undefined {
  const followed = String(logsSince);
  if (!isNew && Date.parse(state.StartedAt) < logsSince * 1000) return followed;
  if (!state.Running) return followed;
  return hasHappened(state.FinishedAt) ? epochSeconds(state.FinishedAt) : undefined;
}
