import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles } from '../../src/files/watch.ts';

let folder: string;
let stop: AbortController;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'watch-')));
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true, force: true });
});

describe('watchFiles tells what editors save', () => {
  const saves: Record<string, (file: string) => void> = {
    'by writing': (file) => writeFileSync(file, 'new'),
    'by emptying and writing': (file) => {
      writeFileSync(file, '');
      appendFileSync(file, 'n');
      appendFileSync(file, 'ew');
    },
    'by renaming another file over it': (file) => {
      writeFileSync(`${file}.tmp123`, 'new');
      renameSync(`${file}.tmp123`, file);
    },
    'by deleting and creating it': (file) => {
      rmSync(file);
      writeFileSync(file, 'new');
    },
    'as vim with a backup does': (file) => {
      const swap = path.join(path.dirname(file), `.${path.basename(file)}.swp`);
      const probe = path.join(path.dirname(file), '4913');
      writeFileSync(swap, 'swap');
      writeFileSync(probe, '');
      rmSync(probe);
      renameSync(file, `${file}~`);
      writeFileSync(file, 'new');
      rmSync(`${file}~`);
      rmSync(swap);
    },
    'as JetBrains does': (file) => {
      writeFileSync(`${file}___jb_tmp___`, 'new');
      renameSync(file, `${file}___jb_old___`);
      renameSync(`${file}___jb_tmp___`, file);
      rmSync(`${file}___jb_old___`);
    },
  };

  for (const [how, save] of Object.entries(saves)) {
    it(how, async () => {
      const file = await write('src/main.js', 'old');
      const next = await begin();
      save(file);
      const paths = await next();
      // What is between two steps of a slow editor may be told as well, but nothing else than the file.
      expect(new Set(paths)).toEqual(new Set([file]));
      expect(await rest(next)).not.toContain(`${file}~`);
    });
  }
});

