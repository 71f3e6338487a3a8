import { createPainter, type Paint } from './paint.ts';
import { sanitiseLine } from './sanitise.ts';
import type { View } from './view.ts';
import { serviceStyle } from './words.ts';

const widest = 32;

interface LogLine {
  readonly service: string;
  readonly source: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Writes lines of output behind the name of who wrote them: `web-1    | listening`. */
export interface Prefixer {
  format(line: LogLine, view: View): string;
}

/**
 * Prefixes are as wide as the longest there has been, so that columns stay where they are once all have spoken. What
 * comes over stderr has another bar: many programs write all they have to say there, so it is no more than a nuance.
 */
export function createPrefixer(colour: boolean, bars: { stdout: string; stderr: string }): Prefixer {
  const paint = createPainter(colour);
  const paints = new Map<string, Paint>();
  let width = 0;
  let known: View['services'] = [];

  const learn = (services: View['services']): void => {
    if (services === known) return;
    known = services;
    services.forEach(({ name }, index) => {
      if (paints.has(name)) return;
      paints.set(name, paint[serviceStyle(index)]);
      width = Math.max(width, Math.min(widest, name.length + 2));
    });
  };

  return {
    format({ service, source, stream, text }, view) {
      learn(view.services);
      width = Math.max(width, Math.min(widest, source.length));
      const name = paints.get(service) ?? paint.dim;
      const bar = stream === 'stderr' ? paint.red(bars.stderr) : paint.dim(bars.stdout);
      return `${name(source.padEnd(width))} ${bar} ${sanitiseLine(text, { colour })}`;
    },
  };
}
