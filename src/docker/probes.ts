import type Docker from 'dockerode';
import type { HealthProbed } from '../model/event.ts';
import { label } from '../model/labels.ts';
import { maskValue, secretsAmong } from '../model/masking.ts';
import { EngineRefusal } from './api.ts';
import { nanoseconds } from './duration.ts';
import type { EngineHttp } from './http.ts';
import { runInside } from './inside.ts';

type Inspected = Pick<Docker.ContainerInspectInfo, 'Id' | 'Config' | 'State'>;

/**
 * Numbers the runs of healthchecks, the engine's and ours together: from 1 on for each run of a container, each in the
 * order in which it was heard of.
 */
export interface ProbeCount {
  /** The number of a run of which no one has heard, or the same again for one with the same beginning. */
  numberOf(container: Inspected, beginning?: string): number;
  forget(id: string): void;
}

export function createProbeCount(): ProbeCount {
  const counts = new Map<string, { readonly run: number; last: number; numbers: Map<string, number> }>();
  return {
    numberOf({ Id, State }, beginning) {
      const known = counts.get(Id);
      const run = Date.parse(State.StartedAt);
      // Someone may still speak of the run before.
      const count = known !== undefined && known.run >= run ? known : { run, last: 0, numbers: new Map() };
      counts.set(Id, count);
      const told = beginning === undefined ? undefined : count.numbers.get(beginning);
      if (told !== undefined) return told;
      count.last += 1;
      if (beginning !== undefined) {
        // The engine remembers no more than a few.
        count.numbers = new Map([...count.numbers, [beginning, count.last] as const].slice(-kept));
      }
      return count.last;
    },
    forget: (id) => {
      counts.delete(id);
    },
  };
}

const kept = 10;

/** How one run of a healthcheck ended. */
export interface ProbeResult {
  readonly exitCode: number;
  /** All that the test wrote, or the end of it. */
  readonly output: string;
}

/** How one run of a health test ended; undefined if that is not known, e.g. because the container has ended. */
export async function runProbe(
  engine: EngineHttp,
  container: string,
  command: readonly string[],
  timeout: number | undefined,
  signal: AbortSignal,
): Promise<ProbeResult | undefined> {
  const milliseconds = (timeout || nanoseconds('30s')) / 1e6;
  const limit = AbortSignal.timeout(milliseconds);
  let output = '';
  const keep = (lines: readonly string[]): void => {
    output = lines.findLast((line) => line.trim() !== '') ?? output;
  };
  try {
    const limited = AbortSignal.any([signal, limit]);
    return { exitCode: await runInside(engine, container, { Cmd: command }, keep, limited), output };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (limit.aborted) return { exitCode: -1, output: `no answer within ${milliseconds / 1000}s` };
    // What cannot be run is told; of a container that has ended the engine's events tell.
    const isRefused = error instanceof EngineRefusal && error.status !== 404 && error.status !== 409;
    return isRefused ? { exitCode: -1, output: error.said } : undefined;
  }
}

/** A run of a container's healthcheck as the event that tells of it. What the test wrote is shown like other texts: without credentials. */
export function healthProbed(
  info: Inspected,
  probe: number,
  { exitCode, output }: ProbeResult,
): HealthProbed {
  const { Labels = {}, Env } = info.Config;
  const passed = exitCode === 0;
  const last = output
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .findLast((line) => line !== '');
  return {
    type: 'health-probed',
    service: Labels[label.service] ?? '',
    number: Number(Labels[label.number] ?? 0),
    id: info.Id,
    probe,
    passed,
    said:
      last === undefined
        ? passed
          ? ''
          : `exit code ${exitCode}`
        : masked(inShort(last), Env).slice(0, longest),
  };
}

/** In characters. */
const longest = 200;

/** Of a test that cannot be run, why not: without the parts of the engine that hand it on. */
function inShort(line: string): string {
  const [, reason = line] =
    /^OCI runtime exec failed: (?:.*unable to start container process: )?(.*?)(?:: unknown)?$/.exec(line) ??
    [];
  return reason;
}

function masked(text: string, environment: readonly string[] | null | undefined): string {
  const variables = (environment ?? []).map((pair): [string, string] => {
    const [name = ''] = pair.split('=', 1);
    return [name, pair.slice(name.length + 1)];
  });
  return maskValue('', text, secretsAmong(new Map(variables)));
}

/**
 * The engine's own runs of a container's healthcheck that began after another one: of those that are new all, if none
 * was seen the last only. The engine remembers a few, also those of the container's run before.
 */
export function newProbes(
  info: Inspected,
  after: string | undefined,
  probes: ProbeCount,
): { readonly told: readonly HealthProbed[]; readonly last: string | undefined } {
  const { Health, StartedAt } = info.State;
  const log = (Health?.Log ?? []).filter(({ Start }) => Date.parse(Start) >= Date.parse(StartedAt));
  const since = after === undefined ? Number.NEGATIVE_INFINITY : Date.parse(after);
  const all = log
    .filter(({ Start }) => Date.parse(Start) > since)
    .map(({ Start, ExitCode: exitCode, Output: output }) =>
      healthProbed(info, probes.numberOf(info, Start), { exitCode, output }),
    );
  return { told: after === undefined ? all.slice(-1) : all, last: log.at(-1)?.Start ?? after };
}
