import type { AboutEngine, EngineFacts, EnginePlace } from '../model/facts.ts';
import { problemsOf } from '../model/problem.ts';
import { addressOf } from './address.ts';
import { call } from './api.ts';
import { connectEngine } from './connect.ts';
import type { Variables } from './contexts.ts';
import { diskOf } from './disk.ts';
import { type Endpoint, type EngineOptions, resolveEndpoint } from './endpoint.ts';
import { explain } from './explain.ts';
import type { EngineConnection } from './http.ts';
import { engineInfo } from './info.ts';
import { askAll, usualSockets } from './sockets.ts';

/** How long an engine has for an answer, in milliseconds: whoever calls a doctor does not want to wait. */
const patience = 20_000;

/**
 * What the engine that commands would use tells of itself, and which others answer. Never throws but for an aborted signal:
 * what is wrong is a fact.
 */
export async function surveyEngines(
  env: Variables,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<{ readonly engine: EngineFacts; readonly others: readonly EnginePlace[] }> {
  const [engine, asked] = await Promise.all([
    surveyEngine(env, options, signal),
    usualSockets(env).then(askAll),
  ]);
  signal.throwIfAborted();
  const others = asked
    .filter(({ endpoint, reply }) => reply === 'answers' && endpoint.url !== engine.url)
    .map(({ endpoint: { url, from } }) => ({ url, from }));
  return { engine, others };
}

async function surveyEngine(
  env: Variables,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<EngineFacts> {
  let endpoint: Endpoint;
  try {
    endpoint = await resolveEndpoint(env, options);
  } catch (error) {
    const [problem] = problemsOf(error);
    if (problem === undefined) throw error;
    return { url: '', from: '', answer: { problem } };
  }
  const { url, from } = endpoint;
  try {
    return { url, from, answer: { about: await describe(endpoint, signal) } };
  } catch (error) {
    signal.throwIfAborted();
    const [problem] = explain(error, endpoint).problems;
    if (problem === undefined) throw error;
    const { code: errno } = error as NodeJS.ErrnoException;
    return { url, from, answer: { problem, ...(errno === undefined ? {} : { errno }) } };
  }
}

interface Version {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Platform?: { readonly Name?: string };
  readonly Components?: readonly { readonly Name: string }[] | null;
}

async function describe(endpoint: Endpoint, signal: AbortSignal): Promise<AboutEngine> {
  const engine = connectEngine(endpoint, patience);
  const before = Date.now();
  const ping = await engine.request({ method: 'GET', path: '/_ping', signal });
  const date = Date.parse(String(ping.headers.date));
  const clockAhead = (date + 500 - (before + Date.now()) / 2) / 1000;
  ping.body.resume();
  const [version, { info }, hasBuildKit] = await Promise.all([
    call<Version>(engine, 'GET', '/version', { signal }),
    engineInfo(engine, signal),
    // Some engines have it, and prefer the classic builder unless they are told otherwise.
    ping.headers['builder-version'] === '2' || canReachBuildKit(engine, signal),
  ]);
  const isPodman = (version.Components ?? []).some(({ Name }) => Name === 'Podman Engine');
  const isLocal = addressOf(endpoint)?.socketPath !== undefined;
  const disk = isLocal ? await diskOf(info.DockerRootDir) : undefined;
  return {
    name: `${isPodman ? 'Podman' : 'Docker Engine'} ${version.Version}`,
    isPodman,
    apiVersion: version.ApiVersion,
    os: version.Os,
    architecture: version.Arch,
    ...(info.OperatingSystem === undefined ? {} : { system: info.OperatingSystem }),
    ...(info.Driver === undefined ? {} : { storageDriver: info.Driver }),
    ...(info.CgroupVersion === undefined ? {} : { cgroupVersion: info.CgroupVersion }),
    isRootless: (info.SecurityOptions ?? []).some((option) => /^name=rootless\b/.test(option)),
    hasBuildKit,
    ...(Number.isNaN(clockAhead) ? {} : { clockAhead }),
    ...(disk === undefined ? {} : { disk }),
    warnings: info.Warnings ?? [],
  };
}

async function canReachBuildKit(engine: EngineConnection, signal: AbortSignal): Promise<boolean> {
  const { reachBuildKit } = await import('./build/solve.ts');
  const client = await reachBuildKit(engine, signal);
  client?.close();
  return client !== undefined;
}
