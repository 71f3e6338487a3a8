import { spawnSync } from 'node:child_process';
import type { OpenStreams, TerminalSize, UserStreams } from '../model/streams.ts';

/** The terminal, or whatever stands in its place, of this process. */
export const processStreams: UserStreams = {
  write(stream, bytes) {
    const target = process[stream];
    if (target.destroyed || target.write(bytes)) return Promise.resolve();
    return new Promise((resolve) => {
      // One that is closed takes no more, and nobody has to wait for it.
      const proceed = (): void => {
        target.off('drain', proceed).off('close', proceed);
        resolve();
      };
      target.on('drain', proceed).on('close', proceed);
    });
  },
  open({ raw, input }): OpenStreams {
    const { stdin, stdout } = process;
    const listeners: (() => void)[] = [];
    const restore = (): void => {
      stdin.setRawMode(false);
    };
    const isRaw = raw && input && stdin.isTTY === true;
    if (isRaw) {
      stdin.setRawMode(true);
      process.on('exit', restore);
      // Node leaves line ends to the terminal. They are made by the process already, which may also mean them otherwise.
      spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
    }
    return {
      ...(input ? { input: stdin } : {}),
      ...(raw && stdout.isTTY === true ? { size: sizeOfTerminal } : {}),
      onResize(listener) {
        listeners.push(listener);
        stdout.on('resize', listener);
      },
      close() {
        for (const listener of listeners) stdout.off('resize', listener);
        if (!isRaw) return;
        process.off('exit', restore);
        restore();
      },
    };
  },
};

function sizeOfTerminal(): TerminalSize {
  const { rows, columns } = process.stdout;
  return { rows, columns };
}

/** For what is made before it can be talked to; nothing where there is no terminal. */
export function firstSize(tty: boolean): { readonly size?: TerminalSize } {
  return tty && process.stdout.isTTY === true ? { size: sizeOfTerminal() } : {};
}
