import { call } from '../../src/docker/api.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import type { Query } from '../../src/docker/http.ts';
import { dockerRuntime } from '../../src/docker/runtime.ts';
import type { ObservedContainer } from '../../src/model/observed.ts';
import type { Runtime } from '../../src/model/runtime.ts';

const { signal } = new AbortController();

/** The engine the tests work on. */
export async function testRuntime(): Promise<Runtime> {
  return dockerRuntime(await resolveEndpoint(process.env));
}

/** Asks the engine itself, e.g. for what `Runtime` has no words for. */
export async function askEngine<T>(method: 'GET' | 'DELETE', path: string, query: Query = {}): Promise<T> {
  return call(connectEngine(await resolveEndpoint(process.env)), method, path, { signal, query });
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
