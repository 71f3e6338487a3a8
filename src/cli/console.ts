import type { Console, OpenConsole } from '../model/streams.ts';

/** The terminal, or whatever stands in its place, of this process. */
export const processConsole: Console = {
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
  open({ raw, input }): OpenConsole {
    const { stdin, stdout } = process;
    const listeners: (() => void)[] = [];
    const restore = (): void => {
      stdin.setRawMode(false);
    };
    const isRaw = raw && input && stdin.isTTY === true;
    if (isRaw) {
      stdin.setRawMode(true);
      process.on('exit', restore);
    }
    return {
      ...(input ? { input: stdin } : {}),
      ...(raw && stdout.isTTY === true
        ? { size: () => ({ rows: stdout.rows, columns: stdout.columns }) }
        : {}),
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
