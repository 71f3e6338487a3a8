import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

test('an ignore file that is edited, made or removed while watching counts at once, for builds, for rules and for what is watched', async () => {
  project.write('built/Dockerfile', 'FROM busybox:latest\nCOPY . /app\n');
  project.write('built/.dockerignore', 'hidden\n');
  project.write('built/hidden/file', '1');
  project.write('synced/Dockerfile', 'FROM busybox:latest\n');
  project.write('synced/.dockerignore', 'src/hidden\n');
  project.write('synced/src/hidden/file', '1');
  const service = (name: string, more: string) =>
    `  ${name}: { build: ./${name}, command: [sleep, infinity], init: true, labels: [${testLabel}=1]${more} }\n`;
  const rules = 'develop: { watch: [{ action: sync, path: ./synced/src, target: /app }] }';
  project.write('stack.yaml', `services:\n${service('built', '')}${service('synced', `, ${rules}`)}`);
  const watching = await project.watch(['watch']);
  expect(await hiddenIn('built')).toBe('');

  project.write('built/.dockerignore', '*.dockerignore\n');
  await watching.waitFor(/rebuilt in/, 1);
  expect(await hiddenIn('built')).toBe('1');
  // Nobody watched that folder before.
  project.write('built/hidden/file', '2');
  await watching.waitFor(/rebuilt in/, 2);
  expect(await hiddenIn('built')).toBe('2');
  // It comes before the other, whatever that says of it.
  project.write('built/Dockerfile.dockerignore', 'hidden\n');
  await watching.waitFor(/rebuilt in/, 3);
  expect(await hiddenIn('built')).toBe('');

  expect(await hiddenIn('synced')).toBe('');
  rmSync(path.join(project.directory, 'synced/.dockerignore'));
  let saved = 1;
  // Which of the saves is the first that is seen, nobody tells.
  await vi.waitUntil(
    async () => {
      project.write('synced/src/hidden/file', String(++saved));
      return (await hiddenIn('synced')) !== '';
    },
    { timeout: 60_000, interval: 100 },
  );
});

async function hiddenIn(service: string): Promise<string> {
  return (await project.run(['exec', '-T', service, 'sh', '-c', 'cat /app/hidden/file || true'])).stdout;
}
