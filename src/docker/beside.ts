import type { Action, ContainerRef, StartContainer } from '../model/plan.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { call } from './api.ts';
import { inspectContainer } from './containers.ts';
import type { EventHub } from './events.ts';
import type { EngineHttp } from './http.ts';
import { awaitListening } from './listening.ts';
import { lastLines } from './logs.ts';
import { awaitCondition, hasTest } from './ready.ts';
import { formerOf, isNamed } from './take-over.ts';

/**
 * Waits until a container that was started beside the one it replaces can take over: it is healthy, or ready as the file says,
 * if there is a test for that, else it stays up and listens where the other one does. Rejects with `ProblemsError` if it cannot get there.
 */
export async function awaitSuccessor(
  engine: EngineHttp,
  hub: EventHub,
  { container, beside }: StartContainer & Required<Pick<StartContainer, 'beside'>>,
  context: Pick<PerformContext, 'signal' | 'probed' | 'progress' | 'doubt'>,
): Promise<void> {
  const successor = { ...container, name: beside.name };
  const info =
    beside.ready === undefined ? await inspectContainer(engine, beside.name, context.signal) : undefined;
  const isUntested = info !== undefined && !hasTest(info.Config);
  const action = {
    kind: 'await-condition',
    service: container.service,
    // One without a test is ready once it stays up, which need not be asked.
    condition: isUntested ? 'settled' : 'ready',
    containers: [successor],
    optional: false,
    ...(beside.ready && { ready: beside.ready }),
  } as const;
  await awaitCondition(engine, hub, action, context);
  if (isUntested && !isNamed(info)) await awaitListening(engine, successor, beside.replaces, context);
}

/** How long clearing up may take, also where the user wants all to end, in milliseconds. */
const patience = 10_000;

/**
 * Removes a container that was to replace another one and cannot, so that there is what there was before. Gives the problem
 * with what it wrote last, and with the word that the other one runs on if it does.
 */
export async function giveUp(
  engine: EngineHttp,
  action: Action,
  refusal: ProblemsError,
): Promise<ProblemsError> {
  const successor = successorOf(action);
  if (successor === undefined) return refusal;
  const signal = AbortSignal.timeout(patience);
  try {
    const { container, name, replaces } = successor;
    const said = await lastLines(engine, name, shownLines, signal);
    await call(engine, 'DELETE', `/containers/${name}`, {
      query: { force: '1', v: '0' },
      signal,
      accept: [404, 409],
    });
    const former = await inspectContainer(engine, replaces, signal);
    const runsOn = former?.State.Running === true;
    return new ProblemsError(
      refusal.problems.map((problem) => {
        const full = withWords(problem, said);
        return runsOn ? sparing(full, container.service, action.kind) : full;
      }),
    );
  } catch {
    // What went wrong is told; the next command that brings the service up clears away what is left.
    return refusal;
  }
}

const shownLines = 20;

interface Successor {
  readonly container: ContainerRef;
  /** The name that it has while the other one has its own. */
  readonly name: string;
  readonly replaces: string;
}

function successorOf(action: Action): Successor | undefined {
  if (action.kind === 'start-container' && action.beside !== undefined)
    return { container: action.container, ...action.beside };
  if (action.kind === 'create-container' && action.aside === true)
    return { container: action.container, name: action.createAs, replaces: formerOf(action) };
  if (action.kind === 'sync-files' && action.replaces !== undefined)
    return { container: action.container, name: action.container.name, replaces: action.replaces };
  if (action.kind === 'take-over')
    return { container: action.container, name: action.made.createAs, replaces: action.replaces };
  return undefined;
}

/** The container is gone, and its logs with it. The end of one is told with its last lines already. */
function withWords(problem: Problem, said: readonly string[]): Problem {
  if (said.length === 0 || problem.code === 'service-exited') return problem;
  return { ...problem, cause: [problem.cause ?? [], said].flat().join('\n') };
}

function sparing(problem: Problem, service: string, kind: Action['kind']): Problem {
  const message = `${problem.message}; ${service} keeps running its previous version`;
  const isUseful = problem.hint !== undefined && problem.code !== 'service-unhealthy';
  if (isUseful || kind !== 'start-container') return { ...problem, message };
  const hint = `mend it and try again; if it cannot run beside its previous version, write \`x-stack: { replace: stop-first }\` into ${service}`;
  return { ...problem, message, hint };
}
