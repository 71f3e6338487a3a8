import { build, printBuilds } from '../commands/build.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { pull } from '../commands/pull.ts';
import { push } from '../commands/push.ts';
import type { BuildExplanation } from '../model/explanation.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { withoutOutput, withoutProgress } from '../report/adapt.ts';
import { formatExplanations } from '../report/explained.ts';
import { confirmDemands } from './confirm-demands.ts';
import { printData } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';
import { settingsInUse } from './settings.ts';
import { tellPeople } from './tell.ts';

interface Options {
  readonly quiet?: true;
  readonly includeDeps?: true;
}

export function runPull(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options & {
    readonly ignoreBuildable?: true;
    readonly ignorePullFailures?: true;
    readonly policy?: string;
  };
  const policy = readPolicy(options.policy);
  return withImages(options, globals, (surroundings) =>
    pull(
      {
        load: loadRequest(services, globals, surroundings.signal),
        dependencies: options.includeDeps === true,
        ignoreBuildable: options.ignoreBuildable === true,
        ignoreFailures: options.ignorePullFailures === true,
        policy,
      },
      surroundings,
    ),
  );
}

export function runPush(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options & { readonly ignorePushFailures?: true };
  return withImages(options, globals, (surroundings) =>
    push(
      {
        load: loadRequest(services, globals, surroundings.signal),
        dependencies: options.includeDeps === true,
        ignoreFailures: options.ignorePushFailures === true,
      },
      surroundings,
    ),
  );
}

interface BuildOptions extends Options {
  readonly buildArg?: readonly string[];
  /** `--no-cache` */
  readonly cache: boolean;
  readonly pull?: true;
  readonly push?: true;
  readonly withDependencies?: true;
  readonly ssh?: readonly string[];
  readonly provenance?: string;
  readonly sbom?: string;
  readonly check?: true;
  readonly explain?: true;
  readonly print?: true;
  readonly memory?: string;
  readonly builder?: string;
}

export async function runBuild(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as BuildOptions;
  const builder = options.builder ?? process.env.BUILDX_BUILDER;
  refuseBoth('--explain', options.explain, '--check', options.check);
  refuseBoth('--explain', options.explain, '--print', options.print);
  const asked = (signal: AbortSignal) => ({
    load: loadRequest(services, globals, signal),
    args: options.buildArg ?? [],
    noCache: !options.cache,
    pull: options.pull === true,
    push: options.push === true,
    dependencies: options.withDependencies === true,
    ssh: options.ssh ?? [],
    provenance: options.provenance,
    sbom: options.sbom,
    check: options.check === true,
    memory: options.memory,
    builder,
    explain: options.explain === true && globals.json !== true ? tellExplanations : undefined,
  });
  if (builder !== undefined) refuseOtherEngine();
  if (options.print === true) {
    const { text, warnings } = await printBuilds(asked(new AbortController().signal));
    tellPeople(warnings, globals);
    printData(text);
    return succeeded;
  }
  return withImages(options, globals, async (surroundings) => {
    const request = asked(surroundings.signal);
    if (surroundings.rehearse === undefined)
      await confirmDemands(request.load, globals, surroundings.signal, (demand) => demand.for === 'build');
    return build(request, surroundings);
  });
}

function tellExplanations(explanations: readonly BuildExplanation[]): void {
  process.stdout.write(formatExplanations(explanations, { directory: process.cwd() }));
}

function refuseBoth(one: string, isOne: true | undefined, other: string, isOther: true | undefined): void {
  if (isOne !== true || isOther !== true) return;
  throw failure({
    code: 'invalid-option',
    message: `${one} and ${other} are incompatible`,
    hint: 'leave one of them out',
  });
}

function withImages(
  { quiet }: Options,
  globals: GlobalOptions,
  work: (surroundings: Surroundings) => Promise<Outcome>,
): Promise<Outcome> {
  return inSession((session) => {
    const { listener } = progressScreen(globals);
    const kinds = ['pull-image', 'push-image', 'build-image'] as const;
    // Docker Compose says that an image is there also where it is to be quiet.
    const without = globals.asCompose ? withoutOutput : withoutProgress;
    session.listen(quiet === true ? without(listener, kinds) : listener);
    return work(session.surroundings);
  });
}

function readPolicy(text: string | undefined): 'missing' | 'always' | undefined {
  if (text === undefined || text === 'missing' || text === 'always') return text;
  throw failure({
    code: 'invalid-option',
    message: `invalid --policy option "${text}"`,
    hint: 'it is missing or always',
  });
}

/** Throws `invalid-option`: docker buildx knows of an engine only what the environment says. */
function refuseOtherEngine(): void {
  const { variables, options } = settingsInUse().engine;
  if (Object.keys(options).length === 0 && variables.DOCKER_CONFIG === process.env.DOCKER_CONFIG) return;
  throw failure({
    code: 'invalid-option',
    message: 'a builder of docker buildx cannot be told of the engine that is named before the command',
    hint: 'name it by DOCKER_CONTEXT or DOCKER_HOST',
  });
}
