import type { Focus } from '../keys.ts';

/** How a screen is divided. */
export interface Areas {
  /** Two columns; one column; status, one pane and keys; nothing that could be read. */
  readonly shape: 'wide' | 'narrow' | 'small' | 'none';
  /** Columns that are drawn to. The last one stays free: terminals differ in what they do when it is written to. */
  readonly width: number;
  readonly services: Area;
  /** What is known of the selected service, below the list. */
  readonly facts: Area;
  readonly pane: Area;
  /** What covers services and pane, e.g. the palette. */
  readonly over: Area;
}

interface Area {
  readonly columns: number;
  readonly rows: number;
}

export const leastColumns = 40;
export const leastRows = 10;

/** What has the focus: what was chosen, else what there is to be looked at most. */
export function focusOf(chosen: Focus | undefined, shape: Areas['shape']): Focus {
  return chosen ?? (shape === 'small' ? 'pane' : 'services');
}

/** `wanted`: rows that the list of services would fill. */
export function areasOf(columns: number, rows: number, wanted: number): Areas {
  const width = Math.max(1, columns - 1);
  const none = { columns: 0, rows: 0 };
  if (columns < leastColumns || rows < leastRows) {
    return { shape: 'none', width, services: none, facts: none, pane: none, over: none };
  }
  if (columns < 60 || rows < 15) {
    // Status above and keys below; services and pane take turns.
    const whole = { columns: width, rows: rows - 2 };
    return { shape: 'small', width, services: whole, facts: none, pane: whole, over: whole };
  }
  if (columns < 100 || rows < 24) {
    // Status, tabs, message and keys.
    const list = Math.max(1, Math.min(wanted, Math.floor(rows / 3)));
    const pane = { columns: width, rows: rows - 4 - list };
    return {
      shape: 'narrow',
      width,
      services: { columns: width, rows: list },
      facts: none,
      pane,
      over: { columns: width, rows: rows - 3 },
    };
  }
  const body = rows - 4;
  const left = Math.min(68, Math.floor(width * 0.46));
  const list = Math.max(1, Math.min(wanted, body - Math.min(10, Math.floor(body / 3))));
  return {
    shape: 'wide',
    width,
    services: { columns: left, rows: list },
    facts: { columns: left, rows: body - list },
    // Between the columns: a blank, a bar, a blank.
    pane: { columns: width - left - 3, rows: body },
    over: { columns: width, rows: rows - 3 },
  };
}
