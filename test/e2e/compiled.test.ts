import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createProject, testLabel, underTest } from '../helpers/project.ts';

const project = createProject({ file: `services: {web: {image: busybox, labels: [${testLabel}=1]}}` });
afterAll(() => project.remove());

/** Runs a command whose code is kept in a folder of the project; gives what is kept afterwards, by its name. */
async function kept(
  folder: string,
  words: readonly string[],
  more: Record<string, string> = {},
  flags: readonly string[] = [],
) {
  const environment = {
    NODE_COMPILE_CACHE: '',
    XDG_CACHE_HOME: path.join(project.directory, folder),
    ...more,
  };
  const program = [...flags, path.resolve('bin/stack.js'), ...words];
  const { code, stdout } = await project.startOther(underTest, program, { environment }).finished;
  const top = path.join(project.directory, folder, 'stack/code');
  const files = readdirSync(project.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.startsWith(`${top}/`))
    .map((entry) => [entry.name, path.join(entry.parentPath, entry.name)] as const);
  return { code, stdout, files: Object.fromEntries(files) };
}

const services = ['config', '--services'];

test('what a command has compiled is kept, for its user only, and taken the next time', async () => {
  const first = await kept('own', services);
  expect(first).toMatchObject({ code: 0, stdout: 'web\n' });
  expect(Object.keys(first.files).toSorted()).toEqual(['config', 'config.load']);
  const { config = '' } = first.files;
  const { mtimeMs, mode } = statSync(config);
  expect(mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(config)).mode & 0o777).toBe(0o700);

  // Also where the command is not the first word; what is there is not written again.
  expect(await kept('own', ['-p', 'other', ...services])).toEqual(first);
  expect(statSync(config).mtimeMs).toBe(mtimeMs);
  const failed = await kept('own', ['config', '--no-such']);
  expect(failed.files).toEqual(first.files);
});

test('what reads stack files is not read where the stack is known again', async () => {
  await expect
    .poll(
      async () => {
        const { code, files } = await kept('known', ['ps', '--services']);
        expect(code).toBe(0);
        // It is kept again whenever it is read.
        for (const [name, file] of Object.entries(files)) if (name !== 'ps') rmSync(file);
        return Object.keys(files);
      },
      { timeout: 60_000 },
    )
    .toEqual(['ps']);
});

test('what is no code of this program is not run, and replaced', async () => {
  const { files } = await kept('spoiled', services);
  const { config = '' } = files;
  const whole = readFileSync(config);
  writeFileSync(config, 'no code');
  expect(await kept('spoiled', services)).toMatchObject({ code: 0, stdout: 'web\n' });
  expect(readFileSync(config).length).toBeGreaterThan(whole.length / 2);
});

test('what others may have written is not run', async () => {
  const { files } = await kept('shared', services);
  const { config = '' } = files;
  chmodSync(config, 0o666);
  const { ino } = statSync(config);
  expect(await kept('shared', services)).toMatchObject({ code: 0, stdout: 'web\n' });
  // It has made its own in the place of it.
  expect(statSync(config).ino).not.toBe(ino);
  expect(statSync(config).mode & 0o777).toBe(0o600);
});

test('where nothing can be kept, or is to be, all works as well', async () => {
  writeFileSync(path.join(project.directory, 'file'), '');
  expect(await kept('file', services)).toEqual({ code: 0, stdout: 'web\n', files: {} });
  const without = await kept('none', services, { NODE_DISABLE_COMPILE_CACHE: '1' });
  expect(without).toEqual({ code: 0, stdout: 'web\n', files: {} });
});

test('what ran only at the start is kept, too, however long the command took and whatever was kept before', async () => {
  const keep = async (folder: string, flags: readonly string[]) => {
    const { config = '' } = (await kept(folder, services, {}, flags)).files;
    return { config, size: statSync(config).size };
  };
  // As if each function had not run for long whenever room is made.
  const forgetful = ['--stress-flush-code', '--gc-global'];
  const { size } = await keep('fresh', []);
  const first = await keep('forgetful', forgetful);
  expect(first.size).toBeGreaterThan(0.9 * size);
  writeFileSync(first.config, 'no code');
  expect((await keep('forgetful', forgetful)).size).toBeGreaterThan(0.9 * size);
});

test('what is compiled under other flags is kept beside', async () => {
  const { files } = await kept('flags', services);
  const { config = '' } = files;
  const { ino, mtimeMs } = statSync(config);
  expect(await kept('flags', services, {}, ['--no-opt'])).toMatchObject({ code: 0, stdout: 'web\n' });
  expect(statSync(config)).toMatchObject({ ino, mtimeMs });
  expect(readdirSync(path.dirname(path.dirname(config)))).toHaveLength(2);
});

test('who only asks the engine waits for nothing of Node.js that is slow to load', async () => {
  const noted = path.join(project.directory, 'loaded');
  const note = path.join(project.directory, 'note.cjs');
  writeFileSync(
    note,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(noted)}, process.moduleLoadList.join('\\n')));`,
  );
  const loadedBy = async (...words: readonly string[]): Promise<readonly string[]> => {
    const environment = { NODE_OPTIONS: `--require ${JSON.stringify(note)}` };
    const { code, output } = await project.run(words, { environment });
    expect(code, output).toBe(0);
    const slow = new Set(['http', 'https', 'crypto', 'child_process', 'http2', 'fs/promises']);
    return readFileSync(noted, 'utf8')
      .split('\n')
      .map((name) => name.replace('NativeModule ', ''))
      .filter((name) => slow.has(name));
  };
  expect(await loadedBy('ps')).toEqual([]);
  // Where more is done, more is loaded, and the note has it.
  expect(await loadedBy('up', '-d', '--no-start')).toContain('http');
});
