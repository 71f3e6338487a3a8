import { withoutColours } from './pattern.ts';

/** How grave a line is by its own words. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Words for levels, of many loggers; also as they shorten them. */
const words: Readonly<Record<Level, string>> = {
  trace: 'trace trc trce trac finest silly',
  debug: 'debug dbg dbug debu verbose vrb finer fine',
  info: 'info inf information informational notice note system log',
  warn: 'warn warning wrn deprecated',
  error:
    'error err erro fail severe fatal fata ftl crit critical alert emerg emergency panic pnc pani dpanic',
};

const levelOf = new Map(
  Object.entries(words).flatMap(([level, all]) =>
    all.split(' ').map((word) => [word, level as Level] as const),
  ),
);

/** What bare words in capitals say; some words of the list are too common for that. */
const common: ReadonlySet<string> = new Set('note system log fine finer deprecated fail'.split(' '));
const inCapitals = [...levelOf.keys()]
  .filter((word) => !common.has(word))
  .map((word) => word.toUpperCase())
  .join('|');
const anyCase = [...levelOf.keys()]
  .flatMap((word) => [word, word.toUpperCase(), `${word.charAt(0).toUpperCase()}${word.slice(1)}`])
  .join('|');

/** What may stand before a level: times, numbers, names in brackets. Each begins in its own way: nothing is tried twice. */
const before = String.raw`^(?:[\d\s.,:;/TZ+|⨯✖✗✘⚠-]|\[[^\]]{0,60}\]|\([^)]{0,60}\)|npm )*`;
/** How lines say what they are. Whichever is first in a line counts. */
const saying = new RegExp(
  [
    // `INFO`, `- ERROR -`, `ERROR:root:`, but no `'ERROR'` and no `X-DEBUG`.
    String.raw`(?<![\w.$/@'"=-]|\b0 |\bno )(${inCapitals})(?![\w'"-])`,
    // PostgreSQL's word for what is just told.
    String.raw`\b(LOG)(?=:\s)`,
    // `[error]`, `[core:error]`, `<warn>`, `|info|`.
    String.raw`[[<(|]\s*(?:[\w-]+:)?(${anyCase})\s*[\])>|]`,
    // `level=info`.
    String.raw`\b(?:level|lvl|severity|loglevel)="?(\w+)`,
  ].join('|'),
);
/** `error: …`, `12:04:11 warn  …`, `npm error …`, `error[E0308]: …`, `Deprecated: …`. */
const leading = new RegExp(
  String.raw`${before}(${anyCase})(?:\[\w+\])?(?::(?!:)|!|\s+-\s|\s{2,}|(?<=npm \w+) )`,
);
/** `src/x.ts(1,2): error TS2304: …`, `x.c:1:2: warning: …`, `initdb: warning: …`. */
const located =
  /^(?:\S+?[:(]\d+(?:[:,]\d+)?\)?:? (?:fatal )?(error|warning|note)\b|[\w./-]+: (?:fatal )?(error|warning|note|fatal): )/;
/** `{"level":30`, `"severity":"ERROR"`. */
const inJson =
  /"(?:level|lvl|severity|levelname|level_name|loglevel|log\.level|Level|@l)"\s*:\s*(?:"([^"\\]{1,20})"|(\d{1,3})\b)/;
