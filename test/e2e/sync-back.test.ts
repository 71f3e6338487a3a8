import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

test('what a container changes comes back, and nothing of it goes anywhere else', async () => {
  project.write('Dockerfile', 'FROM busybox\nWORKDIR /app\nCOPY lock other /app/\n');
  project.write('.dockerignore', 'gen\n');
  project.write('lock', 'one');
  project.write('other', 'built');
  mkdirSync(at('src'));
  mkdirSync(at('elsewhere'));
  project.write(
    'stack.yaml',
    `
services:
  web:
    build: .
    init: true
    command: [sleep, infinity]
    labels: [${testLabel}=1]
    develop: { watch: [{ action: sync, path: ./src, target: /app/src }, { action: sync, path: ./lock, target: /app/lock }] }
    x-stack:
      sync_back:
        - { path: /app/lock, target: ./lock }
        - { path: /app/other, target: ./other }
        - { path: /app/gen, target: ./gen }
`,
  );
  const watching = await project.watch(['watch']);
  // What differs from the beginning stays as it is; what is not here comes.
  project.write('other', 'mine');
  await inside('mkdir -p gen/deep; echo made > gen/deep/file; ln -s /etc/passwd gen/link');
  await watching.waitFor(/gen\/deep\/file came back from .*-web-1/);
  expect(read('gen/deep/file')).toBe('made\n');
  expect(readdirSync(at('gen'))).toEqual(['deep']);
  expect(read('other')).toBe('mine');

  await inside('echo two > lock');
  await watching.waitFor(/✓ web +lock came back from/);
  expect(read('lock')).toBe('two\n');
  // It goes into the container again, which is no change there.
  await watching.waitFor(/lock changed → sync web/);

  // Both have changed it.
  project.write('gen/deep/file', 'ours');
  await inside('echo theirs > gen/deep/file');
  await watching.waitFor(/gen\/deep\/file was changed both here and in .*-web-1; yours stays/);
  expect(read('gen/deep/file')).toBe('ours');
  expect(read('gen/deep/file.container')).toBe('theirs\n');

  // A link of this machine leads out of the target.
  symlinkSync(at('elsewhere'), at('gen/out'));
  await inside('mkdir gen/out; echo x > gen/out/file; echo y > gen/last');
  await watching.waitFor(/has something that does not come back as .*gen\/out\/file/);
  await watching.waitFor(/gen\/last came back/);
  expect(readdirSync(at('elsewhere'))).toEqual([]);
  expect(existsSync(at('gen/last'))).toBe(true);
});

test('what is wrong with it is told with its place', async () => {
  project.write(
    'stack.yaml',
    `services:\n  web:\n    image: busybox\n    x-stack:\n      sync_back:\n        - { path: app/lock, target: ./lock }\n        - { path: /app/lock }\n`,
  );
  const { code, output } = await project.run(['config', '--quiet']);
  expect(code).not.toBe(0);
  expect(output).toContain('stack.yaml:6:19');
  expect(output).toContain('a path of the container that begins with `/`');
  expect(output).toContain('has no `target`');
});

function at(file: string): string {
  return path.join(project.directory, file);
}

function read(file: string): string {
  return readFileSync(at(file), 'utf8');
}

async function inside(command: string): Promise<void> {
  expect((await project.run(['exec', '-T', 'web', 'sh', '-c', command])).code).toBe(0);
}
