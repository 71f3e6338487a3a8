import { type Problem, problemsOf } from '../../model/problem.ts';
import type { ProjectFile, PublishedProjects } from '../../model/registry.ts';
import { isFolder, makeFolder, writeBytes } from '../files.ts';
import { resolve } from '../paths.ts';

/** A file on this machine, or why there is none. */
export type Fetched =
  | { readonly path: string }
  | { readonly problem: Pick<Problem, 'code' | 'message' | 'hint' | 'cause'> };

/** What names of published projects begin with. */
export const publishedPrefix = 'oci://';

/** What the stack files of a project are kept as, all in one. */
const stackFile = 'compose.yaml';

/**
 * A copy of a project that was published, kept by digest below the cache folder: one that is named by its digest and was
 * got once is there without a network.
 */
export async function fetchPublished(
  text: string,
  cache: string,
  published: PublishedProjects | undefined,
): Promise<Fetched> {
  if (published === undefined) {
    return {
      problem: {
        code: 'unsupported-source',
        message: `${text} is in a registry, and no registries are given to be read from`,
        hint: 'give them with `published`',
      },
    };
  }
  try {
    const reference = text.slice(publishedPrefix.length);
    const digest = await published.digestOf(reference);
    const copy = resolve(cache, digest.replace(':', '-'));
    if (!isFolder(copy)) {
      const files = await published.filesOf(reference, digest);
      const unfit = whyUnfit(files);
      if (unfit !== undefined) return { problem: damaged(text, unfit) };
      await makeFolder(copy, (empty) => writeFiles(files, empty));
    }
    return { path: resolve(copy, stackFile) };
  } catch (error) {
    const [problem = damaged(text, String(error))] = problemsOf(error);
    return { problem };
  }
}

/** Whoever published a project must not choose where its files are written. */
function whyUnfit(files: readonly ProjectFile[]): string | undefined {
  const apart = files.filter(({ kind }) => kind !== 'stack').map(({ name }) => name);
  const strange = apart.find((name) => !/^[\w-][\w.-]*$/.test(name) || name === stackFile);
  if (strange !== undefined) return `it has a file named \`${strange}\``;
  return files.some(({ kind }) => kind === 'stack') ? undefined : 'it has no stack file';
}

async function writeFiles(files: readonly ProjectFile[], folder: string): Promise<void> {
  const documents = files.filter(({ kind }) => kind === 'stack').map(({ content }) => Buffer.from(content));
  const whole = documents.flatMap((document, index) =>
    index === 0 ? [document] : [Buffer.from('\n---\n'), document],
  );
  await writeBytes(resolve(folder, stackFile), Buffer.concat(whole));
  for (const { kind, name, content } of files) {
    if (kind !== 'stack') await writeBytes(resolve(folder, name), content);
  }
}

function damaged(text: string, cause: string): Pick<Problem, 'code' | 'message' | 'hint' | 'cause'> {
  return {
    code: 'remote-failed',
    message: `${text} is no project that can be read`,
    hint: 'publish it anew',
    cause,
  };
}
