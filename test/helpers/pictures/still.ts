import type { Screen } from './screen.ts';
import { createDefinitions, placeRows, renderWindow, sizeOf } from './svg.ts';

/** A screen as a picture; the title is shown in the window's frame. */
export function renderStill(screen: Screen, title: string): string {
  const definitions = createDefinitions();
  const rows = placeRows(screen.rows, definitions);
  return renderWindow(sizeOf(screen), { title, content: `${definitions.all()}\n${rows}` });
}
