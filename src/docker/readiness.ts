import type Docker from 'dockerode';
import type { ReadyCheck } from '../model/x-stack.ts';
import { EngineRefusal } from './api.ts';
import { inspectContainer } from './containers.ts';
import { nanoseconds } from './duration.ts';
import type { EngineHttp } from './http.ts';
import { epochSeconds, readContainerLogs } from './logs.ts';
import { probeHttp, probeTcp } from './port-probe.ts';
import { type ProbeResult, runProbe } from './probes.ts';
import { sleep } from './sleep.ts';

/** Why a container did not become ready, in words that follow its name. */
export class NotReady extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'NotReady';
    this.hint = hint;
  }
}

const firstPause = 50;
/** A connection costs nothing. */
const longestPause = { tcp: 50, http: 100, log: 100, exec: 500 } as const;

/**
 * Looks at a container, in the way that its file says, until it is ready: true. False if the signal is aborted before.
 * Rejects with `NotReady` once it has taken too long, has failed too often, or cannot be looked at.
 */
export async function becomesReady(
  engine: EngineHttp,
  container: string,
  check: ReadyCheck,
  tell: (result: ProbeResult, info: Docker.ContainerInspectInfo) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = AbortSignal.timeout(nanoseconds(check.timeout) / 1e6);
  const until = AbortSignal.any([signal, limit]);
  let failures = 0;
  let last: ProbeResult | undefined;
  /** What is cut short tells nothing. */
  const cut = (error: unknown): undefined => {
    if (!until.aborted || error instanceof NotReady) throw error;
  };
  for (let pause = firstPause; !until.aborted; pause = Math.min(pause * 1.5, longestPause[check.by])) {
    const info = await inspectContainer(engine, container, until).catch(cut);
    // Of one that is gone or has ended others tell; it may be started again.
    if (info?.State.Running === true) {
      const result = await look(engine, info, check, until).catch(cut);
      if (result !== undefined && !until.aborted) tell(result, info);
      if (result?.exitCode === 0) return true;
      // A look that was cut short tells less than one before it.
      if (!until.aborted || last === undefined) last = result ?? last;
      failures += result === undefined ? 0 : 1;
      if (check.retries !== undefined && failures >= check.retries)
        throw new NotReady(
          `was not ready at ${failures === 1 ? 'the first look' : `${failures} looks`}${said(last)}`,
        );
    }
    await sleep(pause, until);
  }
  if (signal.aborted) return false;
  const wanted = check.by === 'log' ? `: no line had \`${check.text}\` in it` : said(last);
  throw new NotReady(`was not ready within ${check.timeout}${wanted}`);
}

function said(last: ProbeResult | undefined): string {
  return last === undefined || last.output === '' ? '' : `: ${last.output}`;
}

async function look(
  engine: EngineHttp,
  info: Docker.ContainerInspectInfo,
  check: ReadyCheck,
  signal: AbortSignal,
): Promise<ProbeResult | undefined> {
  switch (check.by) {
    case 'exec':
      return runProbe(engine, info.Id, check.command, undefined, signal);
    case 'log':
      return saysInLog(engine, info, check.text, signal);
    case 'tcp':
    case 'http': {
      const asked =
        check.by === 'tcp'
          ? await probeTcp(engine, info, check.port, signal)
          : await probeHttp(engine, info, check, signal);
      if (asked !== undefined || signal.aborted || !(await isUp(engine, info.Id, signal))) return asked;
      throw new NotReady(
        `cannot be asked on port ${check.port}: no way leads there from here, and its image has no programs to look with`,
        'publish the port on 127.0.0.1, or say by which line of its output it is ready: x-stack: { ready: { log: TEXT } }',
      );
    }
  }
}

async function isUp(engine: EngineHttp, container: string, signal: AbortSignal): Promise<boolean> {
  return (await inspectContainer(engine, container, signal))?.State.Running === true;
}

/** Reads what a container writes until a line has a text in it, or the container has ended. */
async function saysInLog(
  engine: EngineHttp,
  { Id, Config, State }: Docker.ContainerInspectInfo,
  text: string,
  signal: AbortSignal,
): Promise<ProbeResult | undefined> {
  const since = epochSeconds(State.StartedAt);
  const query = { container: Id, tty: Config.Tty, follow: true, tail: 'all', since } as const;
  const done = new AbortController();
  try {
    for await (const { lines } of readContainerLogs(engine, query, AbortSignal.any([signal, done.signal]))) {
      const found = lines.find((line) => line.text.includes(text));
      if (found !== undefined) return { exitCode: 0, output: found.text };
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof EngineRefusal)) throw error;
    throw new NotReady(
      `cannot be asked for what it writes: ${error.said}`,
      'use a logging driver that the engine can read, or `tcp`, `http` or `exec`',
    );
  } finally {
    done.abort();
  }
  return undefined;
}
