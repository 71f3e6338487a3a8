import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import { call } from './api.ts';
import { processWith } from './host-ports.ts';
import type { EngineHttp } from './http.ts';

/**
 * Names who has the port that a container was to have: a container of this engine, else a process of this machine where
 * the engine is on it. What cannot be found out is left out.
 */
export async function withPortHolder(
  engine: EngineHttp,
  refusal: ProblemsError,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<ProblemsError> {
  const problems = await Promise.all(
    refusal.problems.map(async (problem): Promise<Problem> => {
      const port =
        problem.code === 'port-in-use' ? /:(\d+) is in use$/.exec(problem.message)?.[1] : undefined;
      if (port === undefined) return problem;
      const protocol = /\budp\b/.test(problem.cause ?? '') ? 'udp' : 'tcp';
      const holder =
        (await containerWith(engine, port, protocol, signal).catch(() => undefined)) ??
        (isLocal ? await processWith(Number(port), protocol).catch(() => undefined) : undefined);
      return holder === undefined ? problem : { ...problem, message: `${problem.message} by ${holder}` };
    }),
  );
  return new ProblemsError(problems);
}

type Protocol = 'tcp' | 'udp';

async function containerWith(
  engine: EngineHttp,
  port: string,
  protocol: Protocol,
  signal: AbortSignal,
): Promise<string | undefined> {
  const filters = JSON.stringify({ publish: [`${port}/${protocol}`], status: ['running', 'paused'] });
  const query = { filters };
  const [first] = await call<Docker.ContainerInfo[]>(engine, 'GET', '/containers/json', { query, signal });
  if (first === undefined) return undefined;
  const project = first.Labels[label.project];
  const name = (first.Names[0] ?? first.Id).replace(/^\//, '');
  return `container ${name}${project === undefined ? '' : ` of project ${project}`}`;
}
