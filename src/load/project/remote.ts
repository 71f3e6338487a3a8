import { maskValue } from '../../model/masking.ts';
import type { Problem } from '../../model/problem.ts';
import type { PublishedProjects } from '../../model/registry.ts';
import { isFolder } from '../files.ts';
import type { TextNode } from '../node.ts';
import { homeIn, hostPath, resolve } from '../paths.ts';
import { complain, type Place } from '../report.ts';
import { stackFileIn } from './find.ts';
import { fetchGit, type GitFailure, type GitReference, isRemote, leadsOut, readGitReference } from './git.ts';
import type { Level } from './level.ts';
import { type Fetched, fetchPublished, publishedPrefix } from './published.ts';

/** Gets a file that is not on this machine; what was got is not asked for again. */
export type Fetch = (reference: string) => Promise<Fetched>;

/** The path of the file that a value names, got from elsewhere if need be; `undefined` if that failed, which is told. */
export async function locate(node: TextNode, place: Place, level: Level): Promise<string | undefined> {
  if (!isRemote(node.value)) return hostPath(node.value, level.directory, homeIn(level.variables));
  const fetched = await level.shared.fetch(node.value);
  if ('path' in fetched) return fetched.path;
  complain(place, node, fetched.problem);
  return undefined;
}

/** What files are got with from elsewhere. */
export interface FetchRequest {
  /** That of the programs that do it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly published?: PublishedProjects;
}

/** Gets files; `variables` switch it off. */
export function fetcher(request: FetchRequest, variables: ReadonlyMap<string, string>): Fetch {
  const known = new Map<string, Promise<Fetched>>();
  return (reference) => {
    const fetched = known.get(reference) ?? fetchFile(reference, request, variables);
    known.set(reference, fetched);
    return fetched;
  };
}

async function fetchFile(
  text: string,
  request: FetchRequest,
  variables: ReadonlyMap<string, string>,
): Promise<Fetched> {
  const reference = text.startsWith(publishedPrefix) ? 'published' : readGitReference(text);
  if (reference === undefined) return unsupported(text);
  const off = switchedOff(
    reference === 'published' ? 'COMPOSE_EXPERIMENTAL_OCI_REMOTE' : 'COMPOSE_EXPERIMENTAL_GIT_REMOTE',
    variables,
  );
  if (off !== undefined)
    return { problem: { ...off, message: `${shown(text)} is not read: ${off.message}` } };
  const { environment, published } = request;
  const home = homeIn(
    new Map(Object.entries(environment).flatMap(([key, value]) => (value ? [[key, value]] : []))),
  );
  const caches = environment.XDG_CACHE_HOME || (home && resolve(home, '.cache'));
  if (!caches) {
    return {
      problem: {
        code: 'remote-failed',
        message: `there is no folder to keep ${shown(text)} in`,
        hint: 'set HOME or XDG_CACHE_HOME',
      },
    };
  }
  if (reference === 'published') return fetchPublished(text, resolve(caches, 'stack', 'oci'), published);
  const fetched = await fetchGit(reference, resolve(caches, 'stack', 'git'), environment);
  if ('why' in fetched) return { problem: problemOf(fetched, shown(text), reference) };
  const { copy } = fetched;
  const path = isFolder(fetched.path) ? stackFileIn(fetched.path) : fetched.path;
  if (path === undefined) return { problem: noStackFile(shown(text)) };
  return leadsOut({ copy, path })
    ? { problem: problemOf({ why: 'outside' }, shown(text), reference) }
    : { path };
}

/** A reference as it may be told: without the password in it. */
function shown(text: string): string {
  return maskValue('', text);
}

function noStackFile(text: string): Pick<Problem, 'code' | 'message' | 'hint'> {
  return {
    code: 'remote-failed',
    message: `there is no stack file in ${text}`,
    hint: 'name it: URL#REF:FILE',
  };
}

function unsupported(text: string): Fetched {
  return {
    problem: {
      code: 'unsupported-source',
      message: `${shown(text)} is no git repository, and stack reads no other files from elsewhere`,
      hint: 'name a repository, as in https://HOST/NAME.git#REF:FOLDER, or a published project, as in oci://HOST/NAME:TAG',
    },
  };
}

function switchedOff(
  name: string,
  variables: ReadonlyMap<string, string>,
): { readonly code: 'unsupported-source'; readonly message: string; readonly hint: string } | undefined {
  const value = variables.get(name) ?? '';
  if (value === '' || /^(?:1|t|true)$/i.test(value)) return undefined;
  return {
    code: 'unsupported-source',
    message: `${name} is ${value}`,
    hint: `remove ${name}, or set it to true`,
  };
}

function problemOf(
  { why, cause }: GitFailure,
  text: string,
  { url: named, ref, folder }: GitReference,
): Pick<Problem, 'code' | 'message' | 'hint' | 'cause'> {
  const code = 'remote-failed';
  const url = shown(named);
  switch (why) {
    case 'missing':
      return {
        code: 'command-not-found',
        message: `${text} cannot be read: there is no program \`git\``,
        hint: 'install git',
      };
    case 'refused':
      return {
        code,
        message: `${text} is no reference that is given to git`,
        hint: 'nothing in it may begin with `-`',
      };
    case 'unknown-ref':
      return {
        code,
        message: `the repository ${url} has no branch or tag \`${ref || 'HEAD'}\``,
        hint: 'name a branch, a tag or a whole commit after `#`',
      };
    case 'outside':
      return { code, message: `${text} leads out of the repository`, hint: 'name a file or folder in it' };
    case 'absent':
      return {
        code,
        message: `there is no \`${folder}\` in the repository ${url}`,
        hint: 'name a file or folder in it',
      };
    case 'failed':
      return {
        code,
        message: `the repository ${url} cannot be read`,
        hint: 'check the address, and that git can read it without asking for a password',
        ...(cause === undefined ? {} : { cause: shown(cause) }),
      };
  }
}
