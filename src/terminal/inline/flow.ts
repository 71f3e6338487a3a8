import type { NarrateOptions, Notice } from '../../report/narrate/notice.ts';
import { narrate } from '../../report/narrate.ts';
import { createPainter, type Painter } from '../../report/paint.ts';
import { createPrefixer } from '../../report/prefix.ts';
import { noticeStyles, shapeOf } from '../../report/shapes.ts';
import type { Happening } from '../../report/store.ts';

/** Turns an event into what stays in the scrollback: lines of logs, and notices between them. Often nothing. */
export type Flow = (happening: Happening) => string;

export interface FlowOptions extends NarrateOptions {
  /** How wide the terminal is now. */
  readonly columns: () => number;
}

/** The text above the footer. */
export function createFlow(options: FlowOptions): Flow {
  const { colour, ascii, columns } = options;
  const paint = createPainter(colour);
  const prefixer = createPrefixer({
    colour,
    ascii,
    columns,
    bars: ascii ? { stdout: '|', stderr: '!' } : { stdout: '│', stderr: '┃' },
  });
  return ({ event, before, after }) => {
    if (event.type === 'logs-written') {
      const { service, source, stream, lines } = event;
      return lines.map((text) => `${prefixer.format({ service, source, stream, text }, after)}\n`).join('');
    }
    const notices = narrate(event, before, after, { ...options, width: columns() });
    if (event.type === 'files-changed')
      return notices.map(({ text }) => `${rule(text, ascii, paint)}\n`).join('');
    return notices.map((notice) => formatNotice(notice, ascii, paint)).join('');
  };
}

function formatNotice(
  { shape, service, text, details = [] }: Notice,
  ascii: boolean,
  paint: Painter,
): string {
  const name = service === undefined ? '' : `${paint.bold(service)} `;
  const head = `${paint[noticeStyles[shape]](shapeOf(shape, ascii))} ${name}${text}`;
  return [head, ...details, ''].join('\n');
}

/** A save parts the logs into before and after. */
function rule(text: string, ascii: boolean, paint: Painter): string {
  const dash = ascii ? '--' : '──';
  return paint.cyan(`${dash} ${text} ${dash}`);
}
