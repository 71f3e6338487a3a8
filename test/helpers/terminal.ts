import { spawn } from '@lydell/node-pty';
import { SerializeAddon } from '@xterm/addon-serialize';
import xterm, { type Terminal as Emulator, type IBuffer } from '@xterm/headless';

export interface OpenTerminalOptions {
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to the environment of the test; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly columns?: number;
  readonly rows?: number;
  /** How many rows that have scrolled away are kept; absent: more than a test writes. */
  readonly scrollback?: number;
  /** Gets all the program writes, of which `raw` then keeps nothing. */
  readonly onOutput?: (data: string) => void;
}

interface Exit {
  readonly code: number;
  readonly signal: number;
}

/** A program in a real pseudo-terminal, and what a person in front of it would see. */
export interface Terminal {
  /** The visible rows from top to bottom, without trailing blanks. */
  screen(): string[];
  /** All rows, those that have scrolled out of sight first; long lines are rows as the terminal broke them. */
  scrollback(): string[];
  /** Like `scrollback`, with broken lines put together again. */
  lines(): string[];
  /** All the program has written, with escape codes. */
  raw(): string;
  /** Resolves with the screen once it fits; looked at again after each piece of output. A minute is enough where nothing else is said. */
  waitFor(wanted: RegExp | ((screen: readonly string[]) => boolean), timeoutMs?: number): Promise<string[]>;
  /** Resolves once nothing has been written for so many milliseconds. */
  silence(milliseconds: number): Promise<void>;
  type(text: string): void;
  resize(columns: number, rows: number): Promise<void>;
  isCursorVisible(): boolean;
  /** The screen as text with escape codes for its colours. */
  serialize(): string;
  readonly emulator: Emulator;
  readonly pid: number;
  readonly exit: Promise<Exit>;
  /** Ends the program if it still runs. */
  dispose(): void;
}

/** Starts a program in a terminal of its own. */
export function openTerminal(options: OpenTerminalOptions): Terminal {
  const { command, args = [], cwd = process.cwd(), columns = 80, rows = 24, scrollback = 100_000 } = options;
  const emulator = new xterm.Terminal({ cols: columns, rows, scrollback, allowProposedApi: true });
  const serializer = new SerializeAddon();
  emulator.loadAddon(serializer);
  const pty = spawn(command, [...args], {
    // The variable TERM becomes this.
    name: options.env?.TERM ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd,
    env: environment(options.env),
  });

  let raw = '';
  let cursorVisible = true;
  let unparsed = 0;
  const waiting = new Set<() => void>();
  const recheck = (): void => {
    for (const check of waiting) check();
  };
  const keep = (data: string): void => {
    raw += data;
  };
  const feed = (data: string): void => {
    (options.onOutput ?? keep)(data);
    unparsed += 1;
    emulator.write(data, () => {
      unparsed -= 1;
      recheck();
    });
  };
  // The program may ask the terminal something, e.g. where the cursor is.
  emulator.onData((answer) => pty.write(answer));
  for (const [final, visible] of [
    ['h', true],
    ['l', false],
  ] as const) {
    emulator.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
      if (params.includes(25)) cursorVisible = visible;
      return false;
    });
  }
  pty.onData(feed);

  let ended = false;
  const exit = new Promise<Exit>((resolve) => {
    pty.onExit(({ exitCode, signal = 0 }) => {
      ended = true;
      // What was written last is parsed first.
      emulator.write('', () => {
        recheck();
        resolve({ code: exitCode, signal });
      });
    });
  });

  const screen = (): string[] => rowsOf(emulator.buffer.active, emulator.buffer.active.baseY, emulator.rows);

  return {
    screen,
    scrollback: () => rowsOf(emulator.buffer.active, 0, emulator.buffer.active.length),
    lines: () => linesOf(emulator.buffer.active),
    raw: () => raw,
    waitFor(wanted, timeoutMs = 60_000) {
      const fits = (rows: readonly string[]): boolean =>
        typeof wanted === 'function' ? wanted(rows) : wanted.test(rows.join('\n'));
      return new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(timer);
          waiting.delete(check);
          act();
        };
        const check = (): void => {
          const rows = screen();
          if (unparsed === 0 && fits(rows)) settle(() => resolve(rows));
          else if (ended && unparsed === 0)
            settle(() => reject(complaint('the program ended', wanted, rows)));
        };
        const timer = setTimeout(
          () => settle(() => reject(complaint(`${timeoutMs} ms went by`, wanted, screen()))),
          timeoutMs,
        );
        waiting.add(check);
        check();
      });
    },
    async silence(milliseconds) {
      for (let written = -1; written !== raw.length; ) {
        written = raw.length;
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
      }
    },
    type: (text) => pty.write(text),
    resize: (newColumns, newRows) =>
      // Like a real terminal: what was written for the old size is shown before the new one counts.
      new Promise((resolve) => {
        emulator.write('', () => {
          emulator.resize(newColumns, newRows);
          if (!ended) pty.resize(newColumns, newRows);
          resolve();
        });
      }),
    isCursorVisible: () => cursorVisible,
    serialize: () => serializer.serialize(),
    emulator,
    pid: pty.pid,
    exit,
    dispose() {
      if (!ended) pty.kill('SIGKILL');
      emulator.dispose();
    },
  };
}

function environment(changes: OpenTerminalOptions['env'] = {}): Record<string, string> {
  const all = { ...process.env, LANG: 'C.UTF-8', ...changes };
  // What test runners and build machines set would make the program think that nobody looks.
  const hidden = new Set([
    'CI',
    'CONTINUOUS_INTEGRATION',
    'GITHUB_ACTIONS',
    'NO_COLOR',
    'FORCE_COLOR',
    'VITEST',
  ]);
  const kept = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (name in changes || !hidden.has(name)),
  );
  return Object.fromEntries(kept.map(([name, value]): [string, string] => [name, value ?? '']));
}

function rowsOf(buffer: IBuffer, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, row) => buffer.getLine(from + row)?.translateToString(true) ?? '');
}

function linesOf(buffer: IBuffer): string[] {
  const lines: string[] = [];
  for (let row = 0; row < buffer.length; row += 1) {
    const line = buffer.getLine(row);
    const text = line?.translateToString(!buffer.getLine(row + 1)?.isWrapped) ?? '';
    if (line?.isWrapped && lines.length > 0) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
  }
  return lines;
}

function complaint(why: string, wanted: unknown, screen: readonly string[]): Error {
  const rows = screen.map((row) => `  | ${row}`).join('\n');
  return new Error(`${why} before the screen was as wanted: ${String(wanted)}\n${rows}`);
}
