import type { EngineOptions } from '../docker/endpoint.ts';
import { failure } from '../model/problem.ts';
import type { Ui } from '../terminal/start.tsx';
import type { openSight } from './again/sight.ts';
import type { Witness } from './again/witness.ts';

/** Whether escape codes are written; `auto` decides by what they are written to. */
export type Ansi = 'never' | 'always' | 'auto';

/** How what a command does is told. */
export type ProgressStyle = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

/** How `--ui` says what a command shows: one of the screens, plain lines or JSON lines. */
type UiStyle = Ui | 'plain' | 'json';

type Variables = Readonly<Record<string, string | undefined>>;

/** What is said before the command about how to work, as it was written. */
export interface Said extends EngineOptions {
  /** False: `--no-ansi` */
  readonly ansi?: string | false;
  readonly progress?: string;
  readonly ui?: string | undefined;
  readonly json?: boolean | undefined;
  readonly parallel?: string;
  readonly config?: string;
  readonly trust?: boolean | undefined;
}

/** Gets what a command would do, where it is to do nothing. */
export type Rehearse = (plan: string) => void;

export interface Settings {
  readonly ansi: Ansi;
  /** Whether a screen may be drawn. Who wants no colours (NO_COLOR) may well want one. */
  readonly draws: boolean;
  readonly progress: ProgressStyle;
  /** The screen that was asked for; absent: none was. */
  readonly ui?: Ui;
  /** What happens is told as JSON lines. */
  readonly json: boolean;
  /** How many actions the engine is given at once. */
  readonly parallel: number;
  readonly engine: EngineSettings;
  /** Whether the user agrees to all that stacks ask for; absent: to what was agreed to before. */
  readonly trusts?: 'this time' | 'from now on';
  /** The variables of the process and of the project that stand for options. */
  readonly steering: Variables;
}

/** By what the engine is found. */
export interface EngineSettings {
  readonly variables: Variables;
  readonly options: EngineOptions;
}

const ansis: readonly Ansi[] = ['never', 'always', 'auto'];
const styles: readonly ProgressStyle[] = ['auto', 'tty', 'plain', 'json', 'quiet'];

/**
 * What holds for the whole process; a variable stands for an option that is not given: of the process, or also of the
 * project. Throws `invalid-option`.
 */
export function readSettings(said: Said, variables: Variables, steering: Variables): Settings {
  const ansi = readAnsi(said, steering);
  const ui = readUi(said);
  const screen = ui === 'inline' || ui === 'full' ? { ui } : {};
  const told = readStyle(said.progress ?? variables.COMPOSE_PROGRESS ?? '');
  const progress = ui === undefined || said.progress !== undefined ? told : ui === 'plain' ? 'plain' : 'auto';
  if (progress === 'tty' && ansi === 'never') throw conflicting('tty', 'disabled');
  if (progress === 'plain' && ansi === 'always') throw conflicting('plain', 'forced');
  return {
    ansi,
    draws: readAnsi(said, { ...steering, NO_COLOR: '' }) !== 'never',
    progress,
    ...screen,
    json: said.json === true || ui === 'json',
    parallel: readParallel(said, steering),
    engine: readEngine(said, variables),
    ...(said.trust === true
      ? { trusts: 'from now on' }
      : /^(?:1|true)$/i.test(variables.STACK_TRUST ?? '')
        ? { trusts: 'this time' }
        : {}),
    steering,
  };
}

function readAnsi({ ansi }: Said, { NO_COLOR = '', COMPOSE_ANSI }: Variables): Ansi {
  if (typeof ansi === 'string' && !ansis.some((known) => known === ansi)) {
    throw failure({
      code: 'invalid-option',
      message: `there is no \`--ansi ${ansi}\``,
      hint: `it is one of ${ansis.join(', ')}`,
    });
  }
  if (ansi === false || NO_COLOR !== '') return 'never';
  return ansis.find((known) => known === (ansi ?? COMPOSE_ANSI)) ?? 'auto';
}

function readStyle(text: string): ProgressStyle {
  const style = text === '' ? 'auto' : styles.find((known) => known === text);
  if (style !== undefined) return style;
  throw failure({
    code: 'invalid-option',
    message: `unsupported --progress value "${text}"`,
    hint: `it is one of ${styles.join(', ')}`,
  });
}

/** What may be said with `--progress` beside each. */
const progressOf: Readonly<Record<UiStyle, readonly string[]>> = {
  inline: ['', 'auto', 'tty'],
  full: ['', 'auto', 'tty'],
  plain: ['', 'auto', 'plain', 'quiet'],
  json: ['', 'auto'],
};

