import { afterEach, expect, test } from 'vitest';
import type { EventHub } from '../../src/docker/events.ts';
import { staysUp } from '../../src/docker/settle.ts';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const all = `image: "busybox:1.37", stop_grace_period: 0s, labels: [${testLabel}=1]`;
/** As programs do that run containers, or a whole system: by either version of control groups. */
const inOwnGroup = [
  'cd /sys/fs/cgroup',
  'if [ -d cpuacct ]; then mkdir cpuacct/own && echo $$$$ > cpuacct/own/tasks',
  'else mkdir own && echo $$$$ > own/cgroup.procs; fi',
].join('; ');
const file = `services:
  waits: { ${all}, command: [sleep, infinity] }
  done: { ${all}, command: ["true"] }
  nested: { ${all}, privileged: true, command: [sh, -c, "${inOwnGroup}; exec sleep infinity"] }
`;
/** A connection that nothing is heard on. */
const hub = { subscribe: () => () => {}, runOf: () => undefined } as unknown as EventHub;
const { signal } = new AbortController();

test.runIf(process.platform === 'linux')(
  'the kernel tells what has come to rest, and what has ended',
  async () => {
    project = createProject({ file });
    const words = ['up', '-d', '--trust', '--wait', 'waits', 'done', 'nested'];
    const { code, output } = await project.run(words);
    expect(code, output).toBe(0);
    const containers = await containersOf(project.name);
    const idOf = (name: string) => containers.find(({ service }) => service === name)?.id ?? '';
    const here = { host: '127.0.0.1' };
    // It would take an hour by the clock.
    const began = performance.now() + 3_600_000;
    for (const name of ['waits', 'nested'])
      expect([name, await staysUp(here, hub, { id: idOf(name), began }, signal)]).toEqual([name, true]);
    const before = performance.now() - 1000;
    expect(await staysUp(here, hub, { id: idOf('done'), began: before }, signal)).toBe(false);
  },
);
