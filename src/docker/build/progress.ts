import type { Progress } from '../../model/event.ts';
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
  /** One for each output: neither may break the other's lines. */
  readonly splitters: Map<number, LineSplitter>;
  lines: string[];
}

/** Follows a build of BuildKit. Steps are counted as BuildKit tells them: those of stages that are not needed never are. */
export function createBuildKitProgress(): BuildProgress<BuildStatus> {
  const steps = new Map<string, Step>();
  let shown = '';

  const update = (vertex: Vertex): void => {
    const known = steps.get(vertex.digest);
    if (known === undefined) steps.set(vertex.digest, { vertex, splitters: new Map(), lines: [] });
    else known.vertex = vertex;
  };

  return {
    take({ vertexes, logs }) {
      const lines: string[] = [];
      for (const vertex of vertexes) update(vertex);
      for (const { vertex, stream, message } of logs) {
        const step = steps.get(vertex);
        if (step !== undefined) lines.push(...keep(step, splitterOf(step, stream).push(message)));
      }
      for (const { digest, completed } of vertexes) {
        const step = steps.get(digest);
        if (completed === undefined || step === undefined) continue;
        for (const splitter of step.splitters.values()) lines.push(...keep(step, splitter.end()));
      }
      const text = textOf(vertexes) ?? shown;
      if (text === shown && lines.length === 0) return undefined;
      shown = text;
      return { text, ...count(steps.values()), ...(lines.length === 0 ? {} : { lines }) };
    },
    failed() {
      for (const { vertex, lines } of steps.values()) {
        // Steps that ran beside the failed one are cancelled for it.
        if (vertex.error !== '' && !vertex.error.endsWith('context canceled')) {
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

function keep(step: Step, lines: readonly string[]): readonly string[] {
  step.lines = [...step.lines, ...lines].slice(-keptLines);
  return lines;
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
  return name.replace(/ FROM (?:docker\.io\/(?:library\/)?)?(\S+?)(?:@sha256:[0-9a-f]{64})?$/, ' FROM $1');
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
