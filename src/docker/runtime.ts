import type { Runtime } from '../model/runtime.ts';
import { connectEngine } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import { createEventHub, type EventHub } from './events.ts';
import { explain } from './explain.ts';
import { follow } from './follow.ts';
import { observe } from './observe.ts';
import { perform } from './perform.ts';
import { readProjectLogs } from './project-logs.ts';

/** The engine at an endpoint as the `Runtime` that commands work with. Connects on first use. */
export function dockerRuntime(endpoint: Endpoint): Runtime {
  const engine = connectEngine(endpoint);
  const hubs = new Map<string, EventHub>();
  const hubOf = (project: string): EventHub => {
    const hub = hubs.get(project) ?? createEventHub(engine, project);
    hubs.set(project, hub);
    return hub;
  };
  return {
    async observe(request, signal) {
      try {
        return await observe(engine, request, signal);
      } catch (error) {
        throw explain(error, endpoint);
      }
    },
    async perform(action, context) {
      try {
        await perform(engine, hubOf(context.project), action, context);
      } catch (error) {
        throw explain(error, endpoint, action);
      }
    },
    follow: (request, signal) => explained(follow(engine, hubOf(request.project), request, signal), endpoint),
    readLogs: (request, signal) =>
      explained(readProjectLogs(engine, hubOf(request.project), request, signal), endpoint),
  };
}

async function* explained<T>(values: AsyncGenerator<T>, endpoint: Endpoint): AsyncGenerator<T> {
  try {
    yield* values;
  } catch (error) {
    throw explain(error, endpoint);
  }
}
