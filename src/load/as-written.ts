import type { Problem } from '../model/problem.ts';
import { mapValues } from '../model/records.ts';
import type { LoadRequest } from './load.ts';
import type { Draft, DraftBuild, DraftObject } from './normal/draft.ts';
import {
  dependenciesOf,
  dockerfileOf,
  nameOf,
  networksOf,
  networksWithDefault,
  type Surrounding,
} from './normal/normalize.ts';
import { Places } from './normal/origins.ts';
import { toPlain } from './normal/plain.ts';
import { readProject } from './project/project.ts';
import { Problems } from './report.ts';

/** A stack as plain data, in which variables stand as they are written. */
export interface AsWritten {
  readonly model: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Problem[];
}

/**
 * Merges the files of a stack without replacing variables, as `config --no-interpolate` of Docker Compose 2.40.3 does:
 * lists and maps keep the form they are written in, all services are there, and only what does not depend on variables
 * is filled in. Throws `ProblemsError`.
 */
export async function loadAsWritten(request: LoadRequest): Promise<AsWritten> {
  const problems = new Problems();
  const texts = new Map<string, string>();
  const { report } = problems;
  const stopIfFailed = () => problems.stopIfFailed(texts);
  const project = await readProject(request, { report, texts, stopIfFailed, asWritten: true });
  const { tree, name, variables } = project;
  const draft = (toPlain(tree) ?? {}) as Draft;
  const { origins } = new Places(tree);
  const { version: _, ...written } = draft as Draft & { readonly version?: string };
  const surrounding = { name, variables, origins, report };
  const model = request.normalize === false ? written : { ...filledIn(written, surrounding), name };
  stopIfFailed();
  return { model, warnings: problems.sorted(texts) };
}

function filledIn(draft: Draft, surrounding: Surrounding): Record<string, unknown> {
  const services = mapValues(draft.services ?? {}, (service, name) => {
    const dependencies = dependenciesOf(service, name, surrounding.origins);
    return {
      ...service,
      ...(service.build && { build: filledBuild(service.build) }),
      ...(Object.keys(dependencies).length > 0 && { depends_on: dependencies }),
      ...networksOf(service),
      ...(service.pull_policy === 'if_not_present' && { pull_policy: 'missing' }),
    };
  });
  const model: Record<string, unknown> = { ...draft, ...(draft.services && { services }) };
  const parts = { ...draft, networks: networksWithDefault(draft.networks, services) };
  for (const section of ['networks', 'volumes', 'configs', 'secrets'] as const) {
    const named = mapValues(parts[section] ?? {}, (part, key) => withName(part, key, surrounding));
    if (Object.keys(named).length > 0) model[section] = named;
    else delete model[section];
  }
  return model;
}

function filledBuild(build: DraftBuild): object {
  return {
    context: '.',
    ...build,
    ...dockerfileOf(build),
    ...(build.args && { args: givenArgs(build.args) }),
  };
}

/** Arguments without a value are left out, as their values would come from variables. */
function givenArgs(args: unknown): unknown {
  if (Array.isArray(args)) return args.filter((arg) => String(arg).includes('='));
  return Object.fromEntries(Object.entries(args ?? {}).filter(([, value]) => value !== null));
}

function withName(
  part: DraftObject<{ readonly name: string }> | null,
  key: string,
  surrounding: Surrounding,
): object {
  const { external, ...rest } = part ?? {};
  // What a variable may turn out to be is not known.
  const known = typeof external === 'string' ? rest : part;
  return { ...part, ...nameOf(known, key, surrounding) };
}
