/**
 * `npm run soak [MINUTES [SEED]]`, and what grows with use:
 * `npm run soak rounds [TIMES [TIMES BY PROGRAM]]` brings a small stack up and down, 1,000 times in one process and 50 times
 * by the program; `npm run soak day [HOURS]` lets a day of work pass in a minute; `npm run soak many [SERVICES [CONTAINERS]]`
 * makes a stack of 200 and 500.
 *
 * Without one of these words it uses the real program in a real terminal as its users do in a whole day, 30 minutes if
 * not said otherwise: services that write floods, a terminal that is resized, keys. Measures what the program uses, and
 * fails if it ends by itself, leaves its terminal's bounds, or does not give the terminal back as it was.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launcher } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { withEngine } from './engine.ts';
import { main } from './main.ts';
import { say } from './say.ts';
import { soakDay } from './soak/day.ts';
import { soakMany } from './soak/many.ts';
import { soakRounds } from './soak/rounds.ts';
import { childOf, growthOf, readUse, type Stretch, tableOf, type Use } from './soak/samples.ts';
import { createWritingStack, type Manner, manners, type WritingStack } from './soak/stack.ts';
import { type Watch, watch } from './soak/watch.ts';

type Ui = 'full' | 'inline';

const second = 1000;
const patience = 120 * second;
const share: Readonly<Record<Ui, number>> = { full: 0.7, inline: 0.3 };

/** What people type one after the other. Also as keys by themselves none of it changes the stack or leaves the program. */
const esc = '\u001B';
const arrows = ['A', 'B', 'C', 'D'].map((letter) => [`${esc}[${letter}`]);
const pages = ['5', '6'].map((number) => [`${esc}[${number}~`]);
const letters = [...'lpEBiTnNxXLVmczt012345Jgjk[]? G'].map((letter) => [letter]);
const inputs = [
  ['/', ...'200', '\r'],
  ['/', ...'/2[0]/', '\r'],
  ['/', '\u0015', '\r'],
  ['F', ...'200', '\r', 'n', 'n', 'N'],
  ['F', ...'ログ', '\r', 'n'],
  [':', ...'zzzz', esc],
  ['\u000B', esc],
  ['?', esc],
];
const fullActions: readonly (readonly string[])[] = [
  ...arrows,
  ...pages,
  ...letters,
  ...inputs,
  ['\t'],
  ['\r'],
  [esc],
  ['\u000C'],
  ['f'],
  ['f', 'f'],
];
const inlineActions: readonly (readonly string[])[] = [...arrows, [' '], ['m'], ['f', 'f'], ['l', 'f']];

