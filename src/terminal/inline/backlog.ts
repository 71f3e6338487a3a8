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

/** Keeps as much as someone who comes back would read; the rest is said to be missing, and where it is. */
export function createBacklog(flow: Flow, ascii: boolean): Backlog {
  let kept: Happening[] = [];
  let lines = 0;
  let dropped = 0;
  return {
    add(happening) {
      const added = linesOf(happening);
      if (added === 0) return;
      kept.push(happening);
      lines += added;
      if (lines < mostLines * 2) return;
      // Seldom and much at once, because the first of a list is costly to take away.
      let first = 0;
      while (lines > mostLines) {
        const count = linesOf(kept[first]);
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
      const text = left + kept.map(flow).join('');
      kept = [];
      lines = 0;
      dropped = 0;
      return text;
    },
  };
}

/** Lines of logs; what else happens is told in a line or so. */
function linesOf(happening: Happening | undefined): number {
  switch (happening?.event.type) {
    case undefined:
    case 'container-measured':
    case 'health-probed':
      return 0;
    case 'logs-written':
      return happening.event.lines.length;
    default:
      return 1;
  }
}
