import type { Happening } from '../../report/store.ts';
import { plural } from '../../report/words.ts';
import type { Flow } from './flow.ts';

/** What has happened while something else had the terminal, for the scrollback. */
export interface Backlog {
  add(happening: Happening): void;
  /** All of it as text, the end if it was too much; afterwards it is empty. */
  take(): string;
}

const mostLines = 1000;

interface Part {
  readonly lines: number;
  text(): string;
}

/** Keeps as much as someone who comes back would read; the rest is said to be missing, and where it is. */
export function createBacklog(flow: Flow, ascii: boolean): Backlog {
  let kept: Part[] = [];
  let lines = 0;
  let dropped = 0;
  return {
    add(happening) {
      const part = partOf(happening, flow);
      if (part === undefined) return;
      kept.push(part);
      lines += part.lines;
      if (lines < mostLines * 2) return;
      // Seldom and much at once, because the first of a list is costly to take away.
      let first = 0;
      while (lines > mostLines) {
        const count = kept[first]?.lines ?? 0;
        lines -= count;
        dropped += count;
        first += 1;
      }
      kept = kept.slice(first);
    },
    take() {
      const left =
        dropped === 0
          ? ''
          : `${ascii ? '...' : '…'} ${plural(dropped, 'line')} left out here: stack logs shows them\n`;
      const text = left + kept.map((part) => part.text()).join('');
      kept = [];
      lines = 0;
      dropped = 0;
      return text;
    },
  };
}

/** Most of what happens is told in no words. Of logs there can be so many lines that only those that are shown are put into form. */
function partOf(happening: Happening, flow: Flow): Part | undefined {
  const { event } = happening;
  if (event.type === 'logs-written') return { lines: event.lines.length, text: () => flow(happening) };
  const text = flow(happening);
  return text === '' ? undefined : { lines: text.split('\n').length - 1, text: () => text };
}
