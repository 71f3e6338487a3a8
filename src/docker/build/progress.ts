import type { BuildPart, Progress } from '../../model/event.ts';
import { maskAddresses } from '../../model/masking.ts';
import { createLineSplitter, type LineSplitter } from '../streams/lines.ts';
import type { BuildStatus, Vertex } from './status.ts';

/** The step that made a build fail. */
export interface FailedStep {
  readonly name: string;
  /** The last lines of its output. */
  readonly lines: readonly string[];
}

/** Follows a build by what the engine tells of it. */
export interface BuildProgress<Message> {
  /** What there is to show after a message, if anything has changed. */
  take(message: Message): Progress | undefined;
  failed(): FailedStep | undefined;
}

/** Lines of a failed step that are kept to be shown. */
export const keptLines = 30;

interface Step {
  vertex: Vertex;
  /** As no other step of the build is called. */
  readonly name: string;
  /** How long it worked, in milliseconds, by when it began: BuildKit comes back to some steps. */
  readonly times: Map<number, number>;
  /** What was last told of it, but for its lines. */
  told: Pick<BuildPart, 'state' | 'milliseconds'> | undefined;
  /** One for each output: neither may break the other's lines. */
  readonly splitters: Map<number, LineSplitter>;
  lines: string[];
}

/** Follows a build of BuildKit. Steps are counted as BuildKit tells them: those of stages that are not needed never are. */
export function createBuildKitProgress(): BuildProgress<BuildStatus> {
  const steps = new Map<string, Step>();
  const names = new Map<string, number>();
  let shown = '';

  const update = (vertex: Vertex): void => {
    const known = steps.get(vertex.digest);
    if (known !== undefined) {
      known.vertex = vertex;
      return;
    }
    const name = shortName(vertex.name);
    const number = (names.get(name) ?? 0) + 1;
    names.set(name, number);
    const unique = number === 1 ? name : `${name} (${number})`;
    steps.set(vertex.digest, {
      vertex,
      name: unique,
      times: new Map(),
      told: undefined,
      splitters: new Map(),
      lines: [],
    });
  };

  return {
    take({ vertexes, logs }) {
      const lines: string[] = [];
      const written = new Map<Step, string[]>();
      const write = (step: Step, more: readonly string[]): void => {
        if (more.length === 0) return;
        lines.push(...more);
        step.lines = [...step.lines, ...more].slice(-keptLines);
        written.set(step, [...(written.get(step) ?? []), ...more]);
      };
      for (const vertex of vertexes) update(vertex);
      for (const { vertex, stream, message } of logs) {
        const step = steps.get(vertex);
        if (step !== undefined) write(step, splitterOf(step, stream).push(message));
      }
      const touched = new Set<Step>();
      for (const { digest, completed } of vertexes) {
        const step = steps.get(digest);
        if (step === undefined) continue;
        touched.add(step);
        if (completed === undefined) continue;
        for (const splitter of step.splitters.values()) write(step, splitter.end());
      }
      for (const step of written.keys()) touched.add(step);
      const parts = [...touched].flatMap((step) => news(step, written.get(step)));
      const text = textOf(vertexes) ?? shown;
      if (text === shown && parts.length === 0) return undefined;
      shown = text;
      return {
        ...(text === '' ? {} : { text, ...count(steps.values()) }),
        ...(lines.length === 0 ? {} : { lines }),
        ...(parts.length === 0 ? {} : { parts }),
      };
    },
    failed() {
      for (const { vertex, lines } of steps.values()) {
        if (vertex.error !== '' && !isCancelled(vertex.error)) {
          return { name: shortName(vertex.name), lines };
        }
      }
      return undefined;
    },
  };
}

function splitterOf(step: Step, stream: number): LineSplitter {
  const known = step.splitters.get(stream);
  if (known !== undefined) return known;
  const splitter = createLineSplitter();
  step.splitters.set(stream, splitter);
  return splitter;
}

/** What is new of a step that has begun. */
function news(step: Step, lines: readonly string[] | undefined): BuildPart[] {
  const { vertex, name, told, times } = step;
  const { started, completed } = vertex;
  if (started === undefined) return [];
  if (completed !== undefined) times.set(started, Math.max(0, completed - started));
  const state = stateOf(vertex);
  const sum = [...times.values()].reduce((total, time) => total + time, 0);
  const took = completed === undefined ? {} : { milliseconds: Math.round(sum) };
  if (lines === undefined && told?.state === state && told.milliseconds === took.milliseconds) return [];
  step.told = { state, ...took };
  return [{ name, state, ...took, ...(lines === undefined ? {} : { lines }) }];
}

function stateOf({ error, completed, cached }: Vertex): BuildPart['state'] {
  if (error !== '') return isCancelled(error) ? 'cancelled' : 'failed';
  if (completed === undefined) return 'running';
  return cached ? 'cached' : 'done';
}

/** Steps that ran beside the failed one are cancelled for it. */
function isCancelled(error: string): boolean {
  return error.endsWith('context canceled');
}

/** The newest of what begins or is found in the cache, but for what BuildKit does on its own account. */
function textOf(vertexes: readonly Vertex[]): string | undefined {
  const vertex = vertexes.findLast(
    ({ name, started, completed, cached }) =>
      started !== undefined &&
      (completed === undefined || cached) &&
      /^(\[(?!internal\])|exporting )/.test(name),
  );
  if (vertex === undefined) return undefined;
  const name = shortName(vertex.name);
  return vertex.cached ? `${name} (CACHED)` : name;
}

/** As in the Dockerfile: `FROM redis:7`, not `FROM docker.io/library/redis:7@sha256:…`. */
function shortName(name: string): string {
  return maskAddresses(name).replace(
    / FROM (?:docker\.io\/(?:library\/)?)?(\S+?)(?:@sha256:[0-9a-f]{64})?$/,
    ' FROM $1',
  );
}

function count(steps: Iterable<Step>): { current: number; total: number } {
  let current = 0;
  let total = 0;
  for (const { vertex } of steps) {
    if (!/^\[(\S+ )?\d+\/\d+\] /.test(vertex.name)) continue;
    total += 1;
    if (vertex.completed !== undefined) current += 1;
  }
  return { current, total };
}
