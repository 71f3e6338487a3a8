import { randomUUID } from 'node:crypto';
import type { Progress } from '../../model/event.ts';
import type { BuildImage } from '../../model/plan.ts';
import { readRefusal } from '../api.ts';
import type { EngineHttp, Query } from '../http.ts';
import { ulimitsOf } from '../resources.ts';
import { readJsonLines } from '../streams/ndjson.ts';
import { type ClassicMessage, createClassicProgress } from './classic.ts';
import { packContext } from './context.ts';
import { type BuildProgress, createBuildKitProgress } from './progress.ts';
import type { BuildSources } from './sources.ts';
import { decodeStatus } from './status.ts';
import type { BuildOutcome, BuildWork } from './work.ts';

/**
 * Builds as every engine can: the whole context is sent, and nothing can be asked for meanwhile. An interrupted build is
 * ended on the engine too.
 */
export async function post(
  action: BuildImage,
  sources: BuildSources,
  engine: EngineHttp,
  { signal, progress, buildKit }: BuildWork & { readonly buildKit: boolean },
): Promise<BuildOutcome> {
  const id = randomUUID();
  try {
    const registries = await engine.credentials?.all(signal);
    return await runBuild({ action, sources, id, buildKit, registries }, engine, { signal, progress });
  } catch (error) {
    if (signal.aborted) await cancel(engine, id);
    throw error;
  }
}

interface Run {
  readonly action: BuildImage;
  readonly sources: BuildSources;
  /** By which the engine knows the build that is to be cancelled. */
  readonly id: string;
  readonly buildKit: boolean;
  /** The credentials for base images. BuildKit takes no notice of them: it asks for some only in a session. */
  readonly registries: string | undefined;
}

async function runBuild(
  run: Run,
  engine: EngineHttp,
  { signal, progress }: BuildWork,
): Promise<BuildOutcome> {
  const { sources, buildKit, registries } = run;
  const exchange = new AbortController();
  const extraFiles = buildKit ? sources.extraFiles : extraFilesForClassic(sources);
  const body = sources.remote
    ? undefined
    : packContext({ directory: sources.context, ignore: sources.ignore, extraFiles });
  let packFailure: Error | undefined;
  body?.on('error', (error) => {
    packFailure = error;
    exchange.abort();
  });
  try {
    const answer = await engine.request({
      method: 'POST',
      path: '/build',
      query: queryOf(run),
      headers: {
        'Content-Type': 'application/x-tar',
        ...(registries === undefined ? {} : { 'X-Registry-Config': registries }),
      },
      ...(body !== undefined && { body }),
      signal: AbortSignal.any([signal, exchange.signal]),
    });
    // The engine did not even begin.
    if (answer.status >= 300) {
      return { error: (await readRefusal(answer)).said, failed: undefined };
    }
    const told = buildKit ? tracedBy(createBuildKitProgress()) : createClassicProgress();
    const outcome = await readAnswer(answer.body as AsyncIterable<Buffer>, told, progress);
    const error = outcome.imageId === undefined ? 'the engine ended the build without an image' : undefined;
    return { ...(error !== undefined && { error }), ...outcome, failed: told.failed() };
  } catch (error) {
    throw packFailure ?? error;
  } finally {
    body?.destroy();
    exchange.abort();
  }
}

/** The classic builder takes the Dockerfile out again where the ignore file says so, and for that wants the ignore file. */
function extraFilesForClassic({ extraFiles, ignore, ignoreText }: BuildSources): ReadonlyMap<string, Buffer> {
  const name = '.dockerignore';
  return ignore.ignored(name) ? new Map([...extraFiles, [name, Buffer.from(ignoreText)]]) : extraFiles;
}

function queryOf({ action, sources, id, buildKit }: Run): Query {
  const { args, labels, no_cache, pull, target, ...build } = action.build;
  return {
    version: buildKit ? '2' : '1',
    buildid: id,
    t: [action.image, ...(build.tags ?? [])],
    remote: sources.remote ? sources.context : undefined,
    dockerfile: sources.dockerfile.name,
    buildargs: args === undefined ? undefined : JSON.stringify(args),
    cachefrom: build.cache_from === undefined ? undefined : JSON.stringify(build.cache_from),
    extrahosts: build.extra_hosts?.map((host) => host.replace('=', ':')),
    networkmode: build.network,
    shmsize: build.shm_size === undefined ? undefined : String(build.shm_size),
    ulimits: build.ulimits === undefined ? undefined : JSON.stringify(ulimitsOf(build.ulimits)),
    labels: JSON.stringify({ ...labels, ...action.labels }),
    target,
    nocache: no_cache === true ? '1' : undefined,
    pull: pull === true ? '1' : undefined,
    platform: action.platform,
    memory: action.memory === undefined ? undefined : String(action.memory),
    // The containers of the steps; BuildKit has none.
    rm: '1',
    forcerm: '1',
  };
}

/** What either builder sends. */
interface BuildMessage extends ClassicMessage {
  readonly id?: string;
  readonly aux?: unknown;
  readonly errorDetail?: { readonly message?: string };
}

async function readAnswer(
  answer: AsyncIterable<Buffer>,
  told: BuildProgress<BuildMessage>,
  progress: (progress: Progress) => void,
): Promise<{ imageId?: string; error?: string }> {
  let outcome: { imageId?: string; error?: string } = {};
  for await (const line of readJsonLines(answer)) {
    const message = line as BuildMessage;
    const news = told.take(message);
    if (news !== undefined) progress(news);
    const error = message.errorDetail?.message ?? message.error;
    if (error !== undefined) outcome = { ...outcome, error };
    const imageId = imageIdOf(message.aux);
    if (imageId !== undefined) outcome = { ...outcome, imageId };
  }
  return outcome;
}

function imageIdOf(aux: unknown): string | undefined {
  if (typeof aux !== 'object' || aux === null || !('ID' in aux)) return undefined;
  return typeof aux.ID === 'string' ? aux.ID : undefined;
}

function tracedBy(progress: ReturnType<typeof createBuildKitProgress>): BuildProgress<BuildMessage> {
  return {
    take: ({ id, aux }) =>
      id === 'moby.buildkit.trace' && typeof aux === 'string'
        ? progress.take(decodeStatus(Buffer.from(aux, 'base64')))
        : undefined,
    failed: progress.failed,
  };
}

/** The connection's end alone does not stop every builder. That it cannot be told is no further news. */
async function cancel(engine: EngineHttp, id: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(cancelTimeout);
    const answer = await engine.request({ method: 'POST', path: '/build/cancel', query: { id }, signal });
    answer.body.resume();
  } catch {
    return;
  }
}

const cancelTimeout = 2000;
