import type { Terminal } from '../../helpers/terminal.ts';

/** Looks whether a program keeps to its terminal. */
export interface Watch {
  /** Looks at the screen as it is now. */
  look(): void;
  /** Another size is coming: what was written for the old one may look wrong for a moment. */
  noteResize(): void;
  /** What was wrong, each kind once, with how often it was seen and how it looked first. */
  faults(): readonly string[];
}

/** Time enough to draw for a new size, in milliseconds, also on a machine that is busy. */
const settling = 3000;
const largestFooter = 8;

export function watch({ emulator, screen }: Terminal): Watch {
  const seen = new Map<string, { times: number; first: string }>();
  let resized = Number.NEGATIVE_INFINITY;
  const complain = (fault: string): void => {
    if (performance.now() - resized < settling) return;
    const known = seen.get(fault);
    if (known !== undefined) known.times += 1;
    else seen.set(fault, { times: 1, first: screen().join('\n') });
  };
  const size = (): string => (emulator.buffer.active.type === 'alternate' ? 'the full screen' : 'the footer');
  emulator.onScroll(() => {
    // Rows that are pushed out of a buffer that keeps none; entering it, while it is empty, is told of likewise.
    const isShown = emulator.buffer.active.type === 'alternate' && screen().some((row) => row !== '');
    if (isShown) complain(`${size()} is higher than the terminal`);
  });
  return {
    look() {
      const { active } = emulator.buffer;
      const rows = screen();
      const from = active.type === 'alternate' ? 0 : rows.findLastIndex((row) => /\d+\/\d+ ready/.test(row));
      if (from < 0) return;
      const isBroken = rows.some((_, row) => row > from && active.getLine(active.baseY + row)?.isWrapped);
      if (isBroken) complain(`${size()} is wider than the terminal`);
      if (active.type === 'alternate') return;
      const height = rows.findLastIndex((row) => row !== '') - from + 1;
      if (height > largestFooter) complain(`the footer has more than ${largestFooter} rows`);
    },
    noteResize() {
      resized = performance.now();
    },
    faults: () =>
      [...seen].map(([fault, { times, first }]) => `${fault}: seen ${times} times, first so:\n${first}`),
  };
}
