import { joinPath } from '../model/stack.ts';
import { stackExtras } from '../model/x-stack.ts';
import type { LoadRequest } from './load.ts';
import type { Draft } from './normal/draft.ts';
import { type Origins, Places } from './normal/origins.ts';
import { toPlain } from './normal/plain.ts';
import { resolve } from './paths.ts';
import { type Project, readProject } from './project/project.ts';
import { extensionsOf } from './project/sources.ts';
import { Problems, serviceIn } from './report.ts';
import { type EnvFilePlace, findMissing, type MissingVariable } from './variables/missing.ts';

/** What has to be written into a `.env` before a stack can be brought up. */
export interface Wanting {
  /** Absolute. */
  readonly dotenv: string;
  readonly variables: readonly MissingVariable[];
}

/**
 * The variables that the stack uses, of which an example file beside it or `x-stack.env` knows, and that have no value.
 */
export async function findWanting(request: LoadRequest): Promise<Wanting | undefined> {
  const problems = new Problems();
  const texts = new Map<string, string>();
  const stopIfFailed = () => problems.stopIfFailed(texts);
  const project = await readProject(request, { report: problems.report, texts, stopIfFailed });
  if (project.dotenv === undefined) return undefined;
  const draft = (toPlain(project.tree) ?? {}) as Draft;
  const { origins } = new Places(project.tree);
  return {
    dotenv: project.dotenv,
    variables: await wantingIn(project, { draft, origins, problems, environment: request.environment }),
  };
}

interface Findings {
  readonly draft: Draft;
  readonly origins: Origins;
  readonly problems: Problems;
  readonly environment: LoadRequest['environment'];
}

/** The same of a project that was read. */
export function wantingIn(
  { dotenv, variables, directory }: Project,
  { draft, origins, problems, environment }: Findings,
): Promise<readonly MissingVariable[]> {
  const envFiles = new Map<string, EnvFilePlace>();
  for (const [service, { env_file = [] }] of Object.entries(draft.services ?? {})) {
    for (const [index, file] of env_file.entries()) {
      const path = `${joinPath('services', service)}.env_file[${index}].path`;
      const at = origins[path];
      envFiles.set(resolve(directory, file.path), { path, ...serviceIn(path), ...(at && { at }) });
    }
  }
  const { unset, required } = problems;
  // What is wrong with them is told when the stack is loaded.
  const wishes = problems.touches('x-stack.env')
    ? false
    : stackExtras({ extensions: extensionsOf(draft) }).env;
  return findMissing({ dotenv, variables, environment, wishes, envFiles, unset, required });
}
