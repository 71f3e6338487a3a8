import type { Terminal as Emulator } from '@xterm/headless';
import { readScreen, type Screen } from './screen.ts';
import { createDefinitions, placeRows, renderWindow, sizeOf } from './svg.ts';

export interface Film {
  readonly frames: readonly Frame[];
  /** In milliseconds. */
  readonly length: number;
  /** The frame for those who want nothing to move. */
  readonly poster: number;
}

interface Frame {
  readonly screen: Screen;
  /** When it is first seen, in milliseconds from the start. */
  readonly at: number;
}

export interface Camera {
  /** What is seen from now on is the picture for those who want nothing to move. */
  pose(): void;
  stop(): Film;
}

/** Nobody wants to wait longer than this, in milliseconds, for something to happen. */
const longestFrame = 2500;
/** How long the end is seen before it all begins anew. */
const lastFrame = 2000;

/** Takes pictures of a terminal whenever it has changed, but not more often than every so many milliseconds. */
export function film(emulator: Emulator, interval: number): Camera {
  const started = performance.now();
  const taken: Frame[] = [];
  let last = '';
  let poster = 0;
  const take = (): void => {
    const screen = readScreen(emulator);
    const now = JSON.stringify(screen);
    if (now === last) return;
    last = now;
    taken.push({ screen, at: performance.now() - started });
  };
  const timer = setInterval(take, interval);
  take();
  return {
    pose() {
      take();
      poster = taken.length - 1;
    },
    stop() {
      clearInterval(timer);
      take();
      return { ...withoutWaits(taken, performance.now() - started + lastFrame), poster };
    },
  };
}

/** The same pictures with the time between them cut to what someone who watches waits for. */
export function withoutWaits(taken: readonly Frame[], end: number): Pick<Film, 'frames' | 'length'> {
  let saved = 0;
  const frames = taken.map(({ screen, at }, index) => {
    const frame = { screen, at: at - saved };
    const duration = (taken[index + 1]?.at ?? end) - at;
    saved += Math.max(0, duration - longestFrame);
    return frame;
  });
  return { frames, length: end - saved };
}

/**
 * A film as one picture: its frames lie side by side and are drawn past a window by the keyframes of its style, without a
 * script. Rows that several frames have in common are written once.
 */
export function renderFilm({ frames, length, poster }: Film, title: string): string {
  const definitions = createDefinitions();
  const { width, height } = sizeOf({
    columns: Math.max(...frames.map(({ screen }) => screen.columns)),
    rows: frames.map(({ screen }) => screen.rows).reduce((a, b) => (a.length > b.length ? a : b), []),
  });
  const strip = frames.map(
    ({ screen }, index) =>
      `<g transform="translate(${index * width})">${placeRows(screen.rows, definitions)}</g>`,
  );
  const shift = (index: number): string => `{transform:translateX(${-index * width}px)}`;
  const keyframes = frames.map(
    ({ at }, index) => `${Number(((at / length) * 100).toFixed(3))}%${shift(index)}`,
  );
  const seconds = (length / 1000).toFixed(1);
  const style = [
    `.film${shift(poster)}`,
    `@media (prefers-reduced-motion:no-preference){.film{animation:film ${seconds}s step-end infinite}}`,
    `@keyframes film{${keyframes.join('')}}`,
  ].join('\n');
  const content = `${definitions.all()}\n<g class="film">\n${strip.join('\n')}\n</g>`;
  return renderWindow({ width, height }, { title, style, content });
}
