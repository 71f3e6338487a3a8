import type { Discarding } from '../commands/discarding.ts';
import { readSize } from '../load/tables/size.ts';
import { failure } from '../model/problem.ts';
import { formatAge } from '../report/moments.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { formatSize } from '../report/sizes.ts';
import type { GlobalOptions } from './program.ts';
import { questionsOn } from './questions.ts';
import { settingsInUse } from './settings.ts';
import { isUnattended } from './tell.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** How volumes go that a command removes; absent in the place of Docker Compose, where they go at once and for good. */
export function discardingFor(globals: GlobalOptions): Discarding | undefined {
  return globals.asCompose ? undefined : ownDiscarding(globals);
}

/** The same for what Docker Compose does not have. A variable says more than the user's configuration. */
export function ownDiscarding({ config }: GlobalOptions): Discarding {
  return { rules: { ...standard, ...config.keepTrash, ...rulesIn(process.env) }, words };
}

/** The same, with someone to be asked before, if there is anybody. */
export function askedDiscarding(
  globals: GlobalOptions,
  isSure: boolean,
  signal: AbortSignal,
): Discarding | undefined {
  const discarding = discardingFor(globals);
  const stream = globals.json === true ? process.stderr : process.stdout;
  const isAnswered = process.stdin.isTTY === true && stream.isTTY === true && !isUnattended(globals);
  if (isSure || !isAnswered || settingsInUse().rehearse !== undefined) return discarding;
  return discarding && { ...discarding, confirm: (lines) => confirm(lines, stream, signal) };
}

/** Says what is to be done and reads the answer; no answer is a no. */
export async function confirm(
  lines: readonly string[],
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<boolean> {
  for (const line of lines) stream.write(`${sanitiseField(line)}\n`);
  const questions = questionsOn(stream, signal);
  const isFine = await questions.ask(`do that? [yN] ${process.stdin.isTTY === true ? '' : '\n'}`);
  questions.end();
  return isFine;
}

const aDay = 86_400;
const standard: Discarding['rules'] = { age: 7 * aDay, size: 5e9 };

const words: Discarding['words'] = {
  size: formatSize,
  age: (seconds) => {
    const age = formatAge(seconds);
    return `${age.charAt(0).toLowerCase()}${age.slice(1)}`;
  },
};

/** Throws `invalid-option` for what cannot be read. */
function rulesIn({
  STACK_TRASH_DAYS: days = '',
  STACK_TRASH_SIZE: size = '',
}: Variables): Partial<Discarding['rules']> {
  return {
    ...(days === '' ? {} : { age: readDays(days) * aDay }),
    ...(size === '' ? {} : { size: readBytes(size) }),
  };
}

function readDays(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw unreadable('STACK_TRASH_DAYS', text, 'a number of days: 7');
}

function readBytes(text: string): number {
  const bytes = readSize(text);
  if (bytes !== undefined && bytes >= 0) return bytes;
  throw unreadable('STACK_TRASH_SIZE', text, 'a size: 5g, or 0 to keep nothing');
}

function unreadable(name: string, text: string, form: string) {
  return failure({ code: 'invalid-option', message: `${name} is ${text}`, hint: `it has to be ${form}` });
}
