import type { BuildPart, Progress } from '../../model/event.ts';
import { type BuildProgress, keptLines } from './progress.ts';

/** What the builder without BuildKit sends: its own announcements and the output of the steps, mixed. */
export interface ClassicMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
}

/** Follows a build of an engine without BuildKit, which tells no times: `now` gives milliseconds. */
export function createClassicProgress(now: () => number = Date.now): BuildProgress<ClassicMessage> {
  let name: string | undefined;
  let counts: { current: number; total: number } | undefined;
  let lines: string[] = [];
  let rest = '';
  /** The step that goes on, and when it began. */
  let open: { readonly name: string; readonly began: number } | undefined;

  const end = (state: BuildPart['state']): readonly BuildPart[] => {
    if (open === undefined) return [];
    const ended = { name: open.name, state, milliseconds: Math.round(now() - open.began) };
    open = undefined;
    return [ended];
  };

  const takeLine = (line: string): Progress | undefined => {
    const step = /^Step (\d+)\/(\d+) : (.*)$/.exec(line);
    if (step !== null) {
      const [, number, total, instruction] = step;
      const ended = end('done');
      name = `[${number}/${total}] ${instruction}`;
      counts = { current: Number(number) - 1, total: Number(total) };
      lines = [];
      open = { name, began: now() };
      return { text: name, ...counts, parts: [...ended, { name, state: 'running' }] };
    }
    if (line === ' ---> Using cache') return { text: `${name} (CACHED)`, ...counts, parts: end('cached') };
    if (line.startsWith('Successfully built ')) return withParts({}, end('done'));
    const announcement = /^( ---> |Removing intermediate container |Successfully tagged )/.test(line);
    if (announcement || line === '') return undefined;
    lines = [...lines, line].slice(-keptLines);
    const parts: readonly BuildPart[] =
      open === undefined ? [] : [{ name: open.name, state: 'running', lines: [line] }];
    return withParts({ ...(name === undefined ? {} : { text: name }), ...counts, lines: [line] }, parts);
  };

  return {
    take({ stream, status, error }) {
      if (error !== undefined) {
        // What it wrote last may lack the end of its line.
        const last = rest === '' ? {} : { lines: [rest] };
        return withParts(
          last,
          end('failed').map((part) => ({ ...part, ...last })),
        );
      }
      if (status !== undefined) return { text: name ?? status, ...counts };
      if (stream === undefined) return undefined;
      const complete = (rest + withoutPaint(stream)).split('\n');
      rest = complete.pop() ?? '';
      return complete.reduce<Progress | undefined>((sum, line) => join(sum, takeLine(line)), undefined);
    },
    failed: () => (name === undefined ? undefined : { name, lines: rest === '' ? lines : [...lines, rest] }),
  };
}

function withParts(progress: Progress, parts: readonly BuildPart[]): Progress | undefined {
  if (parts.length > 0) return { ...progress, parts };
  return Object.keys(progress).length === 0 ? undefined : progress;
}

/** The builder paints what a step writes to its error output red. */
function withoutPaint(text: string): string {
  return text.replaceAll('\u001b[91m', '').replaceAll('\u001b[0m', '');
}

function join(first: Progress | undefined, second: Progress | undefined): Progress | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  const lines = [...(first.lines ?? []), ...(second.lines ?? [])];
  const parts = (second.parts ?? []).reduce(joinPart, first.parts ?? []);
  return {
    ...first,
    ...second,
    ...(lines.length === 0 ? {} : { lines }),
    ...(parts.length === 0 ? {} : { parts }),
  };
}

function joinPart(parts: readonly BuildPart[], part: BuildPart): readonly BuildPart[] {
  const place = parts.findIndex(({ name }) => name === part.name);
  const known = parts[place];
  if (known === undefined) return [...parts, part];
  const lines = [...(known.lines ?? []), ...(part.lines ?? [])];
  return parts.with(place, { ...part, ...(lines.length === 0 ? {} : { lines }) });
}
