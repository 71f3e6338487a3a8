import { build } from '../commands/build.ts';
import type { Outcome } from '../commands/outcome.ts';
import { pull } from '../commands/pull.ts';
import { push } from '../commands/push.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { withoutOutput, withoutProgress } from '../report/adapt.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

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
}

export function runBuild(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as BuildOptions;
  refuseSession(options);
  return withImages(options, globals, (surroundings) =>
    build(
      {
        load: loadRequest(services, globals, surroundings.signal),
        args: options.buildArg ?? [],
        noCache: !options.cache,
        pull: options.pull === true,
        push: options.push === true,
        dependencies: options.withDependencies === true,
      },
      surroundings,
    ),
  );
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

/** Throws `invalid-option` for what can only be asked of a builder in a session. */
function refuseSession(options: BuildOptions): void {
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const asked = ['builder', 'check', 'memory', 'print', 'provenance', 'sbom', 'ssh'].find(
    (name) => given[name] !== undefined,
  );
  if (asked === undefined) return;
  throw failure({
    code: 'invalid-option',
    message: `stack cannot give a builder --${asked} yet`,
    hint: 'leave it out, or build with docker compose',
  });
}
