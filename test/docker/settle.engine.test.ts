import { afterEach, expect, test } from 'vitest';
import type { EventHub } from '../../src/docker/events.ts';
import { staysUp } from '../../src/docker/settle.ts';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const all = `image: "busybox:1.37", stop_grace_period: 0s, labels: [${testLabel}=1]`;
const file = `services:
  waits: { ${all}, command: [sleep, infinity] }
  done: { ${all}, command: ["true"] }
`;
/** A connection that nothing is heard on. */
const hub = { subscribe: () => () => {}, runOf: () => undefined } as unknown as EventHub;
const { signal } = new AbortController();

test.runIf(process.platform === 'linux')(
  'the kernel tells what has come to rest, and what has ended',
  async () => {
    project = createProject({ file });
    const { code, output } = await project.run(['up', '-d', '--wait', 'waits', 'done']);
    expect(code, output).toBe(0);
    const containers = await containersOf(project.name);
    const idOf = (name: string) => containers.find(({ service }) => service === name)?.id ?? '';
    const here = { host: '127.0.0.1' };
    // It would take an hour by the clock.
    const began = performance.now() + 3_600_000;
    expect(await staysUp(here, hub, { id: idOf('waits'), began }, signal)).toBe(true);
    const before = performance.now() - 1000;
    expect(await staysUp(here, hub, { id: idOf('done'), began: before }, signal)).toBe(false);
  },
);
