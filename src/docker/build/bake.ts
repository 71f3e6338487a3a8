import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import type { BuildImage } from '../../model/plan.ts';
import { failure } from '../../model/problem.ts';
import { homeFolder } from '../places.ts';
import type { BuildContext } from './build.ts';
import { createBuildKitProgress } from './progress.ts';
import type { BuildStatus, Vertex } from './status.ts';
import type { BuildOutcome } from './work.ts';

/**
 * Has a builder of `docker buildx` build, which gives the image to the engine. Throws `invalid-option` if there is no
 * buildx.
 */
export async function bake(
  { service, secrets = [] }: BuildImage,
  { name, file, target }: NonNullable<BuildImage['builder']>,
  { signal, progress, contents }: BuildContext,
): Promise<BuildOutcome> {
  const program = await findBuildx();
  if (program === undefined) {
    throw failure({
      code: 'invalid-option',
      service,
      message: `the builder ${name} is one of docker buildx, which is not installed`,
      hint: 'install docker-buildx, or leave out --builder and BUILDX_BUILDER',
    });
  }
  const given = secrets.flatMap(({ variable, from }) => {
    const value = contents.get(from);
    return variable === undefined || value === undefined ? [] : [[variable, value]];
  });
  const child = spawn(program, ['bake', '--file', '-', '--builder', name, ...options, target], {
    env: { ...process.env, ...Object.fromEntries(given) },
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  // It may end without having read; then it says why.
  child.stdin.on('error', () => {});
  child.stdin.end(file);
  const told = createBuildKitProgress();
  const complaints: string[] = [];
  const [code, said] = await Promise.all([
    ended,
    readAll(child.stdout),
    readStatuses(child.stderr, complaints, (status) => {
      const news = told.take(status);
      if (news !== undefined) progress(news);
    }),
  ]);
  if (code !== 0) return { error: complaints.join('\n') || said.trim(), failed: told.failed() };
  return {};
}

/** What the user asked for by the file is allowed. */
const options = [
  '--progress',
  'rawjson',
  ...['fs.read=*', 'ssh', 'network.host', 'security.insecure'].flatMap((right) => ['--allow', right]),
];

/** Lines with the status of the build, and lines for people when something is wrong. */
async function readStatuses(
  stream: NodeJS.ReadableStream,
  complaints: string[],
  take: (status: BuildStatus) => void,
): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    const status = line.startsWith('{') ? statusIn(line) : undefined;
    if (status !== undefined) take(status);
    else if (line.trim() !== '') complaints.push(line.replace(/^ERROR: /, ''));
  }
}

/** As buildx writes it. */
interface Written {
  readonly vertexes?: readonly (Omit<Vertex, 'inputs' | 'cached' | 'started' | 'completed' | 'error'> & {
    readonly started?: string;
    readonly completed?: string;
    readonly cached?: boolean;
    readonly error?: string;
  })[];
  readonly logs?: readonly { readonly vertex: string; readonly stream: number; readonly data: string }[];
}

function statusIn(line: string): BuildStatus | undefined {
  try {
    return statusOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function statusOf({ vertexes = [], logs = [] }: Written): BuildStatus {
  return {
    vertexes: vertexes.map(({ started, completed, cached = false, error = '', ...vertex }) => ({
      ...vertex,
      inputs: [],
      cached,
      error,
      ...(started !== undefined && { started: Date.parse(started) }),
      ...(completed !== undefined && { completed: Date.parse(completed) }),
    })),
    statuses: [],
    logs: logs.map(({ data, ...log }) => ({ ...log, message: Buffer.from(data, 'base64') })),
    warnings: [],
  };
}

/** Where the docker CLI looks for what extends it. */
async function findBuildx(): Promise<string | undefined> {
  const folders = [
    path.join(process.env.DOCKER_CONFIG ?? path.join(homeFolder(), '.docker'), 'cli-plugins'),
    '/usr/local/lib/docker/cli-plugins',
    '/usr/local/libexec/docker/cli-plugins',
    '/usr/lib/docker/cli-plugins',
    '/usr/libexec/docker/cli-plugins',
  ];
  for (const folder of folders) {
    const file = path.join(folder, 'docker-buildx');
    const usable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return file;
  }
  return undefined;
}
