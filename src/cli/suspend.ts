import type { Lend } from '../terminal/desk.ts';

/** Longer than it takes a signal to arrive. */
const patience = 100;

/** Stops this program and those it runs with, as Ctrl-Z does where the terminal takes it; resolves when it goes on. */
export async function suspendProcess(): Promise<void> {
  const listeners = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      process.off('SIGCONT', goOn);
      clearTimeout(timer);
      resolve();
    };
    process.on('SIGCONT', goOn);
    // Where no shell waits that could let it go on, it is not stopped at all.
    const timer = setTimeout(goOn, patience);
    // To the whole group, as the terminal would: a shell waits for all of it.
    process.kill(0, 'SIGTSTP');
  });
  for (const listener of listeners) process.on('SIGTSTP', listener);
  // Of a terminal that changed its size meanwhile only those heard who were in the foreground.
  process.kill(process.pid, 'SIGWINCH');
}

/** From now on the terminal is given back before the program is stopped or breaks down. Returns what ends that. */
export function guardTerminal({ lend, restore }: { readonly lend: Lend; restore(): void }): () => void {
  const onStop = (): void => {
    void lend(suspendProcess);
  };
  process.on('SIGTSTP', onStop);
  // Before Node tells what broke down, so that it can be read.
  process.on('uncaughtExceptionMonitor', restore);
  return () => {
    process.off('SIGTSTP', onStop);
    process.off('uncaughtExceptionMonitor', restore);
  };
}
