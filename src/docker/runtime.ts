import type { ProblemsError } from '../model/problem.ts';
import type { Runtime } from '../model/runtime.ts';
import { addressOf } from './address.ts';
import { connectEngine } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import { createEventHub, type EventHub } from './events.ts';
import { explain } from './explain.ts';
import { listAllContainers, listContainers, observe } from './observe.ts';
import { persistently, withRepeatedReads } from './retry.ts';
import { turnsOfKills } from './turns.ts';
import { type EngineWitness, witnessed } from './witness.ts';

/**
 * The engine at an endpoint as the `Runtime` that commands work with, with a witness of what is asked. Connects on first use, and
 * loads what a command does not need only once one does.
 */
export function dockerRuntime(endpoint: Endpoint, witness?: EngineWitness): Runtime {
  const engine = witnessed(withRepeatedReads(connectEngine(endpoint)), endpoint, witness);
  const hubs = new Map<string, EventHub>();
  const hubOf = (project: string): EventHub => {
    const hub = hubs.get(project) ?? createEventHub(engine, project);
    hubs.set(project, hub);
    return hub;
  };
  const explaining = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw explain(error, endpoint);
    }
  };
  const turnOf = turnsOfKills();
  /** Containers that were removed as they were stopped. */
  const removed = new Set<string>();
  const isLocal = addressOf(endpoint)?.socketPath !== undefined;
  const named = async (refusal: ProblemsError, signal: AbortSignal): Promise<ProblemsError> => {
    const { withPortHolder } = await import('./port-holder.ts');
    return withPortHolder(engine, refusal, isLocal, signal);
  };
  return {
    observeContainers: (project, signal) => explaining(listContainers(engine, project, signal)),
    observeProjects: (signal) => explaining(listAllContainers(engine, signal)),
    diskUsage: (signal) => explaining(import('./disk-usage.ts').then((it) => it.diskUsage(engine, signal))),
    lookAround: (request, signal) =>
      explaining(import('./neighbours.ts').then((it) => it.lookAround(engine, request, isLocal, signal))),
    observeContents: (signal) =>
      explaining(import('./leftovers.ts').then((it) => it.observeContents(engine, signal))),
    weighVolumes: (patience, signal) =>
      explaining(import('./volumes.ts').then((it) => it.weighVolumes(engine, patience, signal))),
    describeImages: (images, signal) =>
      explaining(import('./details.ts').then((it) => it.describeImages(engine, images, signal))),
    listVolumes: (project, signal) =>
      explaining(import('./details.ts').then((it) => it.listVolumes(engine, project, signal))),
    inspect: (container, signal) =>
      explaining(import('./details.ts').then((it) => it.inspect(engine, container, signal))),
    listProcesses: (container, signal) =>
      explaining(import('./details.ts').then((it) => it.listProcesses(engine, container, signal))),
    async explainState(container, signal) {
      const problems = await explaining(
        import('./state.ts').then((it) => it.explainState(engine, container, signal)),
      );
      return problems && (await named(problems, signal)).problems[0];
    },
    awaitExit: (container, signal) =>
      explaining(import('./details.ts').then((it) => it.awaitExit(engine, container, signal))),
    awaitEnds: (project, signal) =>
      explaining(import('./told-to-end.ts').then((it) => it.awaitEnds(engine, project, signal))),
    readEvents: (request, signal) =>
      explained(
        import('./project-events.ts').then((it) => it.readProjectEvents(engine, request, signal)),
        endpoint,
      ),
    listen: (project) => hubOf(project).subscribe({ connected() {}, notice() {}, lost() {} }),
    observe: (request, signal) => explaining(observe(engine, request, signal)),
    // What is asked of the engine goes out before.
    prepare: (what) => void setImmediate(load, what),
    async perform(action, context) {
      if (action.kind === 'remove-container' && removed.delete(action.id)) return;
      const { perform } = await import('./perform.ts');
      const leave = await turnOf(action)?.();
      try {
        context.beginning?.throwIfAborted();
        const hub = hubOf(context.project);
        const { signal, progress } = context;
        const patience = engine.patience === undefined ? {} : { patience: engine.patience / 4 };
        await persistently(action, { signal, progress, ...patience }, () =>
          perform(engine, hub, action, context),
        );
        if (action.kind === 'stop-container' && action.removed !== undefined) removed.add(action.id);
      } catch (error) {
        const { giveUp } = await import('./beside.ts');
        throw await giveUp(engine, action, await named(explain(error, endpoint, action), context.signal));
      } finally {
        leave?.();
      }
    },
    compare: (container, action, signal) =>
      explaining(import('./compare.ts').then((it) => it.compare(engine, container, action, signal))),
    async askPort(port, signal) {
      const { askPort } = await import('./answers.ts');
      const answer = await askPort(engine, port, signal);
      witness?.reaches(port, answer);
      return answer;
    },
    readFile: (container, path, signal) =>
      explaining(import('./read-file.ts').then((it) => it.readFile(engine, container, path, signal))),
    examineBuilds: (builds, images, options, signal) =>
      explaining(
        import('./build/inputs/examine.ts').then((it) =>
          it.examineBuilds(builds, images, engine, options, signal),
        ),
      ),
    readBuildContext: (build, signal) =>
      explaining(import('./build/watched.ts').then((it) => it.readBuildContext(build, engine, signal))),
    explainBuild: (build, known) =>
      explaining(import('./build/inputs/explain.ts').then((it) => it.explainSteps(build, known))),
    imageDigest: (image, signal) =>
      explaining(import('./digest.ts').then((it) => it.imageDigest(engine, image, signal))),
    follow: (request, signal) =>
      explained(
        import('./follow.ts').then((it) => it.follow(engine, hubOf(request.project), request, signal)),
        endpoint,
      ),
    readLogs: (request, signal) =>
      explained(
        import('./project-logs.ts').then((it) =>
          it.readProjectLogs(engine, hubOf(request.project), request, signal),
        ),
        endpoint,
      ),
    exec: (request, streams, signal) =>
      explaining(import('./exec.ts').then((it) => it.exec(engine, request, streams, signal))),
    execDetached: (request, signal) =>
      explaining(import('./exec.ts').then((it) => it.execDetached(engine, request, signal))),
    attach: (request, streams, signal) =>
      explaining(import('./attach.ts').then((it) => it.attach(engine, request, streams, signal))),
    signalContainer: (container, name, signal) =>
      explaining(import('./attach.ts').then((it) => it.signalContainer(engine, container, name, signal))),
    copyIn: (request, signal) =>
      explaining(import('./copy.ts').then((it) => it.copyIn(engine, request, signal))),
    copyOut: (request, signal) =>
      explaining(import('./copy.ts').then((it) => it.copyOut(engine, request, signal))),
    bringBack: (request, signal) =>
      explaining(import('./sync/back.ts').then((it) => it.bringBack(engine, request, signal))),
    readFiles: (request, signal) =>
      explaining(import('./copy.ts').then((it) => it.readFiles(engine, request, signal))),
    exportContainer: (container, signal) =>
      explaining(import('./archive.ts').then((it) => it.exportContainer(engine, container, signal))),
    commit: (request, signal) =>
      explaining(import('./commit.ts').then((it) => it.commit(engine, request, signal))),
    listMeasurable: (request, signal) =>
      explaining(import('./stats.ts').then((it) => it.listMeasurable(engine, request, signal))),
    measure: (container, options, signal) =>
      explained(
        import('./stats.ts').then((it) => it.measure(engine, container, options, signal)),
        endpoint,
      ),
  };
}

async function* explained<T>(values: Promise<AsyncGenerator<T>>, endpoint: Endpoint): AsyncGenerator<T> {
  try {
    yield* await values;
  } catch (error) {
    throw explain(error, endpoint);
  }
}

/** See `Runtime.prepare`. */
function load(what: Parameters<Runtime['prepare']>[0]): void {
  void import('./modem.ts');
  void (what === 'streams' ? import('./attach.ts') : import('./perform.ts'));
  if (what !== 'builds') return;
  void import('./build/build.ts');
  void import('./build/solve.ts');
  // Asked for in any other way it is loaded by whoever first calls it.
  process.getBuiltinModule('node:http2');
}
