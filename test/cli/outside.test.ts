import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { copySequence, editText, openInBrowser, saveText } from '../../src/cli/outside.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const patiently = { timeout: 30_000 };
const never = new AbortController().signal;

test('saving never writes over a file: it takes another name and says which', async () => {
  expect(await saveText('web.log', 'one', folder)).toBe(path.join(folder, 'web.log'));
  expect(await saveText('web.log', 'two', folder)).toBe(path.join(folder, 'web-2.log'));
  expect(await saveText(path.join(folder, 'web.log'), 'three', '/')).toBe(path.join(folder, 'web-3.log'));
  expect(readFileSync(path.join(folder, 'web.log'), 'utf8')).toBe('one');
  expect(readFileSync(path.join(folder, 'web-2.log'), 'utf8')).toBe('two');
  await expect(saveText(`${folder}/`, 'x', '/')).rejects.toThrow('is a folder');
  expect(existsSync(`${folder}-2`)).toBe(false);
  await expect(saveText('no/such/web.log', 'x', folder)).rejects.toMatchObject({
    problems: [{ hint: `create the folder ${path.join(folder, 'no/such')} first` }],
  });
});

test('an editor gets a file that no one else can read and that is gone afterwards', async () => {
  const editor = path.join(folder, 'editor');
  const seen = path.join(folder, 'seen');
  writeFileSync(
    editor,
    `#!/bin/sh\n{ echo "$1"; echo "$2"; stat -c %a "$2"; stat -c %a "$(dirname "$2")"; cat "$2"; } > ${seen}\n`,
  );
  chmodSync(editor, 0o755);
  await editText('what was written\n', { EDITOR: `${editor} --wait` }, never);
  const [option, file = '', mode, modeOfFolder, text] = readFileSync(seen, 'utf8').split('\n');
  expect([option, mode, modeOfFolder, text]).toEqual(['--wait', '600', '700', 'what was written']);
  expect(existsSync(file)).toBe(false);
  expect(existsSync(path.dirname(file))).toBe(false);
});

test('VISUAL comes before EDITOR, and PAGER after both; one that fails is told', async () => {
  await editText('x', { VISUAL: 'true', EDITOR: 'false', PAGER: 'false' }, never);
  await editText('x', { EDITOR: 'true', PAGER: 'false' }, never);
  await editText('x', { PAGER: 'true' }, never);
  await expect(editText('x', { EDITOR: 'false' }, never)).rejects.toThrow('false could not show it');
});

test('the clipboard is the terminal’s, up to what terminals take', () => {
  expect(copySequence('hällo')).toBe(`\u001b]52;c;${Buffer.from('hällo').toString('base64')}\u0007`);
  expect(() => copySequence('x'.repeat(100_000))).toThrow('more than terminals put on the clipboard');
});

test('an address is opened by the browser of this machine, or said', async () => {
  const url = 'http://localhost:8080';
  const said = `${url} (there is no browser here)`;
  expect(await openInBrowser(url, {}, 'linux')).toBe(said);
  expect(await openInBrowser(url, { DISPLAY: ':0', SSH_CONNECTION: '1 2 3 4' }, 'linux')).toBe(said);
  await expect(openInBrowser('file:///etc/passwd', { DISPLAY: ':0' }, 'linux')).rejects.toThrow(
    'not for browsers',
  );
  // What opens it is found by the path of this process.
  const opener = path.join(folder, 'xdg-open');
  const asked = path.join(folder, 'asked');
  writeFileSync(opener, `#!/bin/sh\necho "$@" > ${asked}\n`, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    expect(await openInBrowser(url, { DISPLAY: ':0' }, 'linux')).toBe(`opened ${url}`);
    expect(readFileSync(asked, 'utf8')).toBe(`${url}\n`);
    writeFileSync(opener, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    expect(await openInBrowser(url, { DISPLAY: ':0' }, 'linux')).toBe(`${url} (xdg-open could not open it)`);
  } finally {
    process.env.PATH = before;
  }
});

test('an editor is ended with the program, and then nothing is wrong', async () => {
  const ending = new AbortController();
  const editor = path.join(folder, 'slow editor');
  const started = path.join(folder, 'started');
  const left = path.join(folder, 'left');
  writeFileSync(
    editor,
    `#!/bin/sh\ntrap 'kill $!; echo > ${left}; exit' TERM\necho $$ $KIND > ${started}\nsleep 600 &\nwait\n`,
    { mode: 0o755 },
  );
  const editing = editText('x', { EDITOR: `KIND=slow "${editor}" --wait` }, ending.signal);
  const [pid, kind] = await vi.waitFor(() => {
    const words = readFileSync(started, 'utf8').trim().split(' ');
    expect(words).toHaveLength(2);
    return words;
  }, patiently);
  expect(kind).toBe('slow');
  ending.abort();
  await editing;
  // It had the time to leave the terminal as it was.
  expect(existsSync(left)).toBe(true);
  await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), patiently);
});