/** Throws `invalid-option` for a word that is none, and for words that mean something else. */
function readUi({ ui: text, json, progress = '', ansi }: Said): UiStyle | undefined {
  if (text === undefined) return undefined;
  const styles = Object.keys(progressOf) as readonly UiStyle[];
  const ui = styles.find((style) => style === text);
  if (ui === undefined) {
    throw failure({
      code: 'invalid-option',
      message: `there is no \`--ui ${text}\``,
      hint: `it is one of ${styles.join(', ')}`,
    });
  }
  if (json === true && ui !== 'json') throw contradicting('--json', ui);
  if (!progressOf[ui].includes(progress)) throw contradicting(`--progress ${progress}`, ui);
  const isScreen = ui === 'inline' || ui === 'full';
  if (isScreen && (ansi === 'never' || ansi === false)) throw contradicting('--ansi never', ui);
  return ui;
}

function contradicting(option: string, ui: UiStyle): Error {
  return failure({
    code: 'invalid-option',
    message: `${option} and --ui ${ui} are incompatible`,
    hint: 'leave one of them out',
  });
}

function conflicting(style: ProgressStyle, ansi: string): Error {
  return failure({
    code: 'invalid-option',
    message: `can't use --progress ${style} while ANSI support is ${ansi}`,
    hint: 'leave out one of --progress and --ansi',
  });
}

/** Whether signs beyond ASCII can be shown: a terminal in the C locale shows question marks for them. */
export function speaksUnicode({ LC_ALL, LC_CTYPE, LANG }: Variables, platform: NodeJS.Platform): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return locale === '' ? platform !== 'win32' : !/^(C|POSIX)$/i.test(locale);
}

function readParallel({ parallel }: Said, { COMPOSE_PARALLEL_LIMIT = '' }: Variables): number {
  const [name, text] =
    parallel === undefined ? ['COMPOSE_PARALLEL_LIMIT', COMPOSE_PARALLEL_LIMIT] : ['--parallel', parallel];
  if (text === '' && parallel === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[+-]?\d+$/.test(text))
    throw failure({
      code: 'invalid-option',
      message: `${name} has to be a whole number: ${text}`,
      hint: '-1 sets no limit',
    });
  return Number(text) > 0 ? Number(text) : Number.POSITIVE_INFINITY;
}

function readEngine(said: Said, variables: Variables): EngineSettings {
  const { host, context, config, tls, tlsverify, tlscacert, tlscert, tlskey } = said;
  if (host !== undefined && context !== undefined)
    throw failure({
      code: 'invalid-option',
      message: '--host and --context name two engines',
      hint: 'leave out one of them',
    });
  const files = Object.entries({ tlscacert, tlscert, tlskey }).filter(([, file]) => file !== undefined);
  if (files[0] !== undefined && tls !== true && tlsverify !== true)
    throw failure({
      code: 'invalid-option',
      message: `--${files[0][0]} encrypts nothing by itself`,
      hint: 'say --tlsverify, too',
    });
  return {
    variables: config === undefined ? variables : { ...variables, DOCKER_CONFIG: config },
    options: {
      ...(host === undefined ? {} : { host }),
      ...(context === undefined ? {} : { context }),
      ...(tls === undefined ? {} : { tls }),
      ...(tlsverify === undefined ? {} : { tlsverify }),
      ...Object.fromEntries(files),
    },
  };
}

type InUse = Pick<Settings, 'engine' | 'parallel' | 'steering' | 'trusts'> & {
  readonly rehearse?: Rehearse | undefined;
  readonly asCompose: boolean;
} & Call;

/** What is known of a call before its words are read. */
export interface Call {
  /** Tells this build of the program from all others. */
  readonly build: string;
  /** Begins to see which files are looked at; absent: that is not known. */
  readonly openSight?: typeof openSight | undefined;
  /** Sees what the command asks, to know whether it would say the same again. */
  readonly witness?: Witness | undefined;
}

let current: InUse = {
  engine: { variables: process.env, options: {} },
  parallel: Number.POSITIVE_INFINITY,
  steering: process.env,
  asCompose: false,
  build: '',
};

/** Takes them for the rest of the process; whoever connects with the engine asks for them. */
export function useSettings(settings: Settings, asCompose: boolean, rehearse?: Rehearse): void {
  const { build, openSight, witness } = current;
  current = { ...settings, asCompose, rehearse, build, openSight, witness };
}

/** The same, before there are settings. */
export function takeCall(call: Call): void {
  current = { ...current, ...call };
}

export function settingsInUse(): InUse {
  return current;
}
