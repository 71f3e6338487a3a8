import type Docker from 'dockerode';
import { EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';
import { epochSeconds, type LogBatch, readContainerLogs, readPrintableLogs } from './logs.ts';
import { sleep } from './sleep.ts';
import { lookingOn } from './streams/gather.ts';
import type { PrintableBatch } from './streams/printable.ts';
import { countDown } from './within.ts';

/** Where to begin with the output of a container. */
export interface Beginning {
  readonly tail: number | 'all';
  /** Seconds since 1970, as the engine's API takes them. */
  readonly since?: string | undefined;
}

export interface OutputOptions {
  readonly container: string;
  readonly tty: boolean;
  readonly begin: Beginning;
  readonly until?: string | undefined;
  /** Cuts reading at once. */
  readonly signal: AbortSignal;
  readonly write: (batch: LogBatch | PrintableBatch) => Promise<void>;
  /** What is harmless may come as it is, with its times if they are shown. */
  readonly printed?: { readonly timestamps: boolean };
  /** The engine does not give the output out; called once. */
  readonly unreadable: (refusal: EngineRefusal) => void;
}

type State = Docker.ContainerInspectInfo['State'];

/** The output of one container over all its runs and over lost connections: each line once, in order. */
export interface Output {
  /** The state of the container as it was heard of last. */
  readonly state: State;
  readonly reading: boolean;
  /** No line can come any more, even if the container goes on running: what was asked for ended at a time. */
  readonly over: boolean;
  /** Takes note of a state. If there may be something to read that is not being read, reads it until it ends. */
  update(state: State): Promise<void> | undefined;
  /** After a lost connection an end is no longer certain to have been the end of the output. */
  doubt(): void;
  /** The container is about to be told of as ended: what it wrote is not to come much later. */
  hurry(): void;
  /** From now on reading is cut when nothing more comes: what has ended is read to its end, what runs no longer than it must. */
  finish(): void;
  /** Cuts reading at once. */
  stop(): void;
}

/** How long the engine may take for the next part of what an ended container wrote, in milliseconds. */
export const patience = 2000;
/** What a running container wrote before reading was to end arrives within this time, in milliseconds. */
const quietTime = 100;

export function createOutput(engine: EngineHttp, options: OutputOptions, first: State): Output {
  const { container, tty, until } = options;
  const cut = new AbortController();
  const signal = AbortSignal.any([options.signal, cut.signal]);
  let begin = options.begin;
  let state = first;
  /** When the run began that is being read or was read last. */
  let run: string | undefined;
  /** The engine's time of the last line. */
  let last: string | undefined;
  let reading = false;
  /** The engine has ended the last read, not the connection. */
  let complete = false;
  let refused = false;
  let told = false;
  let fruitless = 0;
  let silence: number | undefined;
  let endSilence = (): void => {};
  let endFinish = (): void => {};
  let hurrying = new AbortController();

  const lives = (): boolean => state.Running && !state.Restarting;

  const awaitMore = (): void => {
    if (silence !== undefined) endSilence = countDown(silence, () => cut.abort());
  };

  const refuse = (error: EngineRefusal): void => {
    refused = true;
    // Not found, or being removed: there is nothing to read, and nothing to tell.
    if (told || error.status === 404 || error.status === 409) return;
    told = true;
    options.unreadable(error);
  };

  const read = async (): Promise<void> => {
    const before = last;
    await sleep(pauseAfter(fruitless), signal);
    try {
      const part = last === undefined ? begin : ({ tail: 'all', after: last } as const);
      const gathered = { pause: lookingOn, signal: AbortSignal.any([signal, hurrying.signal]) };
      const query = { container, tty, follow: true, gathered, until, ...part };
      const batches =
        options.printed === undefined
          ? readContainerLogs(engine, query, signal)
          : readPrintableLogs(engine, query, options.printed, signal);
      for await (const batch of batches) {
        last = ('bytes' in batch ? batch.time : batch.lines.at(-1)?.time) || last;
        // Only the engine's silence counts, not the time the listener takes.
        endSilence();
        await options.write(batch);
        awaitMore();
      }
      complete = true;
    } catch (error) {
      // A connection that broke is no refusal: reading goes on where it ended once the engine is heard of again.
      if (error instanceof EngineRefusal) refuse(error);
    }
    fruitless = last === before ? fruitless + 1 : 0;
    reading = false;
  };

  return {
    get state() {
      return state;
    },
    get reading() {
      return reading;
    },
    get over() {
      return until !== undefined && complete && !reading;
    },
    update(now) {
      state = now;
      if (reading || signal.aborted) return undefined;
      if (now.StartedAt === run) {
        // An engine that restarts ends reads of containers that go on.
        if (refused || (complete && (!lives() || until !== undefined))) return undefined;
      } else {
        // The lines that were left out from the end are those of earlier runs.
        if (run !== undefined && begin.tail !== 'all') {
          begin = {
            tail: 'all',
            since: hasHappened(now.FinishedAt) ? epochSeconds(now.FinishedAt) : begin.since,
          };
        }
        run = now.StartedAt;
        fruitless = 0;
        refused = false;
      }
      complete = false;
      reading = true;
      hurrying = new AbortController();
      return read();
    },
    doubt() {
      complete = false;
    },
    hurry() {
      hurrying.abort();
    },
    finish() {
      hurrying.abort();
      silence = lives() ? quietTime : patience;
      endSilence();
      awaitMore();
      // What runs may write for ever, and is not lost.
      if (lives()) endFinish = countDown(patience, () => cut.abort());
    },
    stop() {
      cut.abort();
      endSilence();
      endFinish();
    },
  };
}

/** The engine writes a time before all others for what has not happened yet. */
export function hasHappened(time: string): boolean {
  return Date.parse(time) > 0;
}

/** Milliseconds before the next try, after so many that brought nothing. */
function pauseAfter(fruitless: number): number {
  return fruitless === 0 ? 0 : Math.min(100 * 2 ** (fruitless - 1), 5000);
}
