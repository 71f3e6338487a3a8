import type { ContainerRef } from '../../model/plan.ts';
import { failure } from '../../model/problem.ts';
import { EngineRefusal } from '../api.ts';
import type { EngineHttp } from '../http.ts';
import { runInside } from '../inside.ts';

/** So many paths are handed to one command: how long one may be is limited. */
const pathsAtOnce = 500;

/** Deletes files and folders of a container, whoever they belong to. What is not there is deleted already. */
export async function removeInside(
  engine: EngineHttp,
  container: ContainerRef,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < paths.length; from += pathsAtOnce) {
    await remove(engine, container, paths.slice(from, from + pathsAtOnce), signal);
  }
}

/** As shells say that there is no such program, or that it cannot be run. */
const notRun = new Set([126, 127]);

async function remove(
  engine: EngineHttp,
  container: ContainerRef,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const written: string[] = [];
  const command = { Cmd: ['rm', '-rf', '--', ...paths], User: '0', WorkingDir: '/' };
  const tell = (lines: readonly string[]): void => void written.push(...lines);
  const code = await runInside(engine, container.name, command, tell, signal).catch((error: unknown) => {
    if (!(error instanceof EngineRefusal)) throw error;
    written.push(error.said);
    return /executable file not found|no such file/.test(error.said) ? 127 : -1;
  });
  if (code === 0) return;
  const [first = ''] = paths;
  const what = paths.length === 1 ? first : `${first} and ${paths.length - 1} more`;
  throw failure({
    code: 'sync-failed',
    service: container.service,
    message: `${what} cannot be deleted in ${container.name}`,
    hint: notRun.has(code)
      ? 'its image has no `rm`: build it anew, or mount the folder instead of syncing it'
      : 'the next change of a file tries it again',
    ...(written.length === 0 ? {} : { cause: written.slice(-5).join('\n') }),
  });
}
