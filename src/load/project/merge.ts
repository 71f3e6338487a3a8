import type { Node } from '../node.ts';
import { mergeBy } from '../tables/shape.ts';
import { stackFile } from '../tables/tables.ts';
import { withExtended } from './extends.ts';
import { withIncluded } from './include.ts';
import type { Level } from './level.ts';
import { openDocument, readDocument, type Source } from './sources.ts';

/**
 * One tree out of the files of a project: of each document what its services extend is taken over first, then what it
 * includes, and the result is merged onto the documents before it.
 */
export async function mergeSources(sources: readonly Source[], level: Level): Promise<Node> {
  let tree: Node | undefined;
  for (const { path, documents } of sources) {
    for (const document of documents) {
      const read = readDocument(openDocument(document, level), level);
      const extended = await withExtended(read, level);
      const whole = await withIncluded(extended, path, level, mergeSources);
      tree = tree === undefined ? whole : mergeBy(stackFile, tree, whole);
    }
  }
  const location = { file: sources[0]?.path ?? '', line: 1, column: 1 };
  return tree ?? { kind: 'map', entries: new Map(), location };
}
