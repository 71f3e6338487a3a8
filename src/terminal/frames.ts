/** Draws when asked to, but not more often than eyes can tell, and not at all when nobody asks. */
export interface Frames {
  /** There is something new to draw. */
  request(): void;
  /** Something changes with time alone: draw once a second while it does. */
  tick(on: boolean): void;
  /** Draws now what has not been drawn yet, and never again. */
  finish(): void;
}

const frameInterval = 34;
const tickInterval = 1000;

export function createFrames(draw: () => void): Frames {
  let timer: NodeJS.Timeout | undefined;
  let ticker: NodeJS.Timeout | undefined;
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let finished = false;

  const run = (): void => {
    timer = undefined;
    lastDrawn = performance.now();
    draw();
  };

  const frames: Frames = {
    request() {
      if (finished || timer !== undefined) return;
      timer = setTimeout(run, Math.max(0, lastDrawn + frameInterval - performance.now()));
    },
    tick(on) {
      if (on === (ticker !== undefined) || finished) return;
      clearInterval(ticker);
      ticker = on ? setInterval(() => frames.request(), tickInterval) : undefined;
    },
    finish() {
      if (finished) return;
      clearInterval(ticker);
      clearTimeout(timer);
      run();
      finished = true;
    },
  };
  return frames;
}
