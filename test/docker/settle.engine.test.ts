import { afterEach, expect, test } from 'vitest';
import type { EventHub } from '../../src/docker/events.ts';
import { meterOf } from '../../src/docker/meter.ts';
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

const inPython = (...lines: readonly string[]): string => `
    image: python:3.12-slim
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    command:
      - python3
      - -c
      - |
        import socket, time
${lines.map((line) => `        ${line}`).join('\n')}
`;
/** Who does nothing, on two networks; a server with a client; somebody whom nobody answers; a question for a name. */
const talking = `services:
  waits: { ${all}, command: [sleep, infinity] }
  shares: { ${all}, command: [sleep, infinity], network_mode: host }
  serves: ${inPython('taken = socket.create_server(("", 80)).accept()', 'time.sleep(1000)')}
  talks: ${inPython(
    'while True:',
    '    try: talk = socket.create_connection(("serves", 80)); break',
    '    except OSError: time.sleep(0.1)',
    'time.sleep(1000)',
  )}
  calls: ${inPython(
    'near = socket.gethostbyname(socket.gethostname()).rsplit(".", 1)[0]',
    'while True:',
    '    try: socket.create_connection((near + ".250", 80), 3)',
    '    except OSError: pass',
  )}
  asks: ${inPython('asking = socket.socket(type=socket.SOCK_DGRAM)', 'asking.connect(("127.0.0.11", 53))', 'time.sleep(1000)')}
`;

test.runIf(process.platform === 'linux')(
  'the kernel tells who waits for what others are to say',
  async () => {
    project = createProject({ file: talking });
    const { code, output } = await project.run(['up', '-d', '--trust']);
    expect(code, output).toBe(0);
    const containers = await containersOf(project.name);
    const expected = {
      waits: ['nothing', 10],
      serves: ['nothing', 10],
      talks: ['next-words', 50],
      calls: ['answer', 500],
      asks: ['answer', 500],
      shares: ['next-words', 50],
    } as const;
    for (const [name, [said, least]] of Object.entries(expected)) {
      const id = containers.find(({ service }) => service === name)?.id ?? '';
      await expect.poll(async () => (await meterOf(id))?.expects(), { timeout: 20_000 }).toBe(said);
      // So long it is watched before it counts as started.
      const asked = performance.now();
      const run = { id, began: asked + 3_600_000 };
      expect([name, await staysUp({ host: '127.0.0.1' }, hub, run, signal)]).toEqual([name, true]);
      expect([name, performance.now() - asked >= least]).toEqual([name, true]);
    }
  },
);
