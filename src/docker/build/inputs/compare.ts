import path from 'node:path';
import type { BuildChange } from '../../../model/observed.ts';
import type { BuildImage } from '../../../model/plan.ts';
import { createIgnore } from '../dockerignore.ts';
import type { BuildSources } from '../sources.ts';
import { namedBeforeRun, readDockerfile } from './dockerfile.ts';
import type { BuildInputs, BuildRecord } from './records.ts';
import { type Tree, unsteady } from './tree.ts';

type Texts = Readonly<Record<string, string>>;

/** In what a build now would be made from other things than an image was: settings first, then files by name, then images. */
export function changesSince(record: BuildRecord, now: BuildInputs): readonly BuildChange[] {
  const settings = differences(record.settings, now.settings).filter(({ what, how }) =>
    what === 'platform' ? how === 'changed' : !record.given.includes(what),
  );
  const contexts = new Set([...Object.keys(record.contexts), ...Object.keys(now.contexts)]);
  const files = [...contexts].flatMap((context) => {
    const changed = filesChanged(record.contexts[context] ?? {}, now.contexts[context] ?? {});
    return changed.map(({ what, how }) => ({
      what: context === '' ? what : `${context}:${what}`,
      how,
      file: { context, name: what },
    }));
  });
  const images = differences(record.images, now.images).filter(({ how }) => how === 'changed');
  return [...settings, ...files, ...images.map(({ what, how }) => ({ what: `image ${what}`, how }))];
}

function differences(before: Texts, now: Texts): readonly BuildChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  return names.flatMap((what): BuildChange[] => {
    const [was, is] = [before[what], now[what]];
    if (was === is && is !== unsteady) return [];
    return [{ what, how: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed' }];
  });
}

/** A folder is told only where nothing in it is. */
function filesChanged(before: Tree, now: Tree): readonly BuildChange[] {
  const changed = differences(before, now);
  const above = new Set(
    changed.flatMap(({ what }) => {
      const parts = what.split('/');
      return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
    }),
  );
  return changed.filter(({ what }) => !above.has(what));
}

/**
 * Which changes count for a container that sees some files directly: of those only what the Dockerfile copies by name before
 * a RUN, which makes something of it.
 */
export function counting(
  changes: readonly BuildChange[],
  aside: readonly string[],
  { build }: BuildImage,
  { context, dockerfile }: BuildSources,
): readonly BuildChange[] {
  if (aside.length === 0) return changes;
  const read = readDockerfile(dockerfile.text ?? '', build.args);
  const named = createIgnore(namedBeforeRun(read, build.target));
  return changes.filter(({ file }) => {
    if (file === undefined) return true;
    if (file.context === '' && named.ignored(file.name)) return true;
    const folder = file.context === '' ? context : (build.additional_contexts?.[file.context] ?? '');
    const place = path.join(folder, file.name);
    return !aside.some(
      (one) => place === one || place.startsWith(one.endsWith(path.sep) ? one : one + path.sep),
    );
  });
}
