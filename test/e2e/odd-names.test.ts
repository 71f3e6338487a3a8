import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

test('a service whose networks are called like no part of an address is replaced like others', async () => {
  const own = createProject();
  project = own;
  const bring = async (word: string): Promise<readonly string[]> => {
    own.write(
      'stack.yaml',
      `services:
  web:
    image: busybox
    init: true
    command: [httpd, -f, -p, "80"]
    environment: { WORD: ${word} }
    expose: [80]
    labels: [${testLabel}=1]
    networks: [odd, more]
  asks: { image: busybox, init: true, command: [sleep, infinity], labels: [${testLabel}=1], networks: [odd, more] }
networks:
  odd: { name: "${own.name}/prune?x=#y", labels: { ${testLabel}: "1" } }
  more: { name: "${own.name} %2f", labels: { ${testLabel}: "1" } }
`,
    );
    const { code, output } = await own.run(['up', '-d']);
    expect(code, output).toBe(0);
    return (await containersOf(own.name)).map(({ id }) => id);
  };
  const before = await bring('a');
  const after = await bring('b');
  expect(after.filter((id) => before.includes(id))).toHaveLength(1);
  const { stdout } = await own.run(['exec', '-T', 'asks', 'ping', '-c', '1', 'web']);
  expect(stdout).toContain('1 packets received');
});
