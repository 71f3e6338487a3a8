import type { Copy } from '../model/copy.ts';
import type { Location, Problem } from '../model/problem.ts';
import { bare } from '../model/records.ts';
import type { PublishedProjects } from '../model/registry.ts';
import { type Config, joinPath, pathsTo, type Stack } from '../model/stack.ts';
import { stackExtras } from '../model/x-stack.ts';
import { checkStack } from './check/check.ts';
import { tellRegrets } from './check/regrets.ts';
import { asCopy } from './normal/copied.ts';
import type { Draft } from './normal/draft.ts';
import { publishedLocally } from './normal/local-ports.ts';
import { asTheyAre, normalize, type Parts, withReplicas } from './normal/normalize.ts';
import { Places } from './normal/origins.ts';
import { type Overridden, toPlain } from './normal/plain.ts';
import { withPlatform } from './normal/platform.ts';
import { enabledServices, namedServices, narrowed, withDependencies } from './normal/select.ts';
import { type Project, readProject } from './project/project.ts';
import { extensionsOf } from './project/sources.ts';
import { Problems, serviceIn, sourceLines } from './report.ts';
import { resolveFiles } from './variables/environment.ts';
import { missingInEnvFiles, wordsOfMissing } from './variables/missing.ts';
import { explainUnset } from './variables/unset.ts';
import { wantingIn } from './wanting.ts';

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
  /** Where projects that were published are got from: `oci://example.com/team/shop:1.2`. */
  readonly published?: PublishedProjects;
  /** Files of `--env-file`, in order; they beat COMPOSE_ENV_FILES and `.env`. */
  readonly envFiles?: readonly string[];
  /** Networks, volumes, configs, secrets and models stay that no service of the stack uses. */
  readonly allResources?: boolean;
  /** False: paths stay relative to the project directory. */
  readonly resolvePaths?: boolean;
  /** False: what the files leave open is not filled in. */
  readonly normalize?: boolean;
  /** False: references between the parts of the stack are not checked. */
  readonly consistency?: boolean;
  /** False for commands that only look at containers: env files and label files are not read, so they may be missing. */
  readonly resolveEnvironment?: boolean;
  /** Services that name no platform get that of DOCKER_DEFAULT_PLATFORM, as they are made. */
  readonly defaultPlatform?: boolean;
  /** Env files stay named in their services and are not read; label files are. */
  readonly keepEnvFiles?: boolean;
  /** The copy of a stack that a project is, if it is one. */
  readonly copyNamed?: (project: string) => Promise<Copy | undefined>;
  /** Names of containers and images as of Docker Compose 1; absent: as COMPOSE_COMPATIBILITY says. */
  readonly compatibility?: boolean;
  /** False: services are told nothing of those that they use. */
  readonly discovery?: false;
  /** Variables must have a value of which an example file beside the stack file knows, or `x-stack.env`. */
  readonly complete?: boolean;
}

export interface Loaded {
  readonly stack: Stack;
  /** All variables that values may refer to. */
  readonly variables: ReadonlyMap<string, string>;
  /** What configs and secrets contain that are no files, by path: `secrets.token`. What an unset variable is to give is not there. */
  readonly contents: ReadonlyMap<string, string>;
  /** The profiles of all services, also of those that are off; sorted. */
  readonly profiles: readonly string[];
  /** Values that others took the place of, by their path in the stack; the last to be replaced comes first. */
  readonly overridden: Overridden;
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
  const stopIfFailed = () => problems.stopIfFailed(texts);

  const project = await readProject(request, { report, texts, stopIfFailed });
  const { name, directory, files, environmentFiles, variables } = project;
  const overridden: Overridden = {};
  // The tables see to it that what is left of the tree has the form of a draft.
  const draft = (toPlain(project.tree, overridden) ?? {}) as Draft;
  const places = new Places(project.tree);
  const { origins } = places;

