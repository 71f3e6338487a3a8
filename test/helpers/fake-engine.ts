import { PassThrough, Readable } from 'node:stream';
import {
  type EngineAnswer,
  type EngineHttp,
  type EngineRequest,
  queryString,
} from '../../src/docker/http.ts';

interface Line {
  readonly time: string;
  readonly text: string;
}

export interface FakeContainer {
  readonly id: string;
  /** As an inspection tells it. */
  state: Record<string, unknown>;
  /** Its healthcheck, as an inspection tells it. */
  healthcheck?: { readonly Test: readonly string[] };
  readonly log: Line[];
  /** Set: the engine refuses to give the log out. */
  unreadable?: { readonly status: number; readonly message: string };
  /** How often the engine is yet to refuse to tell of it. */
  refusals?: number;
  removed: boolean;
}

export interface FakeEngine {
  readonly http: EngineHttp;
  /** What was asked for, as `GET /path?query`, in order. */
  readonly requests: readonly string[];
  /** Resolves when a request has come in. */
  asked(pattern: RegExp, times?: number): Promise<void>;
  add(id: string, service?: string): FakeContainer;
  start(id: string): void;
  /** Told to those who read its log and to those who listen to events. */
  write(id: string, ...texts: string[]): void;
  /** The container ends. With `keepLog` those who read its log do not get the end of it yet. */
  end(id: string, options?: { readonly exitCode?: number; readonly keepLog?: boolean }): void;
  /** Those who read its log get the end of it. */
  endLog(id: string): void;
  remove(id: string): void;
  tell(id: string, action: string, attributes?: Readonly<Record<string, string>>): void;
  /** All connections break, and new ones too until `restore`. */
  cut(): void;
  restore(): void;
}

