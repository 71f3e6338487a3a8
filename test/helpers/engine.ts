import { call } from '../../src/docker/api.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import type { Query } from '../../src/docker/http.ts';
import { runInside } from '../../src/docker/inside.ts';
import { dockerRuntime } from '../../src/docker/runtime.ts';
import type { ObservedContainer } from '../../src/model/observed.ts';
import type { Runtime } from '../../src/model/runtime.ts';

const { signal } = new AbortController();

/** The engine the tests work on. */
export async function testRuntime(): Promise<Runtime> {
  return dockerRuntime(await resolveEndpoint(process.env));
}

/** Asks the engine itself, e.g. for what `Runtime` has no words for. */
export async function askEngine<T>(
  method: 'GET' | 'DELETE' | 'POST',
  path: string,
  query: Query = {},
  body?: object,
): Promise<T> {
  const engine = connectEngine(await resolveEndpoint(process.env));
  return call(engine, method, path, { signal, query, ...(body === undefined ? {} : { body }) });
}

/** What a script in a container writes, at the price of three calls; throws if it fails. */
export async function shellInside(container: string, script: string): Promise<string> {
  const engine = connectEngine(await resolveEndpoint(process.env));
  const lines: string[] = [];
  const tell = (more: readonly string[]): void => void lines.push(...more);
  const code = await runInside(engine, container, { Cmd: ['sh', '-c', script] }, tell, signal);
  if (code !== 0) throw new Error(`${script} ended with ${code} in ${container}: ${lines.join('\n')}`);
  return lines.join('\n');
}

/** A project's containers as the engine has them now. */
export async function containersOf(project: string): Promise<readonly ObservedContainer[]> {
  return (await stateOf(project)).containers;
}

/** Everything a project has on the engine. */
export async function stateOf(project: string) {
  const runtime = await testRuntime();
  return runtime.observe({ project, images: [], networks: [], volumes: [] }, signal);
}