const mongoSeverity = /"s"\s*:\s*"([DIWEF])\d?"/;
const klog = /^([IWEF])\d{4} \d\d:\d\d/;
const ruby = /^([DIWEFA]), \[/;
/** What it marks with `#` may be a warning or a greeting. */
const redis = /^\d+:[A-Z] \d\d \w{3} \d{4} [\d:.]+ ([.*-]) /;
const syslog = /^<([0-7])>/;
const letters: Readonly<Record<string, Level>> = {
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  F: 'error',
  A: 'error',
  '.': 'debug',
  '-': 'debug',
  '*': 'info',
};

/** `TypeError: x`, `java.lang.IllegalStateException`, `Error [ERR_X]: …`, `Uncaught Errno::ENOENT: …`. */
const exception =
  /^(?:Uncaught |Unhandled )?(?:[\w$]+(?:\.|::|\\))*(?:[A-Z][\w$]*(?:Error|Exception|Failure|Interrupt)|Error|Errno::\w+)(?: \[\w+\])?(?::|$| \{$)/;
const rubyException = /^\S+:\d+:in .*\((?:\w+::)*[A-Z]\w*(?:Error|Exception|Interrupt)\)$/;
const otherErrors =
  /^(?:panic: |fatal error: |Traceback \(most recent call last\)|Exception in thread |Unhandled exception|Segmentation fault|Fatal error: |thread '.*' (?:\(\d+\) )?panicked at|PHP (?:Fatal|Parse) error: |\[?UnhandledPromiseRejection|ERROR in )/;
const warning =
  /^(?:\(node:\d+\) |\S+:\d+: )?(?:\[\w+\] )?(?:\w*Warning|PHP (?:Warning|Notice|Deprecated)): /;

/** Levels are told at the beginning of a line; what comes later is what it is about. */
const headLength = 120;
const longHeadLength = 2_000;
const longestFrame = 300;

interface Reading {
  readonly level: Level | undefined;
  /** The line it belongs to, e.g. the error that a stack trace follows. */
  readonly head: number | undefined;
}

/** What a line says of its level, without colours. Nothing for most lines of most programs. */
export function levelOfText(line: string): Level | undefined {
  const text = line.length > longHeadLength ? line.slice(0, longHeadLength) : line;
  if (text.startsWith('{')) return levelOfJson(text);
  const head = text.length > headLength ? text.slice(0, headLength) : text;
  const letter = (klog.exec(head) ?? ruby.exec(head) ?? redis.exec(head))?.[1];
  if (letter !== undefined) return letters[letter];
  const priority = syslog.exec(head)?.[1];
  if (priority !== undefined) return levelOfNumber(Number(priority));
  const said = saying.exec(head);
  const led = leading.exec(head);
  // `info: no ERROR was found` is no error.
  const first = led !== null && (said === null || led[0].length <= said.index + said[0].length) ? led : said;
  const level = levelOfWord(wordIn(first));
  if (level !== undefined) return level;
  if (exception.test(head) || otherErrors.test(head) || rubyException.test(text)) return 'error';
  if (warning.test(head)) return 'warn';
  return levelOfWord(wordIn(located.exec(head)));
}

function levelOfJson(text: string): Level | undefined {
  const [, word, number] = inJson.exec(text) ?? [];
  if (number !== undefined) return levelOfNumber(Number(number));
  if (word !== undefined) return levelOfWord(word);
  return letters[mongoSeverity.exec(text)?.[1] ?? ''];
}

/** What the group that took part has found. */
function wordIn(found: RegExpExecArray | null): string | undefined {
  return found?.slice(1).find((word) => word !== undefined);
}

function levelOfWord(word: string | undefined): Level | undefined {
  return word === undefined ? undefined : levelOf.get(word.toLowerCase());
}

/** Below ten as syslog counts (0 is worst), else as pino and bunyan do (60 is worst). */
function levelOfNumber(number: number): Level {
  if (number < 10) return number <= 3 ? 'error' : number === 4 ? 'warn' : number <= 6 ? 'info' : 'debug';
  if (number < 20) return 'trace';
  if (number < 30) return 'debug';
  return number < 40 ? 'info' : number < 50 ? 'warn' : 'error';
}

/** Reads the level of each line of a source, in the order in which they were written. */
export type LevelReader = (
  source: string,
  stream: 'stdout' | 'stderr',
  text: string,
  number: number,
) => Reading;

/** The last line of a source that stands for itself, and what may still belong to it. */
interface Trail {
  head: number;
  level: Level | undefined;
  /** The head is an exception or panic itself, not a line that tells of one. */
  isException: boolean;
  /** Nothing has come after the head yet. */
  isFresh: boolean;
  /** What comes unindented belongs to it too: the exception after a Python traceback, the next of a chain. */
  awaits: boolean;
}

/**
 * Levels of lines that come one after another. Stack traces are part of the error they follow, in each stream of each
 * container. That something was written to stderr says nothing: many programs write all they say there.
 */
export function createLevelReader(): LevelReader {
  const trails = { stdout: new Map<string, Trail>(), stderr: new Map<string, Trail>() };
  return (source, stream, text, number) => {
    const whole = withoutColours(text);
    const plain = whole.length > longHeadLength ? whole.slice(0, longHeadLength) : whole;
    const trail = trails[stream].get(source);
    const own = trail !== undefined && isPart(plain, trail) ? undefined : levelOfText(plain);
    const isException = own === 'error' && (exception.test(plain) || otherErrors.test(plain));
    const starts = isException && opening.test(plain);
    if (trail !== undefined && belongs(plain, trail, own, isException)) {
      const isInner = plain === '' || indented.test(plain);
      trail.awaits = starts || chained.test(plain) || (trail.awaits && isInner);
      trail.isFresh = false;
      return { level: trail.level, head: trail.head };
    }
    const next = { head: number, level: own, isException, isFresh: true, awaits: starts };
    if (trail === undefined) trails[stream].set(source, next);
    else Object.assign(trail, next);
    return { level: own, head: undefined };
  };
}

const indented = /^(?: {2}|\t| *at | *\.\.\. \d+ more)/;
/** Some loggers pad levels and times from the left. */
const padded = new RegExp(`^\\s+(?:\\d{4}-|\\d\\d:\\d\\d|(?:${inCapitals})\\b)`);
/** Unindented lines that go on with the error before them: of Java, Python, Go, Node, PHP, Rust, PostgreSQL. */
const goesOn =
  /^(?:Caused by: |Suppressed: |During handling of the above|The above exception was|goroutine \d+ \[|created by |\[signal |exit status |[\w./*()[\]{}·-]+\([^)]*\)$|[}\])]+[,;]?$|Node\.js v\d|#\d+ |Stack trace:|note: run with|stack backtrace:|.{0,80}\b(?:DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION): )/;
const chained = /^(?:During handling of the above|The above exception was)/;
/** The exception itself comes later. */
const opening = /^(?:Traceback \(most recent call last\)|thread '.*' (?:\(\d+\) )?panicked at)/;

/** By its form alone, whatever it says. */
function isPart(plain: string, { level }: Trail): boolean {
  if (indented.test(plain)) return !padded.test(plain);
  const isGrave = level === 'error' || level === 'warn';
  return isGrave && (plain.trim() === '' || goesOn.test(plain.slice(0, longestFrame)));
}

function belongs(plain: string, trail: Trail, own: Level | undefined, isException: boolean): boolean {
  if (own === undefined) return trail.awaits || isPart(plain, trail);
  if (!isException || trail.level !== 'error') return false;
  return trail.awaits || (trail.isFresh && !trail.isException);
}
