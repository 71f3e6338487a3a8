import { label } from '../model/labels.ts';
import { openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { createProbeCount, type ProbeCount } from './probes.ts';
import { sleep } from './sleep.ts';
import { readJsonLines } from './streams/ndjson.ts';

/** What the engine told of one container of the project. */
export interface ContainerNotice {
  readonly id: string;
  /** The container's name when it happened. */
  readonly name: string;
  /** The engine's word: `start`, `die`, `destroy`, `health_status: healthy`, … */
  readonly action: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One subscription to what happens to a project's containers, shared by all who want to know. */
export interface EventHub {
  /**
   * `notice` hears of everything from now on; `connected` is called each time the subscription stands, also again after
   * it was lost: what happened in between has to be looked up then. `lost` hears of a connection that cannot be had.
   */
  subscribe(listener: EventListener): () => void;
  /** The runs of healthchecks that any of them heard of. */
  readonly probes: ProbeCount;
  /** The run of a container of this name that goes on, if the subscription has stood ever since that began. */
  runOf(name: string): HeardRun | undefined;
}

export interface HeardRun {
  readonly id: string;
  /** When its beginning was heard of, as `performance.now()` counts. */
  readonly began: number;
}

export interface EventListener {
  readonly connected: () => void;
  readonly notice: (notice: ContainerNotice) => void;
  readonly lost: (error: unknown) => void;
}

/**
 * Tells an outage from a blink: `gone` is called once a connection has been lost for so many milliseconds, with what
 * was said first, and `back` when it stands again after that. Gives what a listener passes on to it.
 */
export function watchOutage(
  milliseconds: number,
  { gone, back }: { readonly gone: (error: unknown) => void; readonly back: () => void },
): Pick<EventListener, 'connected' | 'lost'> & { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isGone = false;
  return {
    connected() {
      clearTimeout(timer);
      timer = undefined;
      if (isGone) back();
      isGone = false;
    },
    lost(error) {
      timer ??= setTimeout(() => {
        isGone = true;
        gone(error);
      }, milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}

interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Record<string, string> };
}

/** The subscription is opened for the first listener and closed after the last. */
export function createEventHub(engine: EngineHttp, project: string): EventHub {
  const listeners = new Set<EventListener>();
  let closing: AbortController | undefined;
  let connected = false;
  /** By id: a container can change its name while it runs. */
  const runs = new Map<string, HeardRun & { readonly name: string }>();

  const run = async (signal: AbortSignal): Promise<void> => {
    const filters = JSON.stringify({ type: ['container'], label: [`${label.project}=${project}`] });
    while (!signal.aborted) {
      try {
        const options = { query: { filters }, signal, quick: true } as const;
        const stream = await openStream(engine, 'GET', '/events', options);
        connected = true;
        for (const listener of listeners) listener.connected();
        for await (const event of readJsonLines(stream)) deliver(event as EngineEvent);
        throw Object.assign(new Error('the engine ended the event stream'), { code: 'ECONNRESET' });
      } catch (error) {
        if (signal.aborted) return;
        connected = false;
        runs.clear();
        for (const listener of listeners) listener.lost(error);
        await sleep(reconnectDelay, signal);
      }
    }
  };

  const deliver = ({ Action: action, Actor }: EngineEvent): void => {
    const notice = {
      id: Actor.ID,
      name: Actor.Attributes.name ?? '',
      action,
      attributes: Actor.Attributes,
    };
    note(notice);
    for (const listener of listeners) listener.notice(notice);
  };

  const note = ({ id, name, action }: ContainerNotice): void => {
    const known = runs.get(id);
    if (action === 'start') runs.set(id, { id, name, began: performance.now() });
    else if (action === 'die') runs.delete(id);
    else if (action === 'rename' && known !== undefined) runs.set(id, { ...known, name });
  };

  return {
    probes: createProbeCount(),
    runOf: (name) => [...runs.values()].find((run) => run.name === name),
    subscribe(listener) {
      listeners.add(listener);
      if (closing === undefined) {
        closing = new AbortController();
        void run(closing.signal);
      } else if (connected) {
        listener.connected();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        closing?.abort();
        closing = undefined;
        connected = false;
        runs.clear();
      };
    },
  };
}

/** Milliseconds between attempts to reach an engine that restarts: soon enough to be noticed, rare enough to cost nothing. */
const reconnectDelay = 500;
