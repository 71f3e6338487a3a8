const levels = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.:-=+*#' };

/** The latest values, one column each, as bars between nothing and `most`; blanks where there are none yet. */
export function sparkline(
  values: readonly number[],
  width: number,
  { most, ascii }: { readonly most?: number; readonly ascii: boolean },
): string {
  const bars = ascii ? levels.ascii : levels.unicode;
  const shown = values.slice(-width);
  const highest = most ?? Math.max(...shown);
  const drawn = shown.map((value) => {
    const share = highest > 0 ? Math.max(0, Math.min(1, value / highest)) : 0;
    return bars[Math.round(share * (bars.length - 1))] ?? ' ';
  });
  return drawn.join('').padStart(width);
}

/** How much is done: `▓▓▓░░`. */
export function progressBar(share: number, width: number, ascii: boolean): string {
  const done = Math.round(Math.max(0, Math.min(1, share)) * width);
  const [full, empty] = ascii ? ['#', '.'] : ['▓', '░'];
  return full.repeat(done) + empty.repeat(width - done);
}
