import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import type { BuildImage } from '../../model/plan.ts';
import { failure, ProblemsError } from '../../model/problem.ts';
import type { PerformContext } from '../../model/runtime.ts';
import { readRefusal } from '../api.ts';
import type { EngineConnection } from '../http.ts';
import { type Attributes, attributesOf, type CacheEntry, wantsHostGateway } from './attributes.ts';
import { type BaseInput, baseInput } from './base.ts';
import { readFindings } from './check.ts';
import { callOnce, connectGrpc, type GrpcClient } from './grpc/client.ts';
import { GrpcFailure } from './grpc/grpc.ts';
import { decodeMessage, encodeMessage, type FieldValue, mapField } from './grpc/protobuf.ts';
import { refuseImpossible } from './limits.ts';
import { createBuildKitProgress } from './progress.ts';
import { giveCredentials } from './session/auth.ts';
import { type SharedFolder, shareFolders } from './session/files.ts';
import { giveSecrets } from './session/secrets.ts';
import { openSession } from './session/session.ts';
import { findSshSources, forwardSsh } from './session/ssh.ts';
import { type BuildSources, nameIn } from './sources.ts';
import { decodeStatus } from './status.ts';
import type { BuildOutcome, BuildWork } from './work.ts';

/** Speaks with the BuildKit inside an engine; `undefined` if the engine does not let that through. */
export async function reachBuildKit(
  engine: EngineConnection,
  signal: AbortSignal,
): Promise<GrpcClient | undefined> {
  const connection = await engine.upgrade({
    method: 'POST',
    path: '/grpc',
    headers: { Upgrade: 'h2c' },
    signal,
  });
  if ('status' in connection) {
    await readRefusal(connection);
    return undefined;
  }
  return connectGrpc(connection);
}

/**
 * Builds in a session: the builder asks for the files, secrets, keys and credentials that it needs. Throws the problem of
 * a file or secret that cannot be read; what the builder says itself is in the outcome.
 */
export async function solve(
  action: BuildImage,
  sources: BuildSources,
  client: GrpcClient,
  engine: EngineConnection,
  { signal, progress, contents }: BuildWork & Pick<PerformContext, 'contents'>,
): Promise<BuildOutcome> {
  const gateway = wantsHostGateway(action.build) ? await hostGatewayOf(action, client, signal) : undefined;
  const attributes = attributesOf(action, gateway);
  await refuseImpossible(action, attributes, engine, signal);
  const dockerfile = dockerfileOf(sources);
  const inputs = await inputsOf(action, engine, signal);
  const ssh = await findSshSources(action.service, action.build.ssh);
  const session = await openSession(engine, {
    methods: {
      ...shareFolders(
        {
          ...attributes.folders,
          ...(sources.remote ? {} : { context: sources.context }),
          ...dockerfile.folders,
        },
        sources.folder,
      ),
      ...giveSecrets(action.secrets ?? [], contents),
      ...giveCredentials(engine.credentials, signal),
      ...(ssh.size > 0 && forwardSsh(ssh)),
    },
    sharedKey: createHash('sha256')
      .update([hostname(), sources.context, action.image].join('\0'))
      .digest('hex'),
    signal,
  });
  const frontend = {
    ...attributes.frontend,
    ...dockerfile.attributes,
    ...Object.fromEntries(inputs.map(([name, { metadata }]) => [`input-metadata:${name}`, metadata])),
    ...(sources.remote && { context: sources.context }),
  };
  const wish = { ref: randomUUID(), session: session.id, attributes: { ...attributes, frontend }, inputs };
  const told = createBuildKitProgress();
  const ended = new AbortController();
  let heard = false;
  const watching = watch(client, wish.ref, AbortSignal.any([signal, ended.signal]), (message) => {
    heard = true;
    const news = told.take(decodeStatus(message));
    if (news !== undefined) progress(news);
  });
  // Whoever waits for it hears of its failure.
  watching.catch(() => {});
  try {
    if (action.check === true) {
      const findings = readFindings(await check(client, wish, signal), action.service, sources);
      if (findings.length > 0) throw new ProblemsError(findings);
      return {};
    }
    const answer = await callOnce(client, `${control}/Solve`, encodeSolve(wish, action), { signal });
    await withinTime(watching);
    const made = decodeMessage(answer).map(1);
    const imageId = made.get('containerimage.config.digest') ?? made.get('containerimage.digest');
    return { imageId: imageId?.toString() };
  } catch (error) {
    // Of a build that was refused there is never anything to be heard of.
    if (error instanceof GrpcFailure && heard) await withinTime(watching);
    signal.throwIfAborted();
    const problem = session.problem();
    if (problem !== undefined) throw problem;
    if (!(error instanceof GrpcFailure)) throw error;
    return { error: error.message, failed: told.failed() };
  } finally {
    ended.abort();
    session.close();
  }
}

interface Wish {
  /** By which the builder knows the build. */
  readonly ref: string;
  readonly session: string;
  readonly attributes: Attributes;
  readonly inputs: readonly (readonly [name: string, input: BaseInput])[];
}

/** The last steps may be on their way still when the build has ended. */
async function withinTime(watching: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 3000);
  });
  await Promise.race([watching, late]);
  clearTimeout(timer);
}

