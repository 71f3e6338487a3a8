import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type OpenTerminalOptions, openTerminal, type Terminal } from '../helpers/terminal.ts';
import type { PlayOptions } from './play-options.ts';

const root = join(import.meta.dirname, '..', '..');

export interface Player {
  /** Opens a terminal that plays a recording. */
  play(options: PlayOptions, terminal?: Partial<OpenTerminalOptions>): Terminal;
  /** The command line of the same, for a shell. */
  commandLine(options: PlayOptions): string;
  /** Opens a terminal that runs a shell script. */
  shell(script: string): Terminal;
  /** Opens a terminal with a shell that a person types into. */
  interactiveShell(): Terminal;
  dispose(): void;
}

/** Makes `play.ts` a program: Node runs no JSX, and what Ink needs is found from within `node_modules` alone. */
export async function createPlayer(): Promise<Player> {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'play-'));
  const program = join(folder, 'play.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'play.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node22',
    jsx: 'automatic',
    logLevel: 'silent',
  });
  const opened: Terminal[] = [];
  const open = (options: OpenTerminalOptions): Terminal => {
    const terminal = openTerminal(options);
    opened.push(terminal);
    return terminal;
  };
  return {
    play: (options, terminal = {}) =>
      open({ command: process.execPath, args: [program, JSON.stringify(options)], ...terminal }),
    commandLine: (options) => `'${process.execPath}' '${program}' '${JSON.stringify(options)}'`,
    shell: (script) => open({ command: 'sh', args: ['-c', script] }),
    interactiveShell: () =>
      open({
        command: 'bash',
        args: ['--norc', '--noprofile', '-i'],
        env: { PS1: '$ ' },
        columns: 120,
        rows: 30,
      }),
    dispose() {
      for (const terminal of opened) terminal.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
