import type { Event } from '../model/event.ts';
import { failure } from '../model/problem.ts';
import type { PrintableOutput } from '../model/runtime.ts';
import { composeHead, composeReporter } from '../report/compose.ts';
import { composeWords } from '../report/compose-problems.ts';
import type { NarrateOptions } from '../report/narrate/notice.ts';
import { plainHead, plainReporter } from '../report/plain.ts';
import { type Head, withHeads } from '../report/prefix.ts';
import { isBad } from '../report/state.ts';
import { createStore } from '../report/store.ts';
import { formatSummary } from '../report/summary.ts';
import { leftOf } from '../terminal/inline/left.ts';
import type { DashboardOptions, Ui } from '../terminal/start.tsx';
import { tellEvents } from './events.ts';
import { sameStack } from './farewell.ts';
import type { GlobalOptions } from './program.ts';
import { isSwitchedOn } from './read-options.ts';
import type { Session } from './session.ts';
import { settingsInUse } from './settings.ts';
import { guardTerminal, suspendProcess } from './suspend.ts';
import { isUnattended, tellPeople, wantsColour } from './tell.ts';

/** Where events become visible. */
export interface Screen {
  readonly listener: (event: Event) => void;
  /** Shows what needs no second look, in turn with what is told; absent: all has to be told. */
  readonly print?: (output: PrintableOutput) => void;
  /** Whether a person looks on and can type. */
  readonly interactive: boolean;
  /** Which of the screens for people is shown now, if any is. */
  shown(): Ui | undefined;
  /** Leaves the terminal as it was. */
  stop(): Promise<void>;
}

/** What a command wants of the screen that it shows to people. */
export interface ScreenWishes extends Pick<DashboardOptions, 'desk' | 'interruptStops' | 'opensOn'> {
  /** False: there is nothing to leave. */
  readonly canDetach?: boolean;
  /** The project, where the words of the command do not say it. */
  readonly project?: string | undefined;
  /** What is opened if no option says anything else; absent: what the user's configuration says. */
  readonly ui?: Ui;
}

/**
 * JSON lines if asked for, a live display where a person looks and can type, else plain lines. Throws `invalid-option` if
 * a display is asked for where none can be.
 */
export async function openScreen(
  globals: GlobalOptions,
  session: Session,
  { canDetach = true, ui, project, ...wishes }: ScreenWishes = {},
): Promise<Screen> {
  if (globals.json === true || !isInteractive(globals))
    return plainScreen(globals, { summary: true, attached: true, project });
  const { startDashboard } = await import('../terminal/start.tsx');
  const dashboard = await startDashboard({
    stdout: process.stdout,
    stdin: process.stdin,
    ...narration(globals, process.stdout, project),
    onInterrupt: session.interrupt,
    ...(canDetach ? { onDetach: session.leave } : {}),
    suspend: suspendProcess,
    ui: globals.ui ?? ui ?? globals.config.ui ?? 'inline',
    keys: globals.config.keys,
    ...wishes,
  });
  const unguard = guardTerminal(dashboard);
  return {
    listener: dashboard.listener,
    interactive: true,
    shown: dashboard.shown,
    async stop() {
      await dashboard.stop();
      unguard();
    },
  };
}

/**
 * The live display of a command that may have nothing to do: it is opened once something is being done, or once that takes long
 * enough to be wondered about. A command that is over by then leaves the same without it.
 */
export function openScreenLate(globals: GlobalOptions, session: Session, wishes: ScreenWishes): Screen {
  const early: Event[] = [];
  let screen: Screen | undefined;
  let opening: Promise<Screen> | undefined;
  const open = (): void => {
    opening ??= openScreen(globals, session, wishes).then((opened) => {
      screen = opened;
      early.forEach(opened.listener);
      return opened;
    });
    // What could not be shown is left at the end.
    opening.catch(() => {});
  };
  const timer = setTimeout(open, wonderedAbout);
  return {
    interactive: true,
    listener(event) {
      if (screen !== undefined) {
        screen.listener(event);
        return;
      }
      early.push(event);
      if (event.type === 'step-started') open();
    },
    shown: () => screen?.shown(),
    async stop() {
      clearTimeout(timer);
      const opened = await opening?.catch(() => undefined);
      if (opened !== undefined) {
        await opened.stop();
        return;
      }
      const columns = (): number => process.stdout.columns || 80;
      process.stdout.write(leftOf(early, { ...narration(globals, process.stdout, wishes.project), columns }));
    },
  };
}

/** How long nothing has to be seen of a command, in milliseconds. */
const wonderedAbout = 200;

function narration(
  globals: GlobalOptions,
  stream: NodeJS.WriteStream,
  project: string | undefined,
): NarrateOptions {
  return {
    colour: wantsColour(stream, globals),
    ascii: globals.ascii,
    directory: process.cwd(),
    again: sameStack(globals, project),
  };
}