await main(async () => {
  if (os.platform() !== 'linux')
    throw new Error('What a program uses is read from /proc, which only Linux has.');
  const [word = '', ...more] = process.argv.slice(2);
  if (/^[a-z]+$/.test(word)) return grow(word, more.map(Number));
  const [minutes = 30, seed = Date.now() % 100_000] = process.argv.slice(2).map(Number);
  say(
    `${minutes} minutes with seed ${seed}, load ${os
      .loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  const random = randomBy(seed);
  const faults = await withEngine(async (engine) => {
    Object.assign(process.env, engine.env);
    const found: string[] = [];
    for (const ui of ['full', 'inline'] as const)
      found.push(...(await soak(ui, minutes * share[ui] * 60 * second, random)));
    return found;
  }, say);
  say(
    `Load ${os
      .loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  return judge(faults);
});

async function grow(word: string, [first, then]: readonly number[]): Promise<number> {
  if (word === 'day') return judge(soakDay(first ?? 8, say));
  if (word !== 'rounds' && word !== 'many')
    throw new Error('Usage: npm run soak [MINUTES [SEED]] | rounds | day | many');
  const faults = await withEngine((engine) => {
    Object.assign(process.env, engine.env);
    return word === 'rounds'
      ? soakRounds(engine, first ?? 1000, then ?? 50, say)
      : soakMany(first ?? 200, then ?? 500, say);
  }, say);
  return judge(faults);
}

function judge(faults: readonly string[]): number {
  for (const fault of faults) say(`WRONG: ${fault}`);
  if (faults.length === 0) say('Nothing was wrong.');
  return faults.length === 0 ? 0 : 1;
}

/** Uses one screen for so many milliseconds; resolves with all that was wrong. */
async function soak(ui: Ui, length: number, random: () => number): Promise<readonly string[]> {
  const stack = createWritingStack();
  const written = { bytes: 0, writes: 0 };
  const terminal = openTerminal({
    command: 'sh',
    args: [
      '-c',
      'stty -g >before; "$@"; code=$?; stty -g >after; exit $code',
      'sh',
      process.execPath,
      launcher,
      '--ui',
      ui,
      'up',
    ],
    cwd: stack.directory,
    env: { ...stack.environment },
    columns: 120,
    rows: 36,
    scrollback: 3000,
    onOutput(data) {
      written.bytes += Buffer.byteLength(data);
      written.writes += 1;
    },
  });
  const ended = terminal.exit.then(({ code, signal }) => {
    throw new Error(`it ended by itself, with ${code}, signal ${signal}:\n${terminal.screen().join('\n')}`);
  });
  ended.catch(() => {});
  const watching = watch(terminal);
  try {
    await terminal.waitFor(/4\/4 ready/, patience);
    const pid = childOf(terminal.pid);
    if (pid === undefined) throw new Error('the program is not there');
    const session: Session = {
      ui,
      stack,
      terminal,
      watching,
      pid,
      written,
      random,
      began: performance.now(),
      minutes: [],
    };
    const stretches = await Promise.race([spend(session, length), ended]);
    const faults = [...watching.faults(), ...(await leave(stack, terminal))];
    say(`\n${ui}:\n${tableOf(stretches)}\n${growthOf(session.minutes)}`);
    return faults.map((fault) => `${ui}: ${fault}`);
  } catch (error) {
    return [...watching.faults(), (error as Error).message].map((fault) => `${ui}: ${fault}`);
  } finally {
    terminal.dispose();
    await stack.remove();
  }
}

interface Session {
  readonly ui: Ui;
  readonly stack: WritingStack;
  readonly terminal: Terminal;
  readonly watching: Watch;
  readonly pid: number;
  readonly written: { bytes: number; writes: number };
  readonly random: () => number;
  readonly began: number;
  /** Memory after each minute. */
  readonly minutes: number[];
}

/** First what is measured without anyone touching it, then what people do, again and again. */
async function spend(session: Session, length: number): Promise<readonly Stretch[]> {
  const end = performance.now() + length;
  const stretches: Stretch[] = [];
  const part = Math.min(60 * second, length / 6);
  while (performance.now() < end - part / 2) {
    stretches.push(await measure(session, 'idle', 'quiet', part / 2));
    stretches.push(await measure(session, '1,000 lines/s', 'steady', part));
    const rest = Math.min(part * 4, end - performance.now());
    if (rest > 0) stretches.push(await play(session, rest));
    await tidy(session);
  }
  return stretches;
}

async function measure(session: Session, name: string, manner: Manner, length: number): Promise<Stretch> {
  session.stack.tell(manner);
  await pause(3 * second); // what was written before is shown
  return during(session, name, length, () => pause(second));
}

/** Writes in every manner, presses keys, resizes. */
function play(session: Session, length: number): Promise<Stretch> {
  const { stack, terminal, watching, random, ui } = session;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  let turn = 0;
  return during(session, 'keys, resizes, floods', length, async () => {
    if (turn % 10 === 0) stack.tell(pick(manners));
    if (turn % 6 === 0) {
      watching.noteResize();
      const times = random() < 0.3 ? 5 : 1;
      for (let time = 0; time < times; time++) {
        await terminal.resize(40 + Math.floor(random() * 261), 10 + Math.floor(random() * 91));
        watching.noteResize();
        await pause(60);
      }
    }
    for (let times = 0; times < 4; times++) {
      for (const key of pick(ui === 'full' ? fullActions : inlineActions)) {
        terminal.type(key);
        await pause(120);
      }
    }
    turn += 1;
    await pause(300);
  });
}

/** Goes back to where it began, as far as keys can. */
async function tidy({ ui, stack, terminal, watching }: Session): Promise<void> {
  stack.tell('quiet');
  watching.noteResize();
  await terminal.resize(120, 36);
  for (const key of [esc, esc, 'l', '/', '\u0015', '\r', '0', 'G']) {
    if (isFull(terminal)) terminal.type(key);
    await pause(300);
  }
  if (isFull(terminal) !== (ui === 'full')) terminal.type('f');
  await pause(second);
}

function isFull({ emulator }: Terminal): boolean {
  return emulator.buffer.active.type === 'alternate';
}

/** Does something again and again for a while, looks on each second, and tells what was used meanwhile. */
async function during(
  session: Session,
  name: string,
  length: number,
  act: () => Promise<void>,
): Promise<Stretch> {
  const { pid, stack, written, watching, minutes } = session;
  const began = performance.now();
  const before = { usage: usageOf(pid), lines: stack.count(), ...written };
  let last = before.usage;
  const looking = setInterval(() => {
    watching.look();
    last = readUse(pid) ?? last;
    if (performance.now() - session.began >= (minutes.length + 1) * 60 * second) minutes.push(last.memory);
  }, second);
  try {
    while (performance.now() - began < length) await act();
  } finally {
    clearInterval(looking);
  }
  last = usageOf(pid);
  const seconds = (performance.now() - began) / second;
  return {
    name,
    seconds,
    cpu: ((last.cpu - before.usage.cpu) / seconds) * 100,
    memory: last.memory,
    linesPerSecond: (stack.count() - before.lines) / seconds,
    bytesPerSecond: (written.bytes - before.bytes) / seconds,
    writesPerSecond: (written.writes - before.writes) / seconds,
  };
}

/** Ctrl-C; resolves with what is not as it was before. */
async function leave(stack: WritingStack, { emulator, exit, type, isCursorVisible }: Terminal) {
  type('\u0003');
  const { code } = await within(exit, patience, 'it did not end within two minutes of Ctrl-C');
  const settings = (file: string): string => readFileSync(path.join(stack.directory, file), 'utf8');
  const { mouseTrackingMode, bracketedPasteMode } = emulator.modes;
  const checks: readonly (readonly [boolean, string])[] = [
    [code === 130, `Ctrl-C ended it with ${code}`],
    [emulator.buffer.active.type === 'normal', 'the other screen was not left'],
    [isCursorVisible(), 'the cursor was left hidden'],
    [settings('after') === settings('before'), 'stty says something else than before'],
    [mouseTrackingMode === 'none' && !bracketedPasteMode, 'a mode of the terminal was left on'],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, fault]) => fault);
}

async function within<T>(promise: Promise<T>, milliseconds: number, fault: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(fault)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function usageOf(pid: number): Use {
  const found = readUse(pid);
  if (found === undefined) throw new Error('the program is gone');
  return found;
}

/** The same numbers from 0 to 1 for the same seed (a linear congruential generator). */
function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
