import type Docker from 'dockerode';
import type { ContainerRef } from '../model/plan.ts';
import { failure, type ProblemsError } from '../model/problem.ts';
import { inspectContainer } from './containers.ts';
import { exitProblem } from './exits.ts';
import { explainStart } from './explain.ts';
import type { EngineHttp } from './http.ts';
import { healthProbed } from './probes.ts';

/** What keeps a container from being as it should; see `Runtime.explainState`. */
export async function explainState(
  engine: EngineHttp,
  container: ContainerRef,
  signal: AbortSignal,
): Promise<ProblemsError | undefined> {
  const info = await inspectContainer(engine, container.name, signal);
  if (info === undefined) return undefined;
  const { State } = info;
  // Engines keep the words of a start that failed until one succeeds.
  if (!State.Running && State.Error) return explainStart(State.Error, container.service);
  const hasEnded = State.Status === 'exited' || State.Status === 'dead';
  if (State.Restarting || (hasEnded && State.ExitCode !== 0))
    return exitProblem(engine, container, State, signal);
  return State.Running ? unhealthy(info, container) : undefined;
}

function unhealthy(info: Docker.ContainerInspectInfo, { service }: ContainerRef): ProblemsError | undefined {
  const { Status = 'none', FailingStreak = 0, Log = [] } = info.State.Health ?? {};
  if (Status === 'none' || Status === 'healthy') return undefined;
  const last = Log?.at(-1);
  const said = last && healthProbed(info, 0, { exitCode: last.ExitCode, output: last.Output }).said;
  const times = FailingStreak === 1 ? 'once' : `${FailingStreak} times`;
  // While a container is given time to start, failures do not count.
  const failed =
    FailingStreak === 0 ? 'it is starting, and its health test fails' : `its health test has failed ${times}`;
  const message = last === undefined ? 'its health test has not run yet' : `${failed}: ${said}`;
  return failure({ code: 'service-unhealthy', service, path: `services.${service}.healthcheck`, message });
}
