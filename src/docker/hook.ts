import type { RunHook } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';
import { runInside } from './inside.ts';

/** How many lines of a hook that failed are told with it. */
const toldLines = 10;

/** Runs a hook of a service inside its container. There is nothing to be done before the stop of what has ended already. */
export async function runHook(
  engine: EngineHttp,
  { container, hook, phase, index }: RunHook,
  { signal, progress }: PerformContext,
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
  try {
    const code = await runInside(engine, container.name, command, tell, signal);
    if (code === 0) return;
    throw failure({
      code: 'hook-failed',
      service: container.service,
      path: `services.${container.service}.${phase}[${index}]`,
      message: `a ${phase} hook of ${container.name} ended with ${code}`,
      ...(written.length === 0 ? {} : { cause: written.slice(-toldLines).join('\n') }),
    });
  } catch (error) {
    const hasEnded = error instanceof EngineRefusal && (error.status === 404 || error.status === 409);
    if (!(hasEnded && phase === 'pre_stop')) throw error;
  }
}