/** Asks what is doubtful in the Dockerfile, which is an answer only to those who drive the build themselves. */
async function check(
  client: GrpcClient,
  { ref, session, attributes, inputs }: Wish,
  signal: AbortSignal,
): Promise<string> {
  const ended = new AbortController();
  const begin = encodeMessage([
    [1, ref],
    [5, session],
  ]);
  const driving = callOnce(client, `${control}/Solve`, begin, {
    signal: AbortSignal.any([signal, ended.signal]),
  });
  driving.catch(() => {});
  try {
    const caps = [attributes.frontend['frontend.caps'], 'moby.buildkit.frontend.subrequests'];
    const frontend = {
      ...attributes.frontend,
      requestid: 'frontend.lint',
      'frontend.caps': caps.filter((cap) => cap !== undefined).join(','),
    };
    const request = encodeMessage([
      [2, 'dockerfile.v0'],
      ...mapField(3, frontend),
      [5, true],
      [6, true],
      ...inputFields(13, inputs),
    ]);
    const metadata = { 'buildkit-controlapi-buildid': ref };
    const answer = await callOnce(client, `${bridge}/Solve`, request, { signal, metadata });
    const [result] = decodeMessage(answer).messages(3);
    return result?.map(10).get('result.json')?.toString() ?? '{}';
  } finally {
    ended.abort();
  }
}

/** The address of this machine, as the engine's builder tells it in the labels of its worker. Throws `unsupported-key` if it does not. */
async function hostGatewayOf(
  { service }: BuildImage,
  client: GrpcClient,
  signal: AbortSignal,
): Promise<string> {
  const answer = await callOnce(client, `${control}/ListWorkers`, encodeMessage([]), { signal });
  const addresses = decodeMessage(answer)
    .messages(1)
    .flatMap((worker) => worker.map(2).get('org.mobyproject.buildkit.worker.moby.host-gateway-ip') ?? []);
  const [address] = addresses;
  if (address !== undefined) return address.toString();
  throw failure({
    code: 'unsupported-key',
    service,
    path: `services.${service}.build.extra_hosts`,
    message: `the builder of ${service} does not tell which address host-gateway stands for`,
    hint: 'write the address itself',
  });
}

const control = '/moby.buildkit.v1.Control';
const bridge = '/moby.buildkit.v1.frontend.LLBBridge';

/**
 * A Dockerfile that the builder finds in the context by itself is not told of. Of one that is elsewhere the builder, which a stack
 * file may have replaced, sees nothing that lies beside it.
 */
export function dockerfileOf({ dockerfile, remote, context, ignoreText }: BuildSources): {
  readonly attributes: Readonly<Record<string, string>>;
  readonly folders: Readonly<Record<string, SharedFolder>>;
} {
  if (dockerfile.path !== undefined) {
    const filename = path.basename(dockerfile.path);
    const isInside = !remote && dockerfile.name === nameIn(context, dockerfile.path);
    const alone = new Map([
      [filename, Buffer.from(dockerfile.text ?? '')],
      ...(ignoreText === '' ? [] : [[`${filename}.dockerignore`, Buffer.from(ignoreText)] as const]),
    ]);
    return {
      attributes: { filename, ...(remote && own) },
      folders: { dockerfile: isInside ? path.dirname(dockerfile.path) : alone },
    };
  }
  if (dockerfile.text === undefined) return { attributes: { filename: dockerfile.name }, folders: {} };
  const file = new Map([['Dockerfile', Buffer.from(dockerfile.text)]]);
  return { attributes: { filename: 'Dockerfile', ...own }, folders: { dockerfile: file } };
}

/** Without it the Dockerfile is looked for in the context. */
const own = { dockerfilekey: 'dockerfile' };

function encodeSolve({ ref, session, attributes, inputs }: Wish, { image, build }: BuildImage): Buffer {
  const names = [image, ...(build.tags ?? [])].join(',');
  return encodeMessage([
    [1, ref],
    // Older builders know the first form only.
    [3, 'moby'],
    ...mapField(4, { name: names }),
    [5, session],
    [6, 'dockerfile.v0'],
    ...mapField(7, attributes.frontend),
    [
      8,
      encodeMessage([...cacheField(4, attributes.cacheExports), ...cacheField(5, attributes.cacheImports)]),
    ],
    ...attributes.entitlements.map((name): [number, FieldValue] => [9, name]),
    ...inputFields(10, inputs),
    [13, encodeMessage([[1, 'moby'], ...mapField(2, { name: names })])],
  ]);
}

/** Where there is nothing to be built, it does not matter whether the images are there. */
async function inputsOf(
  { bases = {}, check: isCheck = false }: BuildImage,
  engine: EngineConnection,
  signal: AbortSignal,
): Promise<Wish['inputs']> {
  const found = Object.entries(bases).map(
    async ([name, image]) => [name, await baseInput(image, engine, { optional: isCheck, signal })] as const,
  );
  return Promise.all(found);
}

function inputFields(field: number, inputs: Wish['inputs']): readonly [number, FieldValue][] {
  return inputs.map(([name, { definition }]) => [
    field,
    encodeMessage([
      [1, name],
      [2, definition],
    ]),
  ]);
}

function cacheField(field: number, entries: readonly CacheEntry[]): readonly [number, FieldValue][] {
  return entries.map(({ type, attributes }) => [
    field,
    encodeMessage([[1, type], ...mapField(2, attributes)]),
  ]);
}

/** Hears of the build until it ends. That there is nothing to be heard of is no failure: the build itself tells that. */
async function watch(
  client: GrpcClient,
  ref: string,
  signal: AbortSignal,
  take: (message: Buffer) => void,
): Promise<void> {
  try {
    const request = encodeMessage([[1, ref]]);
    for await (const message of client.call(`${control}/Status`, request, { signal })) take(message);
  } catch (error) {
    if (signal.aborted || error instanceof GrpcFailure) return;
    throw error;
  }
}
