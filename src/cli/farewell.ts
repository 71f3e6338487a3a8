import { identify } from '../commands/identity.ts';
import type { LoadRequest } from '../load/load.ts';
import { commandLine } from '../model/command-line.ts';
import { isAlive } from '../model/observed.ts';
import type { Surroundings } from '../model/runtime.ts';
import { sanitiseField } from '../report/sanitise.ts';
import type { GlobalOptions } from './program.ts';

/** Says to who leaves a stack that it runs on, if it does, and how to come back and how to end it. */
export async function sayFarewell(
  load: LoadRequest,
  globals: GlobalOptions,
  { runtime, recall }: Pick<Surroundings, 'runtime' | 'recall'>,
): Promise<void> {
  // An engine that does not answer any more holds nobody up.
  const soon = AbortSignal.timeout(2000);
  // Nor does a file that was changed and is wrong now: who leaves has nothing to do with that.
  const name = await identify({ ...load, services: [] }, { recall }).then(
    (project) => project.name,
    () => undefined,
  );
  if (name === undefined) return;
  const containers = await runtime.observeContainers(name, soon).catch(() => []);
  if (!containers.some(isAlive)) return;
  const stack = sameStack(globals, load.projectName);
  process.stdout.write(
    `${sanitiseField(name)} runs on; ${stack} ui comes back to it, ${stack} down ends it\n`,
  );
}

/** The words by which the same stack is meant again; of a copy its name is given besides. */
export function sameStack(globals: GlobalOptions, projectName = globals.projectName): string {
  const { projectDirectory = globals.workdir, file = [], envFile = [], profile = [], asCompose } = globals;
  const words = [
    asCompose ? 'docker compose' : 'stack',
    ...file.flatMap((path) => ['-f', commandLine([path])]),
    ...(projectName === undefined ? [] : ['-p', commandLine([projectName])]),
    ...(projectDirectory === undefined ? [] : ['--project-directory', commandLine([projectDirectory])]),
    ...envFile.flatMap((path) => ['--env-file', commandLine([path])]),
    ...profile.flatMap((name) => ['--profile', commandLine([name])]),
  ];
  return words.map(sanitiseField).join(' ');
}
