import { engineLaws } from './engine.ts';
import { fileLaws } from './files.ts';
import type { Law } from './law.ts';
import { screenLaws } from './screen.ts';

/** What holds of all parsers. */
export const laws: readonly Law[] = [...fileLaws, ...engineLaws, ...screenLaws];
