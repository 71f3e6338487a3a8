import type { ContainerRef, RunCommand, RunHook } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import type { Hook } from '../model/stack.ts';
import { EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';
import { runInside } from './inside.ts';

/** How many lines of a hook that failed are told with it. */
const toldLines = 10;

/** Runs a hook of a service inside its container. There is nothing to be done before the stop of what has ended already. */
export async function runHook(
  engine: EngineHttp,
  { container, hook, phase, index }: RunHook,
  context: PerformContext,
): Promise<void> {
  try {
    await run(engine, container, hook, context, {
      what: `a ${phase} hook of ${container.name}`,
      path: `services.${container.service}.${phase}[${index}]`,
    });
  } catch (error) {
    const hasEnded = error instanceof EngineRefusal && (error.status === 404 || error.status === 409);
    if (!(hasEnded && phase === 'pre_stop')) throw error;
  }
}

/** Runs the command of a watch rule inside a container. */
export function runCommand(
  engine: EngineHttp,
  { container, command, index }: RunCommand,
  context: PerformContext,
): Promise<void> {
  return run(engine, container, command, context, {
    what: `the command of a watch rule in ${container.name}`,
    path: `services.${container.service}.develop.watch[${index}].exec`,
  });
}

async function run(
  engine: EngineHttp,
  container: ContainerRef,
  hook: Hook,
  { signal, progress }: PerformContext,
  { what, path }: { readonly what: string; readonly path: string },
): Promise<void> {
  const written: string[] = [];
  const tell = (lines: readonly string[]): void => {
    written.push(...lines);
    progress({ lines });
  };
  const command = {
    Cmd: hook.command ?? [],
    Env: Object.entries(hook.environment ?? {}).map(([key, value]) =>
      value === null ? key : `${key}=${value}`,
    ),
    User: hook.user,
    WorkingDir: hook.working_dir,
    Privileged: hook.privileged,
  };
  const code = await runInside(engine, container.name, command, tell, signal);
  if (code === 0) return;
  throw failure({
    code: 'hook-failed',
    service: container.service,
    path,
    message: `${what} ended with ${code}`,
    ...(written.length === 0 ? {} : { cause: written.slice(-toldLines).join('\n') }),
  });
}
