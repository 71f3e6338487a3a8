import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { homeFolder } from '../docker/places.ts';
import { isFolder } from '../load/files.ts';
import { failure } from '../model/problem.ts';

/** What a screen hands to other programs of this machine, and to the terminal itself. */

type Variables = Readonly<Record<string, string | undefined>>;

/** Opens an address in the user's browser, or says it where there is none, e.g. behind ssh. Gives what is to be said. */
export async function openInBrowser(
  url: string,
  variables: Variables,
  platform: NodeJS.Platform,
): Promise<string> {
  if (!/^https?:\/\//.test(url))
    throw failure({ code: 'invalid-option', message: `${url} is not for browsers` });
  const opener = openerOn(variables, platform);
  if (opener === undefined) return `${url} (there is no browser here)`;
  const [command = '', ...args] = opener;
  const opening = ends(command, [...args, url], { stdio: 'ignore', detached: true });
  // Some stay as long as the browser that they have started; what is wrong is known soon.
  const isOpened = await Promise.race([opening, sleep(3000, true, { ref: false })]);
  return isOpened ? `opened ${url}` : `${url} (${command} could not open it)`;
}

/** The browser at the other end of ssh is not the one of this machine; without a display there is none. */
function openerOn(variables: Variables, platform: NodeJS.Platform): readonly string[] | undefined {
  const { SSH_CONNECTION = '', SSH_TTY = '', DISPLAY = '', WAYLAND_DISPLAY = '' } = variables;
  if (SSH_CONNECTION !== '' || SSH_TTY !== '') return undefined;
  if (platform === 'darwin') return ['open'];
  // What `start` takes for a title comes first, and & means something to it.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return DISPLAY === '' && WAYLAND_DISPLAY === '' ? undefined : ['xdg-open'];
}

/** Bytes of text that terminals take with OSC 52; longer ones are dropped without a word. */
const longestCopy = 74_000;

/** The sequence by which a terminal puts text on the clipboard, also through ssh. Throws `invalid-option` if it is too long. */
export function copySequence(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length > longestCopy) {
    throw failure({
      code: 'invalid-option',
      message: 'that is more than terminals put on the clipboard',
      hint: 'filter it, or save it to a file',
    });
  }
  return `\u001b]52;c;${bytes.toString('base64')}\u0007`;
}

/** Writes text to a file that is not there yet: where there is one, another name is taken. Gives the path it was written to. */
export async function saveText(wanted: string, text: string, directory: string): Promise<string> {
  const home = wanted.replace(/^~(?=\/|$)/, homeFolder());
  const { dir, name, ext } = path.parse(path.resolve(directory, home));
  for (let number = 1; ; number++) {
    const file = path.join(dir, number === 1 ? `${name}${ext}` : `${name}-${number}${ext}`);
    try {
      await writeFile(file, text, { flag: 'wx' });
      return file;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') {
        if (!isFolder(file)) continue;
        throw failure({
          code: 'invalid-option',
          message: `${wanted} is a folder`,
          hint: `name a file in it: ${path.join(wanted, 'stack.log')}`,
        });
      }
      throw failure({
        code: 'invalid-option',
        message: `${wanted} cannot be written`,
        ...(code === 'ENOENT' ? { hint: `create the folder ${dir} first` } : { cause: message }),
      });
    }
  }
}

/**
 * Shows text in the user's editor, else in their pager, from a file that no one else can read and that is removed again.
 * The signal ends the editor: whoever wants all to end waits for it no longer than a moment.
 */
export async function editText(text: string, variables: Variables, signal: AbortSignal): Promise<void> {
  const { VISUAL, EDITOR, PAGER } = variables;
  const program = VISUAL || EDITOR || PAGER || 'vi';
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stack-'));
  const file = path.join(folder, 'logs.txt');
  try {
    await writeFile(file, text, { mode: 0o600 });
    // As git does it: what the variable says is for a shell, and may have options. The shell becomes the editor, so that
    // the signal ends that, and not only who waits for it; `env` takes variables that stand before it.
    const shown = { stdio: 'inherit', signal } as const;
    const isFine = await ends('sh', ['-c', `exec env ${program} "$1"`, program, file], shown);
    if (isFine || signal.aborted) return;
    throw failure({
      code: 'command-not-found',
      message: `${program} could not show it`,
      hint: 'let EDITOR name a program that is installed',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program that is told to end has so long, in milliseconds, to leave the terminal as it was. */
const timeToLeave = 1000;

/** Whether a program could be started and ended well; one that is ended by the signal of the options did not. */
function ends(command: string, args: readonly string[], options: SpawnOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    child.on('error', () => {
      if (child.pid === undefined) resolve(false);
      else setTimeout(resolve, timeToLeave, false).unref();
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}