  const fill = request.normalize === false ? asTheyAre : normalize;
  const filled = fill(draft, { name, variables, origins, report });
  const isLocal = stackExtras({ extensions: extensionsOf(draft) }).publish === 'local';
  const parts = isLocal ? { ...filled, services: publishedLocally(filled.services) } : filled;
  const known = Object.keys(parts.services);
  const named = namedServices(request.services, known, report);
  const enabled = enabledServices(parts.services, activeProfiles(request, variables), named);
  const chosen = withDependencies(request.services.length > 0 ? named : enabled, parts.services, enabled);
  if (request.consistency !== false && project.whole) {
    const spoiled = spoiledIn(problems, project.inherited);
    const made = request.resolveEnvironment === false ? new Set<string>() : chosen;
    const checking = { enabled, chosen: made, origins, report, spoiled };
    checkStack(parts, checking);
    tellRegrets(parts, checking);
  }
  const needed = narrowed(parts, chosen);
  const { networks, volumes, configs, secrets, models } = request.allResources === true ? parts : needed;
  const keepEnvFiles = request.keepEnvFiles === true;
  const defaultPlatform = variables.get('DOCKER_DEFAULT_PLATFORM');
  const context = { directory, variables, places, overridden, keepEnvFiles, report, texts };
  const replicated = request.consistency === false ? needed.services : withReplicas(needed.services);
  const platform = request.defaultPlatform === true ? variables.get('DOCKER_DEFAULT_PLATFORM') : undefined;
  const services = platform ? withPlatform(replicated, platform, origins, report) : replicated;
  const resolved =
    request.resolveEnvironment === false
      ? services
      : await resolveFiles(services, draft.services ?? {}, context);
  const envFiles = Object.values(draft.services ?? {}).flatMap(({ env_file = [] }) => env_file);
  await explainUnset(problems, {
    directory,
    current: request.directory,
    envFiles: envFiles.map(({ path }) => path),
    texts,
  });
  if (request.complete === true) {
    const { environment } = request;
    const { required } = problems;
    const wanting = await wantingIn(project, { draft, origins, problems, environment });
    const words = wanting.map((one) => [one.name, wordsOfMissing(one, required.has(one.name))] as const);
    problems.explainUnset(new Map(words));
    for (const problem of missingInEnvFiles(wanting)) report(problem);
  }
  stopIfFailed();

  const stack: Stack = {
    name,
    ...(isCompatible(request, variables) && { separator: '_' }),
    directory,
    files,
    environmentFiles,
    services: bare(resolved),
    ...(defaultPlatform && { defaultPlatform }),
    ...(Object.keys(needed.bases).length > 0 && { bases: bare(needed.bases) }),
    disabledServices: known.filter((service) => !chosen.has(service)),
    networks: bare(networks),
    volumes: bare(volumes),
    configs: bare(configs),
    secrets: bare(secrets),
    models: bare(models),
    extensions: extensionsOf(draft),
    ...(request.discovery === false && { discovery: false }),
    origins,
  };
  const copy = await request.copyNamed?.(name);
  return {
    stack: copy?.directory === directory ? asCopy(stack, copy) : stack,
    variables,
    contents: contentsOf(parts, project),
    profiles: profilesOf(parts),
    overridden,
    warnings: problems.sorted(texts),
    read: [...texts.keys()].filter((path) => path !== '-'),
    sourceLine: sourceLines((file) => texts.get(file)),
  };
}

/** True if something was wrong at a path, or at the same path of a service that this one took it over from. */
function spoiledIn(problems: Problems, inherited: Project['inherited']): (path: string) => boolean {
  return (path) => {
    const [, service = path] = pathsTo(path);
    const names = new Set([serviceIn(path).service ?? '']);
    for (const name of names) for (const base of inherited.get(name) ?? []) names.add(base);
    const rest = path.slice(service.length);
    return (
      problems.touches(path) || [...names].some((name) => problems.touches(joinPath('services', name) + rest))
    );
  };
}

function contentsOf({ configs, secrets }: Parts, { contents, variables }: Project): Map<string, string> {
  const all = new Map<string, string>();
  for (const [section, parts] of Object.entries({ configs, secrets })) {
    for (const [name, { environment, content: written }] of Object.entries<Config>(parts)) {
      const path = joinPath(section, name);
      const content = environment ? (contents.get(path) ?? variables.get(environment)) : written;
      if (content !== undefined) all.set(path, content);
    }
  }
  return all;
}

function profilesOf({ services }: Parts): readonly string[] {
  return [...new Set(Object.values(services).flatMap(({ profiles = [] }) => profiles))].toSorted();
}

function isCompatible({ compatibility }: LoadRequest, variables: ReadonlyMap<string, string>): boolean {
  return compatibility ?? /^(?:1|t|true|y)$/i.test(variables.get('COMPOSE_COMPATIBILITY') ?? '');
}

function activeProfiles(request: LoadRequest, variables: ReadonlyMap<string, string>): readonly string[] {
  if (request.profiles.length > 0) return request.profiles;
  return (variables.get('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
}