describe('watchFiles', () => {
  it('tells new, changed and deleted files and folders', async () => {
    const next = await begin();
    mkdirSync(at('a/b'), { recursive: true });
    writeFileSync(at('a/b/new'), '1');
    expect(await until(next, at('a/b/new'))).toEqual(expect.arrayContaining([at('a'), at('a/b')]));
    writeFileSync(at('a/b/new'), '2');
    expect(await next()).toEqual([at('a/b/new')]);
    rmSync(at('a'), { recursive: true });
    await until(next, at('a'));
    symlinkSync('nowhere', at('link'));
    expect(await next()).toEqual([at('link')]);
  });

  it('does not tell what was only touched or written again as it was', async () => {
    const file = await write('file', 'same');
    const next = await begin();
    writeFileSync(file, 'other');
    expect(await next()).toEqual([file]);
    writeFileSync(file, 'other');
    await chmod(file, 0o600);
    await utimes(file, 1, 1);
    expect(await rest(next)).toEqual([]);
    await chmod(file, 0o700);
    expect(await next()).toEqual([file]);
  });

  it('does not tell a file that came and went', async () => {
    const next = await begin();
    // In one process, so that both fall into one batch.
    execFileSync('sh', ['-c', 'echo x > brief; rm brief'], { cwd: folder });
    expect(await rest(next)).toEqual([]);
  });

  it('tells that a file is gone, even if it came back for a moment', async () => {
    const file = await write('file', 'x');
    const next = await begin();
    execFileSync('sh', ['-c', 'rm file; echo y > file; rm file'], { cwd: folder });
    expect(await next()).toEqual([file]);
  });

  it('compares large files by size and time', async () => {
    const file = await write('large', 'x'.repeat(2 * 1024 * 1024));
    const next = await begin();
    appendFileSync(file, 'y');
    expect(await next()).toContain(file);
    await rest(next);
    await chmod(file, 0o600);
    expect(await rest(next)).toEqual([]);
    appendFileSync(file, 'z');
    expect(await next()).toEqual([file]);
  });

  it('does not enter what is ignored, and asks for folders too', async () => {
    await write('node_modules/p/deep/index.js', '');
    await write('src/main.js', '');
    const asked = new Set<string>();
    const ignored = (file: string): boolean => {
      asked.add(file);
      return file === at('node_modules');
    };
    const next = await begin([folder], ignored);
    writeFileSync(at('node_modules/p/deep/index.js'), 'new');
    writeFileSync(at('src/main.js'), 'new');
    expect(await next()).toEqual([at('src/main.js')]);
    expect([...asked].filter((file) => file.startsWith(at('node_modules/')))).toEqual([]);
    expect(asked).toContain(at('node_modules'));
  });

  it('tells what one folder leaves out when another was asked for with it', async () => {
    await mkdir(at('.idea/app'), { recursive: true });
    const next = await begin([folder, at('.idea/app')]);
    writeFileSync(at('.idea/other'), '');
    writeFileSync(at('.idea/app/file'), '');
    expect(await next()).toEqual([at('.idea/app/file')]);
  });

  it('waits for folders that do not exist yet, and for those that come back', async () => {
    const next = await begin([at('later/app')]);
    mkdirSync(at('later/app'), { recursive: true });
    await until(next, at('later/app'));
    writeFileSync(at('later/app/file'), '1');
    await until(next, at('later/app/file'));
    rmSync(at('later'), { recursive: true });
    await until(next, at('later/app'));
    mkdirSync(at('later/app'), { recursive: true });
    await until(next, at('later/app'));
    writeFileSync(at('later/app/again'), '1');
    await until(next, at('later/app/again'));
  });

  it('tells paths as they were asked for when a folder is reached by a link', async () => {
    await write('real/file', 'x');
    await symlink('real', at('alias'));
    const next = await begin([at('alias')], (file) => file === at('alias/ignored'));
    writeFileSync(at('real/ignored'), '');
    writeFileSync(at('real/file'), 'y');
    expect(await next()).toEqual([at('alias/file')]);
  });

  it('loses nothing of a change of branch, and does not tell it file by file', async () => {
    for (let n = 0; n < 20; n += 1) mkdirSync(at(`d${n}`));
    const next = await begin();
    for (let n = 0; n < 600; n += 1) writeFileSync(at(`d${n % 20}/f${n}`), `${n}`);
    const told = new Set<string>();
    let batches = 0;
    while (told.size < 600) {
      for (const file of await next()) told.add(file);
      batches += 1;
    }
    expect(batches).toBeLessThan(60);
  });

  it('tells a change of branch at once, however long git takes, and nothing of what git keeps', async () => {
    const git = (...words: readonly string[]): void => {
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...words], { cwd: folder });
    };
    git('init', '-q', '-b', 'one');
    for (let n = 0; n < 600; n += 1) {
      if (n < 20) mkdirSync(at(`d${n}`));
      writeFileSync(at(`d${n % 20}/f${n}`), 'one');
    }
    git('add', '.');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'two');
    for (let n = 0; n < 600; n += 1) writeFileSync(at(`d${n % 20}/f${n}`), `two ${n}`);
    git('commit', '-qam', 'two');
    const next = await begin();
    const changing = promisify(execFile)('git', ['checkout', '-q', 'one'], { cwd: folder });
    const told = new Set<string>();
    let count = 0;
    while (told.size < 600) {
      const batch = await next();
      for (const file of batch) told.add(file);
      count += 1;
    }
    await changing;
    expect(count).toBeLessThan(30);
    expect([...told].filter((file) => !/\/d\d+\/f\d+$/.test(file))).toEqual([]);
  });

  it('tells that a file can be executed now, also after it was read', async () => {
    const file = await write('run', 'x');
    const next = await begin();
    readFileSync(file);
    await chmod(file, 0o755);
    expect(await next()).toEqual([file]);
    readFileSync(file);
    await chmod(file, 0o644);
    expect(await next()).toEqual([file]);
  });

  it('looks into a folder that has taken the place of a file at once', async () => {
    await write('thing', 'x');
    const next = await begin();
    execFileSync('sh', ['-c', 'rm thing; mkdir thing; echo 1 > thing/early; mkdir thing/deep'], {
      cwd: folder,
    });
    await until(next, at('thing/early'));
    writeFileSync(at('thing/early'), '2');
    await until(next, at('thing/early'));
    writeFileSync(at('thing/deep/late'), '1');
    await until(next, at('thing/deep/late'));
    await chmod(at('thing/deep'), 0o700);
    expect(await rest(next)).toEqual([]);
  });

  it('tells what has gone with a folder that another one has taken the place of', async () => {
    await write('thing/old', 'x');
    await mkdir(at('other'));
    const next = await begin();
    execFileSync('sh', ['-c', 'rm -r thing; mkdir thing; echo 1 > thing/new'], { cwd: folder });
    const told = await until(next, at('thing/new'));
    if (!told.includes(at('thing/old'))) await until(next, at('thing/old'));
    writeFileSync(at('thing/new'), '2');
    await until(next, at('thing/new'));
  });

  it('does not lose the last of many saves', async () => {
    const file = await write('src/main.js', 'old');
    const next = await begin();
    const saves = 100;
    const saving = (async () => {
      for (let n = 1; n <= saves; n += 1) {
        writeFileSync(file, `${n}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    for (let seen = ''; seen !== `${saves}`; seen = readFileSync(file, 'utf8'))
      expect(await next()).toEqual([file]);
    await saving;
  });

  it('tells a folder that is deleted and made again with all that is in it', async () => {
    await write('src/a', '1');
    await write('src/deep/b', '1');
    const next = await begin();
    rmSync(at('src'), { recursive: true });
    mkdirSync(at('src/deep'), { recursive: true });
    writeFileSync(at('src/deep/b'), '2');
    const told = await until(next, at('src/deep/b'));
    if (!told.includes(at('src/a'))) await until(next, at('src/a'));
    writeFileSync(at('src/deep/b'), '3');
    await until(next, at('src/deep/b'));
  });

  it('goes on watching where another folder, with one of the same name in it, has taken the place of one', async () => {
    await mkdir(at('ä/ä'), { recursive: true });
    await mkdir(at('other/ä'), { recursive: true });
    const next = await begin();
    for (const replace of [
      () => mkdirSync(at('ä/ä'), { recursive: true }),
      () => renameSync(at('other'), at('ä')),
    ]) {
      rmSync(at('ä'), { recursive: true });
      replace();
      await rest(next);
      for (const text of ['1', '2']) {
        writeFileSync(at('ä/c d'), text);
        await until(next, at('ä/c d'));
        writeFileSync(at('ä/ä/file'), text);
        await until(next, at('ä/ä/file'));
      }
    }
  });

  it('goes on watching where the folder it was asked for is made again at once', async () => {
    await mkdir(at('src/src'), { recursive: true });
    const next = await begin([at('src')]);
    rmSync(at('src'), { recursive: true });
    mkdirSync(at('src/src'), { recursive: true });
    for (const text of ['1', '2', '3']) {
      writeFileSync(at('src/file'), text);
      await until(next, at('src/file'));
    }
  });

  it('tells nothing else of a folder when what has the same name in it is saved', async () => {
    const file = await write('src/src', 'old');
    await write('src/other', 'old');
    const next = await begin();
    writeFileSync(at('src/new'), 'new');
    renameSync(at('src/new'), file);
    expect([...(await next()), ...(await rest(next))]).toEqual([file]);
  });

  it('ends when the signal is aborted, also before it has begun', async () => {
    const request = { folders: [folder], ignored: () => false };
    const batches = watchFiles(request, () => stop.abort(), stop.signal)[Symbol.asyncIterator]();
    expect(await batches.next()).toEqual({ done: true, value: undefined });
    const late = watchFiles(request, () => expect.unreachable(), stop.signal)[Symbol.asyncIterator]();
    expect(await late.next()).toEqual({ done: true, value: undefined });
  });

  it('says what to do when the system has no watches left', async (context) => {
    for (const name of ['a', 'b', 'c', 'd']) await mkdir(at(name));
    // The limit is lowered in a user namespace of its own.
    const script = `
      import { watchFiles } from ${JSON.stringify(path.resolve('src/files/watch.ts'))};
      const request = { folders: [${JSON.stringify(folder)}], ignored: () => false };
      try {
        for await (const batch of watchFiles(request, () => undefined, AbortSignal.timeout(10_000))) void batch;
      } catch (error) {
        process.stdout.write(JSON.stringify(error.problems));
      }`;
    const limit = 'echo 2 > /proc/sys/user/max_inotify_watches || exit 77; exec "$@"';
    const child = spawnSync(
      'unshare',
      ['-Ur', 'sh', '-c', limit, 'sh', process.execPath, '--input-type=module-typescript', '-e', script],
      { encoding: 'utf8' },
    );
    if (child.error !== undefined || child.stdout === '') return context.skip('no user namespaces here');
    expect(JSON.parse(child.stdout)).toMatchObject([
      {
        code: 'watch-failed',
        hint: expect.stringContaining('fs.inotify.max_user_watches'),
        cause: expect.stringContaining('ENOSPC'),
      },
    ]);
  });
});

function at(name: string): string {
  return path.join(folder, name);
}

async function write(name: string, text: string): Promise<string> {
  await mkdir(path.dirname(at(name)), { recursive: true });
  await writeFile(at(name), text);
  return at(name);
}

type Next = () => Promise<readonly string[]>;

/** Resolves once the folders are watched; the result waits for the next batch. */
async function begin(folders = [folder], ignored: (file: string) => boolean = () => false): Promise<Next> {
  let first: Promise<readonly string[]> | undefined;
  const next: Next = async () => {
    const { value, done } = await batches.next();
    if (done === true) throw new Error('there is no further batch');
    return value.paths;
  };
  const ready = new Promise<void>((resolve) => {
    batches = watchFiles({ folders, ignored }, resolve, stop.signal)[Symbol.asyncIterator]();
    // Watching begins with the first read.
    first = next();
    first.catch(() => undefined);
  });
  await ready;
  return () => {
    const batch = first ?? next();
    first = undefined;
    return batch;
  };
}

let batches: AsyncIterator<{ readonly paths: readonly string[] }>;

/** All paths up to the batch that has this one. */
async function until(next: Next, file: string): Promise<string[]> {
  const seen: string[] = [];
  while (!seen.includes(file)) seen.push(...(await next()));
  return seen;
}

/** What else is told before a new file is: a way to see that something is not. */
async function rest(next: Next): Promise<string[]> {
  // Later than the longest batch, so that it cannot be told together with what must not be told.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const marker = at(`marker-${performance.now()}`);
  writeFileSync(marker, '');
  return (await until(next, marker)).filter((file) => file !== marker);
}
