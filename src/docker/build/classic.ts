import type { Progress } from '../../model/event.ts';
import { type BuildProgress, keptLines } from './progress.ts';

/** What the builder without BuildKit sends: its own announcements and the output of the steps, mixed. */
export interface ClassicMessage {
  readonly stream?: string;
  readonly status?: string;
}

/** Follows a build of an engine without BuildKit. */
export function createClassicProgress(): BuildProgress<ClassicMessage> {
  let name: string | undefined;
  let counts: { current: number; total: number } | undefined;
  let lines: string[] = [];
  let rest = '';

  const takeLine = (line: string): Progress | undefined => {
    const step = /^Step (\d+)\/(\d+) : (.*)$/.exec(line);
    if (step !== null) {
      const [, number, total, instruction] = step;
      name = `[${number}/${total}] ${instruction}`;
      counts = { current: Number(number) - 1, total: Number(total) };
      lines = [];
      return { text: name, ...counts };
    }
    if (line === ' ---> Using cache') return { text: `${name} (CACHED)`, ...counts };
    const announcement = /^( ---> |Removing intermediate container |Successfully (built|tagged) )/.test(line);
    if (announcement || line === '') return undefined;
    lines = [...lines, line].slice(-keptLines);
    return { ...(name === undefined ? {} : { text: name }), ...counts, lines: [line] };
  };

  return {
    take({ stream, status }) {
      if (status !== undefined) return { text: name ?? status, ...counts };
      if (stream === undefined) return undefined;
      const complete = (rest + withoutPaint(stream)).split('\n');
      rest = complete.pop() ?? '';
      return complete.reduce<Progress | undefined>((sum, line) => join(sum, takeLine(line)), undefined);
    },
    failed: () => (name === undefined ? undefined : { name, lines: rest === '' ? lines : [...lines, rest] }),
  };
}

/** The builder paints what a step writes to its error output red. */
function withoutPaint(text: string): string {
  return text.replaceAll('\u001b[91m', '').replaceAll('\u001b[0m', '');
}

function join(first: Progress | undefined, second: Progress | undefined): Progress | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  const lines = [...(first.lines ?? []), ...(second.lines ?? [])];
  return { ...first, ...second, ...(lines.length === 0 ? {} : { lines }) };
}