/** What a command does to containers, a line each, where it does not mix with data. */
export function progressScreen(globals: GlobalOptions): Screen {
  if (settingsInUse().rehearse !== undefined && globals.asCompose && globals.json !== true)
    return rehearsalScreen(globals);
  return plainScreen(globals, {
    stream: isSwitchedOn('COMPOSE_STATUS_STDOUT') ? process.stdout : process.stderr,
  });
}

/**
 * One line for each thing that happened; with `summary`, for the command that follows what it starts, if something failed
 * the state of all services at the end; `attached`: it stays with them. In the place of Docker Compose, what happens is told
 * apart from what services write.
 */
export function plainScreen(
  globals: GlobalOptions,
  {
    logPrefix = true,
    summary = false,
    attached = false,
    stream = process.stdout as NodeJS.WriteStream,
    project = undefined as string | undefined,
  } = {},
): Screen {
  // For programs that read it JSON is the data itself.
  if (globals.json === true) return still(tellEvents());
  if (globals.asCompose || globals.progress === 'json')
    return composeScreen(globals, { logPrefix, split: summary, attached });
  const options = {
    ...narration(globals, stream, project),
    echoes: stream.isTTY === true && process.stdin.isTTY === true,
  };
  const write = (text: string): void => {
    stream.write(text);
  };
  const head: Head = logPrefix ? plainHead(options) : () => '';
  const print = (output: PrintableOutput): void => {
    stream.write(withHeads(output.bytes, head(output, [])));
  };
  if (globals.progress === 'quiet') {
    const report = plainReporter({ ...options, write: () => {}, writeOutput: write, head });
    return { ...still(withProblems(report, globals)), print };
  }
  const report = plainReporter({ ...options, write, head });
  if (!summary) return { ...still(report), print };
  const store = createStore();
  return {
    ...still(report),
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

/** Tells a plan in the words of Docker Compose as if it were carried out. */
export function rehearsalScreen(globals: GlobalOptions): Screen {
  const { listener } = composeScreen(globals, {
    logPrefix: true,
    split: false,
    attached: false,
    mark: ' DRY-RUN MODE - ',
  });
  return still((event) => {
    listener(event);
    if (event.type !== 'plan-made') return;
    for (const { id } of event.steps) {
      listener({ type: 'step-started', id, at: event.at });
      listener({ type: 'step-finished', id, milliseconds: 0, at: event.at });
    }
  });
}

/** What services write to stderr goes there only if asked; `mark` stands before all that is told. */
function composeScreen(
  globals: GlobalOptions,
  {
    logPrefix,
    split,
    attached,
    mark = '',
  }: {
    readonly logPrefix: boolean;
    readonly split: boolean;
    readonly attached: boolean;
    readonly mark?: string;
  },
): Screen {
  const { progress } = globals;
  const stream = isSwitchedOn('COMPOSE_STATUS_STDOUT') ? process.stdout : process.stderr;
  const head: Head = logPrefix ? composeHead() : () => '';
  const print = (output: PrintableOutput): void => {
    process[split ? output.stream : 'stdout'].write(withHeads(output.bytes, head(output, [])));
  };
  const screen = still(
    composeReporter({
      tell: (text) => {
        if (progress !== 'quiet' && text !== '') stream.write(`${mark}${text}`);
      },
      write: (from, text) => {
        process[split ? from : 'stdout'].write(text);
      },
      json: progress === 'json',
      colour: wantsColour(process.stdout, globals),
      head,
      attached,
      complain: (problem, about) => tellPeople([problem], globals, about),
      statusOf: (problem) => composeWords(problem, { directory: process.cwd() })?.split('\n', 1)[0],
    }),
  );
  return { ...screen, print };
}

/** Also what went wrong, once each, on stderr. */
function withProblems(report: (event: Event) => void, globals: GlobalOptions): (event: Event) => void {
  const told = new Set<string>();
  return (event) => {
    report(event);
    if (event.type !== 'problem-found' && event.type !== 'step-failed') return;
    const text = JSON.stringify(event.problem);
    if (!told.has(text)) tellPeople([event.problem], globals);
    told.add(text);
  };
}

function still(listener: (event: Event) => void): Screen {
  return { listener, interactive: false, shown: () => undefined, stop: () => Promise.resolve() };
}

/** Whether someone looks and can type, and has not asked for something else. Throws for a screen that cannot be. */
export function isInteractive(globals: GlobalOptions): boolean {
  const { ansi, draws, asCompose, progress, ui } = globals;
  const { TERM } = process.env;
  const isTerminal = process.stdout.isTTY === true && process.stdin.isTTY === true && TERM !== 'dumb';
  if (ui !== undefined) {
    if (!isTerminal) throw withoutTerminal(ui);
    return true;
  }
  const mayDraw = asCompose ? ansi !== 'never' : draws;
  const isWanted = (progress === 'auto' || progress === 'tty') && mayDraw;
  return isWanted && isTerminal && !isUnattended(globals);
}

function withoutTerminal(ui: Ui) {
  return failure({
    code: 'invalid-option',
    message: `--ui ${ui} needs a terminal`,
    hint: 'write --ui plain: it says all that the screens say',
  });
}
