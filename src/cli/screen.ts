import type { Event } from '../model/event.ts';
import { jsonReporter } from '../report/json.ts';
import { plainReporter } from '../report/plain.ts';
import { isBad } from '../report/state.ts';
import { createStore } from '../report/store.ts';
import { formatSummary } from '../report/summary.ts';
import type { GlobalOptions } from './program.ts';
import type { Session } from './session.ts';
import { wantsColour } from './tell.ts';

/** Where events become visible. */
export interface Screen {
  readonly listener: (event: Event) => void;
  /** Whether a person looks on and can type. */
  readonly interactive: boolean;
  /** Leaves the terminal as it was. */
  stop(): Promise<void>;
}

/** JSON lines if asked for, the live display where a person looks and can type, else plain lines. */
export async function openScreen(globals: GlobalOptions, session: Session): Promise<Screen> {
  if (globals.json === true) return plainScreen(globals);
  if (isInteractive()) {
    const { startDashboard } = await import('../terminal/start.tsx');
    const dashboard = await startDashboard({
      stdout: process.stdout,
      stdin: process.stdin,
      colour: wantsColour(process.stdout, globals),
      ascii: !speaksUnicode(),
      directory: process.cwd(),
      onInterrupt: session.interrupt,
      onDetach: session.leave,
    });
    return { ...dashboard, interactive: true };
  }
  return plainScreen(globals, { summary: true });
}

/** What a command does to containers, a line each, where it does not mix with data. */
export function progressScreen(globals: GlobalOptions): Screen {
  return plainScreen(globals, { stream: process.stderr });
}

/** One line for each thing that happened; with `summary`, if something failed, the state of all services at the end. */
export function plainScreen(
  globals: GlobalOptions,
  { logPrefix = true, summary = false, stream = process.stdout as NodeJS.WriteStream } = {},
): Screen {
  // For programs that read it JSON is the data itself.
  const target = globals.json === true ? process.stdout : stream;
  const write = (text: string): void => {
    target.write(text);
  };
  if (globals.json === true) return still(jsonReporter(write));
  const options = {
    colour: wantsColour(stream, globals),
    ascii: !speaksUnicode(),
    directory: process.cwd(),
  };
  const report = plainReporter({ ...options, write, logPrefix });
  if (!summary) return still(report);
  const store = createStore();
  return {
    interactive: false,
    listener: (event) => {
      store.dispatch(event);
      report(event);
    },
    stop: async () => {
      const view = store.getView();
      if (view.services.some(({ state }) => isBad(state)))
        write(formatSummary(view, { ...options, brief: true }));
    },
  };
}

function still(listener: (event: Event) => void): Screen {
  return { listener, interactive: false, stop: () => Promise.resolve() };
}

function isInteractive(): boolean {
  const { CI, TERM } = process.env;
  const inCi = CI !== undefined && CI !== '' && CI !== 'false';
  return process.stdout.isTTY === true && process.stdin.isTTY === true && TERM !== 'dumb' && !inCi;
}

/** A terminal in the C locale shows question marks for everything that is not ASCII. */
function speaksUnicode(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return locale === '' ? process.platform !== 'win32' : !/^(C|POSIX)$/i.test(locale);
}