/** An engine with the containers of one project that does what a test says, and nothing by itself. */
export function createFakeEngine(project = 'p'): FakeEngine {
  const containers = new Map<string, FakeContainer>();
  const events = new Set<PassThrough>();
  const readers = new Map<string, Set<PassThrough>>();
  const requests: string[] = [];
  const waiting = new Set<() => void>();
  let gone = false;
  let clock = 0;

  /** A time of the engine: each is later than the one before. */
  const now = (): string => {
    clock += 1;
    return `2026-01-01T00:00:00.${String(clock).padStart(9, '0')}Z`;
  };
  const get = (id: string): FakeContainer => {
    const container = containers.get(id);
    if (container === undefined) throw new Error(`no container ${id}`);
    return container;
  };
  const labels = (service: string) => ({
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.config-hash': 'x',
  });
  const services = new Map<string, string>();
  const tell: FakeEngine['tell'] = (id, action, attributes = {}) => {
    const Attributes = { name: `${project}-${id}-1`, ...attributes };
    const event = { Action: action, Actor: { ID: id, Attributes } };
    for (const stream of events) stream.write(`${JSON.stringify(event)}\n`);
  };
  const endLog = (id: string): void => {
    for (const stream of readers.get(id) ?? []) stream.end();
    readers.get(id)?.clear();
  };

  const answer = (request: EngineRequest): EngineAnswer => {
    const { path } = request;
    const query = Object.fromEntries(new URLSearchParams(queryString(request.query)));
    const json = (status: number, value: unknown): EngineAnswer => ({
      status,
      headers: {},
      body: Readable.from([Buffer.from(JSON.stringify(value))]),
    });
    const open = (streams: Set<PassThrough>): PassThrough => {
      const stream = new PassThrough();
      streams.add(stream);
      request.signal.addEventListener('abort', () => stream.destroy(new Error('aborted')), { once: true });
      return stream;
    };
    if (path === '/events') return { status: 200, headers: {}, body: open(events) };
    if (path === '/containers/json') {
      const there = [...containers.values()].filter(({ removed }) => !removed);
      return json(
        200,
        there.map(({ id, state }) => ({
          Id: id,
          Names: [`/${project}-${id}-1`],
          Labels: labels(services.get(id) ?? id),
          State: state.Status,
          Status: '',
          Mounts: [],
          Ports: [],
        })),
      );
    }
    const [, id = '', what] = /^\/containers\/([^/]+)\/(json|logs)$/.exec(path) ?? [];
    const container = containers.get(id) ?? containers.get(id.slice(project.length + 1, -2));
    if (container === undefined || container.removed) return json(404, { message: 'no such container' });
    if (what === 'json') {
      if (container.refusals !== undefined && container.refusals > 0) {
        container.refusals -= 1;
        return json(500, { message: 'no room' });
      }
      return json(200, {
        Id: container.id,
        Name: `/${project}-${container.id}-1`,
        Config: {
          Tty: true,
          Labels: labels(services.get(container.id) ?? container.id),
          Healthcheck: container.healthcheck,
        },
        State: { ...container.state },
        HostConfig: {},
        NetworkSettings: { Ports: {} },
      });
    }
    if (container.unreadable !== undefined)
      return json(container.unreadable.status, { message: container.unreadable.message });
    const since = query.since === undefined ? '' : timeOf(query.since);
    const all = container.log.filter(({ time }) => time >= since);
    const lines = query.tail === 'all' ? all : all.slice(all.length - Number(query.tail));
    const streams = readers.get(container.id) ?? new Set();
    readers.set(container.id, streams);
    const stream = open(streams);
    stream.write(lines.map(({ time, text }) => `${time} ${text}\n`).join(''));
    if (query.follow === '0' || container.state.Running !== true || container.state.Restarting === true) {
      streams.delete(stream);
      stream.end();
    }
    return { status: 200, headers: {}, body: stream };
  };

  return {
    http: {
      async request(request) {
        const query = queryString(request.query);
        requests.push(`${request.method} ${request.path}?${query}`);
        for (const look of [...waiting]) look();
        request.signal.throwIfAborted();
        if (gone) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        return answer(request);
      },
    },
    requests,
    asked: (pattern, times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (requests.filter((request) => pattern.test(request)).length < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    add(id, service = id) {
      const never = '0001-01-01T00:00:00Z';
      const container: FakeContainer = {
        id,
        state: {
          Status: 'created',
          Running: false,
          Restarting: false,
          ExitCode: 0,
          StartedAt: never,
          FinishedAt: never,
        },
        log: [],
        removed: false,
      };
      containers.set(id, container);
      services.set(id, service);
      return container;
    },
    start(id) {
      const container = get(id);
      container.state = {
        ...container.state,
        Status: 'running',
        Running: true,
        Restarting: false,
        StartedAt: now(),
      };
      tell(id, 'start');
    },
    write(id, ...texts) {
      for (const text of texts) {
        const line = { time: now(), text };
        get(id).log.push(line);
        for (const stream of readers.get(id) ?? []) stream.write(`${line.time} ${text}\n`);
      }
    },
    end(id, { exitCode = 0, keepLog = false } = {}) {
      const container = get(id);
      const over = {
        Status: 'exited',
        Running: false,
        Restarting: false,
        ExitCode: exitCode,
        FinishedAt: now(),
      };
      container.state = { ...container.state, ...over };
      if (!keepLog) endLog(id);
      tell(id, 'die');
    },
    endLog,
    remove(id) {
      get(id).removed = true;
      tell(id, 'destroy');
    },
    tell,
    cut() {
      gone = true;
      const broken = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      for (const stream of [...events, ...[...readers.values()].flatMap((set) => [...set])])
        stream.destroy(broken);
      events.clear();
      readers.clear();
    },
    restore() {
      gone = false;
    },
  };
}

/** Seconds with a fraction, as the engine takes them, back as the engine's own writing. */
function timeOf(seconds: string): string {
  const [whole = '0', fraction = ''] = seconds.split('.');
  return `${new Date(Number(whole) * 1000).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}Z`;
}
