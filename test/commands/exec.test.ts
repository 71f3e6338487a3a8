import { expect, test } from 'vitest';
import { exec } from '../../src/commands/exec.ts';
import type { Surroundings } from '../../src/model/runtime.ts';
import type { UserStreams } from '../../src/model/streams.ts';
import { runningContainer, stackOf } from '../helpers/stack.ts';

const options = {
  load: { directory: '/', files: [], projectName: 'shop', profiles: [], services: [], environment: {} },
  service: 'web',
  index: 0,
  command: ['tool'],
  environment: [],
  tty: false,
  input: false,
  detach: false,
  privileged: false,
};

test.each([
  ['exec: "tool": executable file not found in $PATH', 'there is no tool in web'],
  ['exec: "/tool": stat /tool: no such file or directory', 'there is no tool in web'],
  ['exec: "tool": permission denied', 'tool cannot be run in web'],
  [
    'unable to start container process: error starting setns process: fork/exec /proc/self/exe: no such file or directory',
    'the engine lets no process into web',
  ],
])('OCI runtime exec failed: %s', async (said, message) => {
  const refused = `OCI runtime exec failed: exec failed: ${said}`;
  const runtime = {
    observeContainers: async () => [runningContainer(stackOf({ web: { image: 'web' } }), 'web')],
    exec: async () => ({ how: 'exited', exitCode: 127, refused }),
  };
  const { signal } = new AbortController();
  const surroundings = { runtime, signal } as unknown as Surroundings;
  const outcome = await exec(options, {} as UserStreams, surroundings);
  expect(outcome).toMatchObject({ exitCode: 127, problems: [{ message }] });
});
