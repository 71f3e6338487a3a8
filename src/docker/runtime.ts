import type { ProblemsError } from '../model/problem.ts';
import type { Runtime } from '../model/runtime.ts';
import { addressOf } from './address.ts';
import { askPort } from './answers.ts';
import { exportContainer } from './archive.ts';
import { attach, signalContainer } from './attach.ts';
import { giveUp } from './beside.ts';
import { examineBuilds } from './build/inputs/examine.ts';
import { explainSteps } from './build/inputs/explain.ts';
import { readBuildContext } from './build/watched.ts';
import { commit } from './commit.ts';
import { compare } from './compare.ts';
import { connectEngine } from './connect.ts';
import { copyIn, copyOut, readFiles } from './copy.ts';
import { awaitExit, describeImages, inspect, listProcesses, listVolumes } from './details.ts';
import { imageDigest } from './digest.ts';
import { diskUsage } from './disk-usage.ts';
import type { Endpoint } from './endpoint.ts';
import { createEventHub, type EventHub } from './events.ts';
import { exec, execDetached } from './exec.ts';
import { explain } from './explain.ts';
import { follow } from './follow.ts';
import { observeContents } from './leftovers.ts';
import { lookAround } from './neighbours.ts';
import { listAllContainers, listContainers, observe } from './observe.ts';
import { perform } from './perform.ts';
import { withPortHolder } from './port-holder.ts';
import { readProjectEvents } from './project-events.ts';
import { readProjectLogs } from './project-logs.ts';
import { readFile } from './read-file.ts';
import { persistently, withRepeatedReads } from './retry.ts';
import { explainState } from './state.ts';
import { listMeasurable, measure } from './stats.ts';
import { bringBack } from './sync/back.ts';
import { awaitEnds } from './told-to-end.ts';
import { turnsOfEnds } from './turns.ts';
import { weighVolumes } from './volumes.ts';
import { type EngineWitness, witnessed } from './witness.ts';

/** The engine at an endpoint as the `Runtime` that commands work with, with a witness of what is asked. Connects on first use. */
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
  const turnOf = turnsOfEnds();
  const isLocal = addressOf(endpoint)?.socketPath !== undefined;
  const named = (refusal: ProblemsError, signal: AbortSignal): Promise<ProblemsError> =>
    withPortHolder(engine, refusal, isLocal, signal);
  return {
    observeContainers: (project, signal) => explaining(listContainers(engine, project, signal)),
    observeProjects: (signal) => explaining(listAllContainers(engine, signal)),
    diskUsage: (signal) => explaining(diskUsage(engine, signal)),
    lookAround: (request, signal) => explaining(lookAround(engine, request, isLocal, signal)),
    observeContents: (signal) => explaining(observeContents(engine, signal)),
    weighVolumes: (patience, signal) => explaining(weighVolumes(engine, patience, signal)),
    describeImages: (images, signal) => explaining(describeImages(engine, images, signal)),
    listVolumes: (project, signal) => explaining(listVolumes(engine, project, signal)),
    inspect: (container, signal) => explaining(inspect(engine, container, signal)),
    listProcesses: (container, signal) => explaining(listProcesses(engine, container, signal)),
    async explainState(container, signal) {
      const problems = await explaining(explainState(engine, container, signal));
      return problems && (await named(problems, signal)).problems[0];
    },
    awaitExit: (container, signal) => explaining(awaitExit(engine, container, signal)),
    awaitEnds: (project, signal) => explaining(awaitEnds(engine, project, signal)),
    readEvents: (request, signal) => explained(readProjectEvents(engine, request, signal), endpoint),
    listen: (project) => hubOf(project).subscribe({ connected() {}, notice() {}, lost() {} }),
    observe: (request, signal) => explaining(observe(engine, request, signal)),
    async perform(action, context) {
      const leave = await turnOf(action)?.(context.signal);
      try {
        const hub = hubOf(context.project);
        const { signal, progress } = context;
        const patience = engine.patience === undefined ? {} : { patience: engine.patience / 4 };
        await persistently(action, { signal, progress, ...patience }, () =>
          perform(engine, hub, action, context),
        );
      } catch (error) {
        throw await giveUp(engine, action, await named(explain(error, endpoint, action), context.signal));
      } finally {
        leave?.();
      }
    },
    compare: (container, action, signal) => explaining(compare(engine, container, action, signal)),
    async askPort(port, signal) {
      const answer = await askPort(engine, port, signal);
      witness?.reaches(port, answer);
      return answer;
    },
    readFile: (container, path, signal) => explaining(readFile(engine, container, path, signal)),
    examineBuilds: (builds, images, options, signal) =>
      explaining(examineBuilds(builds, images, engine, options, signal)),
    readBuildContext: (build, signal) => explaining(readBuildContext(build, engine, signal)),
    explainBuild: (build, known) => explaining(explainSteps(build, known)),
    imageDigest: (image, signal) => explaining(imageDigest(engine, image, signal)),
    follow: (request, signal) => explained(follow(engine, hubOf(request.project), request, signal), endpoint),
    readLogs: (request, signal) =>
      explained(readProjectLogs(engine, hubOf(request.project), request, signal), endpoint),
    exec: (request, streams, signal) => explaining(exec(engine, request, streams, signal)),
    execDetached: (request, signal) => explaining(execDetached(engine, request, signal)),
    attach: (request, streams, signal) => explaining(attach(engine, request, streams, signal)),
    signalContainer: (container, name, signal) =>
      explaining(signalContainer(engine, container, name, signal)),
    copyIn: (request, signal) => explaining(copyIn(engine, request, signal)),
    copyOut: (request, signal) => explaining(copyOut(engine, request, signal)),
    bringBack: (request, signal) => explaining(bringBack(engine, request, signal)),
    readFiles: (request, signal) => explaining(readFiles(engine, request, signal)),
    exportContainer: (container, signal) => explaining(exportContainer(engine, container, signal)),
    commit: (request, signal) => explaining(commit(engine, request, signal)),
    listMeasurable: (request, signal) => explaining(listMeasurable(engine, request, signal)),
    measure: (container, options, signal) => explained(measure(engine, container, options, signal), endpoint),
  };
}

async function* explained<T>(values: AsyncGenerator<T>, endpoint: Endpoint): AsyncGenerator<T> {
  try {
    yield* values;
  } catch (error) {
    throw explain(error, endpoint);
  }
}
