import { type ExecFileException, execFile } from 'node:child_process';
import { isFolder, makeFolder, realPath, removeFolder } from '../files.ts';
import { isInside, resolve } from '../paths.ts';

/** What is meant by `URL[#ref[:folder]]`. */
export interface GitReference {
  readonly url: string;
  readonly ref: string;
  readonly folder: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A path below the copy of a repository. */
export interface GitFile {
  readonly copy: string;
  readonly path: string;
}

/** What git said when it failed, or why it was not asked. */
export interface GitFailure {
  readonly why: 'missing' | 'refused' | 'unknown-ref' | 'outside' | 'absent' | 'failed';
  readonly cause?: string;
}

/** True for a reference to a file that is not on this machine, whether it can be read or not. */
export function isRemote(name: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//.test(name) || readGitReference(name) !== undefined;
}

/** Reads a reference to a git repository as Docker Compose 2.40.3 does; `undefined` if the text is none. */
export function readGitReference(text: string): GitReference | undefined {
  const [before = '', ...after] = text.split('#');
  const url = before.startsWith('github.com/') ? `https://${before}` : before;
  const isGit =
    /^https?:\/\/[^/]+\/.+\.git$/.test(url) ||
    before.startsWith('github.com/') ||
    /^(?:git|ssh):\/\/[^/]+\/./.test(url) ||
    /^[\w-]+@[\w.-]+:./.test(url);
  if (!isGit) return undefined;
  const fragment = after.join('#');
  const colon = fragment.indexOf(':');
  return colon === -1
    ? { url, ref: fragment, folder: '' }
    : { url, ref: fragment.slice(0, colon), folder: fragment.slice(colon + 1) };
}

/**
 * A path below a copy of the repository at the commit that the reference means. Copies are kept by commit below the
 * cache folder. Nothing is ever asked for: no password, no key, no host.
 */
export async function fetchGit(
  { url: named, ref, folder }: GitReference,
  cache: string,
  environment: Environment,
): Promise<GitFile | GitFailure> {
  // Nobody may slip git an option, nor ssh.
  if ([named, ref].some((text) => text.startsWith('-')) || /^(?:\w+:\/\/)?(?:[^@/]*@)?-/.test(named)) {
    return { why: 'refused' };
  }
  try {
    const { url, login } = apart(named, environment);
    const git = (args: readonly string[], inFolder?: string) =>
      runGit(args, inFolder ?? '/', { ...environment, ...login });
    const commit = isCommit(ref) ? ref : commitOf(await git(['ls-remote', '--', url, ...namesOf(ref)]), ref);
    if (commit === undefined) return { why: 'unknown-ref' };
    const copy = resolve(cache, commit);
    if (!isFolder(copy)) {
      await makeFolder(copy, async (empty) => {
        await git(['init', '--quiet'], empty);
        await git(['fetch', '--quiet', '--depth=1', '--no-tags', '--', url, commit], empty);
        await git(['checkout', '--quiet', '--detach', 'FETCH_HEAD'], empty);
        await removeFolder(resolve(empty, '.git'));
      });
    }
    return below(copy, folder);
  } catch (error) {
    const { code, killed, stderr, message } = error as ExecFileException;
    if (killed) return { why: 'failed', cause: `git has not ended within ${patience / 60_000} minutes` };
    return code === 'ENOENT' ? { why: 'missing' } : { why: 'failed', cause: stderr?.trim() || message };
  }
}

/**
 * The words of a program can be read by all users of a machine: a login goes to git by variables, which cannot. A name
 * without a password is none unless it is a token: the password is with git's own helpers.
 */
function apart(url: string, { GIT_CONFIG_COUNT = '0' }: Environment) {
  const {
    protocol = '',
    origin,
    username = '',
    password = '',
  } = (URL.canParse(url) ? new URL(url) : {}) as Partial<URL>;
  const isLogin = password !== '' || /^[\w-]{20,}$/.test(username);
  if (!/^https?:$/.test(protocol) || !isLogin) return { url, login: {} };
  const words = [username, password].map(decodeURIComponent).join(':');
  const count = Number(GIT_CONFIG_COUNT);
  return {
    url: url.replace(/^(https?:\/\/)[^/]*@/, '$1'),
    login: {
      GIT_CONFIG_COUNT: String(count + 1),
      [`GIT_CONFIG_KEY_${count}`]: `http.${origin}/.extraHeader`,
      [`GIT_CONFIG_VALUE_${count}`]: `Authorization: Basic ${Buffer.from(words).toString('base64')}`,
    },
  };
}

function isCommit(ref: string): boolean {
  return /^[0-9a-f]{40}$/.test(ref);
}

/** What to ask a repository for; without a reference its own branch. Tags also lead to the commit they name. */
function namesOf(ref: string): readonly string[] {
  return ref === '' ? ['HEAD'] : [ref, `${ref}^{}`];
}

function commitOf(listed: string, ref: string): string | undefined {
  const commits = new Map(
    listed.split('\n').map((line) => {
      const [commit = '', name = ''] = line.split('\t');
      return [name, commit];
    }),
  );
  const names = ref === '' ? ['HEAD'] : [ref, `refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`];
  return names.map((name) => commits.get(name)).find((commit) => commit !== undefined);
}

function below(copy: string, folder: string): GitFile | GitFailure {
  const path = resolve(copy, folder);
  if (!isInside(copy, path)) return { why: 'outside' };
  if (realPath(path) === undefined) return { why: 'absent' };
  return leadsOut({ copy, path }) ? { why: 'outside' } : { copy, path };
}

/** True if a path leads out of the copy by a link. */
export function leadsOut({ copy, path }: GitFile): boolean {
  const [root, real] = [realPath(copy), realPath(path)];
  return root === undefined || real === undefined || !isInside(root, real);
}

/** Variables by which git would take another repository for the one in its folder. */
const repositoryVariables = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_INDEX_FILE',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_WORK_TREE',
];

/** Milliseconds after which git is given up. */
const patience = 300_000;

function runGit(args: readonly string[], cwd: string, environment: Environment): Promise<string> {
  const ssh = environment.GIT_SSH === undefined && environment.GIT_SSH_COMMAND === undefined;
  const kept = Object.entries(environment).filter(([name]) => !repositoryVariables.includes(name));
  const env = {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_ALLOW_PROTOCOL: 'https:http:ssh:git',
    // What a repository keeps elsewhere is not got: the repository itself says from where.
    GIT_LFS_SKIP_SMUDGE: '1',
    ...(ssh && { GIT_SSH_COMMAND: 'ssh -o ControlMaster=no -o BatchMode=yes' }),
  };
  // A line that is dead ends the transfer; git would wait for ever.
  const options = [
    '-c',
    'http.lowSpeedLimit=1',
    '-c',
    'http.lowSpeedTime=60',
    '-c',
    'core.hooksPath=/dev/null',
    '-c',
    'submodule.recurse=false',
  ];
  return new Promise((succeed, fail) => {
    const child = execFile(
      'git',
      [...options, ...args],
      { cwd, env, timeout: patience },
      (error, stdout, stderr) => {
        if (error === null) succeed(stdout);
        else fail(Object.assign(error, { stderr }));
      },
    );
    child.stdin?.end();
  });
}
