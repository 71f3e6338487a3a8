import type { Style } from './paint.ts';
import type { ServiceState } from './view.ts';

/** A state as shape, word and colour: none of them is needed to understand the others. */
export interface StateLook {
  readonly shape: string;
  readonly word: string;
  readonly style: Style;
}

type Shape = 'good' | 'busy' | 'idle' | 'bad' | 'done' | 'paused';

const shapes: Readonly<
  Record<Shape, { readonly unicode: string; readonly ascii: string; readonly style: Style }>
> = {
  good: { unicode: '●', ascii: '*', style: 'green' },
  busy: { unicode: '◐', ascii: '~', style: 'yellow' },
  idle: { unicode: '○', ascii: 'o', style: 'dim' },
  bad: { unicode: '✗', ascii: 'x', style: 'red' },
  done: { unicode: '✓', ascii: '+', style: 'green' },
  paused: { unicode: '‖', ascii: '=', style: 'blue' },
};

const states: Readonly<Record<ServiceState, readonly [shape: Shape, word: string]>> = {
  waiting: ['idle', 'waiting'],
  pulling: ['busy', 'pulling'],
  building: ['busy', 'building'],
  creating: ['busy', 'creating'],
  starting: ['busy', 'starting'],
  running: ['good', 'running'],
  healthy: ['good', 'healthy'],
  unhealthy: ['bad', 'unhealthy'],
  restarting: ['busy', 'restarting'],
  looping: ['bad', 'crash loop'],
  paused: ['paused', 'paused'],
  done: ['done', 'done'],
  failed: ['bad', 'failed'],
  stopping: ['busy', 'stopping'],
  stopped: ['idle', 'stopped'],
  gone: ['idle', 'removed'],
  skipped: ['idle', 'not started'],
};

/** How a state looks, with shapes that every terminal has if `ascii`. */
export function lookOf(state: ServiceState, ascii: boolean): StateLook {
  const [shape, word] = states[state];
  return { shape: shapeOf(shape, ascii), word, style: shapes[shape].style };
}

/** A shape on its own. */
export function shapeOf(shape: Shape, ascii: boolean): string {
  return shapes[shape][ascii ? 'ascii' : 'unicode'];
}

/** Between logs colours say how good the news is; what is marked as paused there is a warning. */
export const noticeStyles = {
  good: 'green',
  busy: 'yellow',
  idle: 'dim',
  bad: 'red',
  done: 'green',
  paused: 'yellow',
} as const satisfies Record<Shape, Style>;
