/** Draws when asked to, but not more often than eyes can tell, and not at all when nobody asks. */
export interface Frames {
  /**
   * There is something new to draw: what a key did at once; what happened when there is time for it, the less the longer
   * frames take; what is only measured within a second.
   */
  request(urgency?: 'key' | 'event' | 'measurement'): void;
  /** Something changes with time alone: draw every so many milliseconds while it does; 0: nothing does. */
  tick(interval: number): void;
  /** No more frames. */
  stop(): void;
}

const frameInterval = 34;
/** What flows by is read no better for being moved more often. */
const eventInterval = 90;
const measurementInterval = 1000;
/** However much happens, drawing takes no more than this share of the time; memory and terminal cost about as much again. */
const largestShare = 1 / 80;
/** A machine that is busy with other things makes frames seem to take long; they go on all the same. */
const longestInterval = 1000;

export function createFrames(draw: () => void): Frames {
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let ticker: NodeJS.Timeout | undefined;
  let ticking = 0;
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let cost = 0;
  let finished = false;

  const run = (): void => {
    timer = undefined;
    due = Number.POSITIVE_INFINITY;
    lastDrawn = performance.now();
    draw();
    const took = performance.now() - lastDrawn;
    // What is long once, because code is new or memory is cleaned up, is no measure.
    cost = Math.min(took, Math.max(5, cost * 2)) * 0.3 + cost * 0.7;
  };
  const intervals = {
    key: () => frameInterval,
    event: () => Math.min(longestInterval, Math.max(eventInterval, cost / largestShare)),
    measurement: () => measurementInterval,
  };

  const frames: Frames = {
    request(urgency = 'event') {
      if (finished) return;
      const wanted = lastDrawn + intervals[urgency]();
      if (wanted >= due) return;
      clearTimeout(timer);
      due = wanted;
      timer = setTimeout(run, Math.max(0, wanted - performance.now()));
    },
    tick(interval) {
      if (interval === ticking || finished) return;
      clearInterval(ticker);
      ticking = interval;
      ticker = interval === 0 ? undefined : setInterval(() => frames.request(), interval);
    },
    stop() {
      clearInterval(ticker);
      clearTimeout(timer);
      finished = true;
    },
  };
  return frames;
}
