import { type Location, type Problem, ProblemsError } from '../model/problem.ts';
import type { Stack } from '../model/stack.ts';
import { checkStack } from './check.ts';
import type { Draft } from './draft.ts';
import { resolveFiles } from './environment.ts';
import { findFiles, namedFolder } from './find.ts';
import { normalize } from './normalize.ts';
import { dirname, resolve } from './paths.ts';
import { type Origins, toPlain } from './plain.ts';
import { Problems, sourceLines } from './report.ts';
import { enabledServices, namedServices, narrowed, withDependencies } from './select.ts';
import { extensionsOf, mergeDocuments, nameDocuments, parseFiles, readDocuments } from './sources.ts';
import { addDotenv, processVariables } from './variables.ts';

export interface LoadRequest {
  /** The current folder, absolute. */
  readonly directory: string;
  /** Files of `-f`, in order; `-` is standard input. Empty: found as Docker Compose finds them. */
  readonly files: readonly string[];
  readonly projectName?: string;
  readonly projectDirectory?: string;
  /** Profiles of `--profile`. Empty: those of COMPOSE_PROFILES. */
  readonly profiles: readonly string[];
  /** Services named on the command line. Empty: all. */
  readonly services: readonly string[];
  /** The variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readStdin?: () => Promise<string>;
  /** Commands that only look at containers need no environment: then a missing env file is no problem for them. */
  readonly ignoreEnvFiles?: boolean;
}

export interface Loaded {
  readonly stack: Stack;
  readonly warnings: readonly Problem[];
  /** Absolute paths of all files that were read: what to watch for changes of the stack. */
  readonly read: readonly string[];
  /** The text of a line that was read, to show it with a problem that is found later. */
  readonly sourceLine: (location: Location) => string | undefined;
}

/**
 * Loads a stack as Docker Compose 2.40.3 loads its files. Throws `ProblemsError` with all problems, in the order of the
 * files, and the warnings among them.
 */
export async function loadStack(request: LoadRequest): Promise<Loaded> {
  const problems = new Problems();
  const texts = new Map<string, string>();
  const { report } = problems;
  const stopIfFailed = () => {
    if (problems.failed) throw new ProblemsError(problems.sorted(texts));
  };

  const variablesFirst = await firstVariables(request, { report, texts });
  const found = await findFiles({ ...request, variables: variablesFirst });
  for (const warning of found.warnings) report(warning);
  const directory = projectDirectory(request, found.paths);
  const variablesAll = await addDotenv(variablesFirst, directory, request, { report, texts });

  const documents = await parseFiles(found.paths, request.directory, request.readStdin, { report, texts });
  stopIfFailed();

  const { name, variables } = nameDocuments(documents, variablesAll, request.projectName, directory, report);
  const tree = mergeDocuments(readDocuments(documents, variables, report));
  const origins: Origins = {};
  // The tables see to it that what is left of the tree has the form of a draft.
  const draft = (toPlain(tree, origins) ?? {}) as Draft;

  const parts = normalize(draft, { name, directory, variables, origins, report });
  const known = Object.keys(parts.services);
  const named = namedServices(request.services, known, report);
  const enabled = enabledServices(parts.services, activeProfiles(request, variables), named);
  checkStack(parts, { enabled, origins, report, spoiled: problems.touches });
  const chosen = withDependencies(request.services.length > 0 ? named : enabled, parts.services, enabled);
  const { services, networks, volumes } = narrowed(parts, chosen);
  const context = { directory, variables, origins, report, texts };
  const resolved =
    request.ignoreEnvFiles === true ? services : await resolveFiles(services, draft.services ?? {}, context);
  stopIfFailed();

  return {
    stack: {
      name,
      directory,
      files: found.paths,
      services: bare(resolved),
      disabledServices: known.filter((service) => !chosen.has(service)),
      networks: bare(networks),
      volumes: bare(volumes),
      extensions: extensionsOf(draft),
      origins,
    },
    warnings: problems.sorted(texts),
    read: [...texts.keys()].filter((path) => path !== '-'),
    sourceLine: sourceLines(texts),
  };
}

/** The record without what all objects inherit: nobody who looks a name up is to find `constructor`. */
function bare<Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.assign(Object.create(null), record);
}

async function firstVariables(
  request: LoadRequest,
  reading: Parameters<typeof addDotenv>[3],
): Promise<Map<string, string>> {
  const variables = processVariables(request.environment);
  const where = { ...request, variables };
  const folder =
    request.projectDirectory ?? namedFolder({ ...where, variables: new Map() }) ?? request.directory;
  return addDotenv(variables, resolve(request.directory, folder), request, reading);
}

function projectDirectory(request: LoadRequest, paths: readonly string[]): string {
  if (request.projectDirectory !== undefined) return resolve(request.directory, request.projectDirectory);
  const first = paths.find((path) => path !== '-');
  return first === undefined ? request.directory : dirname(first);
}

function activeProfiles(request: LoadRequest, variables: ReadonlyMap<string, string>): readonly string[] {
  if (request.profiles.length > 0) return request.profiles;
  return (variables.get('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
}
