import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProject, type Running, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
let watching: Running;

beforeEach(async () => {
  project = createProject();
  project.write('src/first', '');
  project.write(
    'stack.yaml',
    `services:
  web:
    image: busybox:latest
    command: [sleep, infinity]
    init: true
    labels: [${testLabel}=1]
    volumes: [small:/app]
    develop: { watch: [{ action: sync, path: ./src, target: /app }] }
volumes:
  small: { driver_opts: { type: tmpfs, device: tmpfs, o: size=8m }, labels: [${testLabel}=1] }
`,
  );
  watching = await project.watch(['watch']);
});

afterEach(() => project.remove());

test('of a file that grows while it is synced the container has in the end what there is here', async () => {
  const growing = path.join(project.directory, 'src/growing');
  const isSynced = () => watching.output().includes('updated in') === true;
  const grow = async (): Promise<void> => {
    appendFileSync(growing, 'more of it '.repeat(20));
    await setImmediate();
  };
  // So large that it is not read before it is sent.
  writeFileSync(growing, 'x'.repeat(1_200_000));
  for (let pieces = 0; !isSynced() && pieces < 20_000; pieces++) await grow();
  for (let pieces = 0; pieces < 500; pieces++) await grow();
  const sum = createHash('sha256').update(readFileSync(growing)).digest('hex');
  await vi.waitUntil(async () => (await inside('sha256sum /app/growing')).startsWith(sum), forLong);
});

test('that a container has no space left is told, and tried again with the next save', async () => {
  await inside('head -c 7000000 /dev/zero > /app/ballast');
  project.write('src/large', 'x'.repeat(4_000_000));
  await watching.waitFor(/the engine does not let files be written into .*-web-1/);
  expect(watching.output()).toContain('no space left on device');
  await inside('rm /app/ballast');
  project.write('src/other', '1');
  await watching.waitFor(/updated in/);
  expect(await inside('wc -c < /app/large; cat /app/other')).toBe('4000000\n1');
  // What is there in part is no work of the container.
  expect(watching.output()).not.toContain('itself');
});

const forLong = { timeout: 60_000, interval: 100 };

async function inside(command: string): Promise<string> {
  return (await project.run(['exec', '-T', 'web', 'sh', '-c', command])).stdout;
}
