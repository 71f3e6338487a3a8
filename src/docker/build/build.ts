import type { Progress } from '../../model/event.ts';
import { mask, secretsAmong } from '../../model/masking.ts';
import type { BuildImage } from '../../model/plan.ts';
import { failure } from '../../model/problem.ts';
import type { PerformContext } from '../../model/runtime.ts';
import type { StringMap } from '../../model/stack.ts';
import type { EngineConnection, EngineHttp } from '../http.ts';
import { explainBuild } from './failure.ts';
import { startRecording } from './inputs/recording.ts';
import { post } from './post.ts';
import { type BuildSources, findSources } from './sources.ts';
import type { BuildOutcome } from './work.ts';

export type BuildContext = Pick<PerformContext, 'signal' | 'progress' | 'contents'>;

/**
 * Builds the image of a service and gives its id, or only looks its Dockerfile over, which throws
 * `dockerfile-doubtful` for each thing that it finds. Throws `missing-build-file` before anything is sent, `build-failed` or
 * `image-not-found` with what the engine said, and `interrupted` when the signal is aborted, which ends the build on the
 * engine too. A lost connection is thrown as it is.
 */
export async function buildImage(
  { action: planned }: { readonly action: BuildImage },
  engine: EngineConnection,
  context: BuildContext,
): Promise<{ imageId?: string }> {
  const action = withGiven(planned, engine.proxies);
  const { service } = action;
  const sources = await findSources(service, action.build);
  const recording =
    action.check === true ? undefined : startRecording({ action: planned, sources }, engine, context.signal);
  try {
    context.signal.throwIfAborted();
    const hide = hiding(action.build.args);
    const progress = (news: Progress): void => context.progress(hide(news));
    const { imageId, error, failed } = await buildBy(action, sources, engine, { ...context, progress });
    if (error !== undefined) throw explainBuild({ service, sources, said: hide(error), step: hide(failed) });
    await recording?.keep();
    return imageId === undefined ? {} : { imageId };
  } catch (error) {
    recording?.drop();
    if (!context.signal.aborted) throw error;
    throw failure({
      code: 'interrupted',
      service,
      message: `the build of ${service} was interrupted`,
    });
  }
}

/**
 * The build with arguments for the proxies that all containers of the engine get, and for the time that all files are to be of
 * (https://reproducible-builds.org/specs/source-date-epoch/), as far as it has none of its own.
 */
function withGiven(action: BuildImage, proxies: StringMap = {}): BuildImage {
  const { SOURCE_DATE_EPOCH } = process.env;
  const args = { ...proxies, ...(SOURCE_DATE_EPOCH && { SOURCE_DATE_EPOCH }), ...action.build.args };
  return Object.keys(args).length === 0 ? action : { ...action, build: { ...action.build, args } };
}

/** Builders tell commands with the values of arguments in them: credentials are masked, by the names of the arguments. */
function hiding(args: BuildImage['build']['args'] = {}): <Value>(data: Value) => Value {
  const secrets = secretsAmong(new Map(Object.entries(args)));
  // Builds tell much, and few have any.
  if (secrets.length === 0) return (data) => data;
  const hidden = (one: unknown): unknown => {
    if (typeof one === 'string') return secrets.reduce((text, secret) => text.replaceAll(secret, mask), one);
    if (Array.isArray(one)) return one.map(hidden);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, entry]) => [name, hidden(entry)]));
  };
  return <Value>(data: Value) => hidden(data) as Value;
}

/**
 * With the BuildKit inside the engine, unless the user wants the classic builder. An engine that lets no one speak with
 * it has its own way of building.
 */
async function buildBy(
  action: BuildImage,
  sources: BuildSources,
  engine: EngineConnection,
  context: BuildContext,
): Promise<BuildOutcome> {
  const { signal } = context;
  if (action.builder !== undefined) {
    const { bake } = await import('./bake.ts');
    return bake(action, action.builder, context);
  }
  if (!wantsClassic(process.env.DOCKER_BUILDKIT)) {
    const { reachBuildKit, solve } = await import('./solve.ts');
    const client = await reachBuildKit(engine, signal);
    if (client !== undefined) {
      try {
        return await solve(action, sources, client, engine, context);
      } finally {
        client.close();
      }
    }
  }
  const buildKit = !wantsClassic(process.env.DOCKER_BUILDKIT) && (await hasBuildKit(engine, signal));
  refuseWhatNeedsSession(action, sources, buildKit);
  return post(action, sources, engine, { ...context, buildKit });
}

/** The words of Docker's own tools for it. */
function wantsClassic(setting: string | undefined): boolean {
  if (setting === undefined || setting === '') return false;
  if (/^(0|f|false)$/i.test(setting)) return true;
  if (/^(1|t|true)$/i.test(setting)) return false;
  throw failure({
    code: 'invalid-option',
    message: `DOCKER_BUILDKIT is neither true nor false: ${setting}`,
    hint: 'set it to 0 for the classic builder, or leave it out',
  });
}

/** The engine says which builder it prefers; one that does not say has only the classic one. */
async function hasBuildKit(engine: EngineHttp, signal: AbortSignal): Promise<boolean> {
  const answer = await engine.request({ method: 'GET', path: '/_ping', signal });
  answer.body.resume();
  return answer.headers['builder-version'] === '2';
}

/** Throws `unsupported-key` for what an engine is asked for in a session only. */
function refuseWhatNeedsSession(
  { service, build, check, bases }: BuildImage,
  { remote, dockerfile }: BuildSources,
  buildKit: boolean,
): void {
  const keys = [
    'additional_contexts',
    'cache_to',
    'entitlements',
    'no_cache_filter',
    'privileged',
    'provenance',
    'sbom',
    'secrets',
    'ssh',
  ] as const;
  const asked: readonly string[] = [
    ...keys.filter((key) => {
      const value = build[key];
      return typeof value === 'object' ? Object.keys(value).length > 0 : value && value !== 'false';
    }),
    ...(bases === undefined ? [] : ['additional_contexts']),
    ...((build.platforms?.length ?? 0) > 1 ? ['platforms'] : []),
    ...(check === true ? ['dockerfile'] : []),
    // What is of this machine cannot be sent beside a context that is not.
    ...(remote && dockerfile.text !== undefined ? ['dockerfile'] : []),
  ];
  const [key] = asked;
  if (key === undefined) return;
  const why = buildKit ? 'does not let its builder be spoken to' : 'builds with the classic builder';
  throw failure({
    code: 'unsupported-key',
    service,
    path: `services.${service}.build.${key}`,
    message: `the build of ${service} wants \`${key}\`, and the engine ${why}`,
    hint: 'that needs BuildKit: use a Docker Engine of version 23 or newer, without DOCKER_BUILDKIT=0',
  });
}
