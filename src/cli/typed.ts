import type { Command, Option } from 'commander';
import type { Globals } from './program.ts';
import { passesThrough, withPlainSwitches } from './switches.ts';

/** What the words say that stand before the one that is being typed. */
export interface Typed {
  /** The command they name; the program itself if they name none yet. */
  readonly command: Command;
  /** What was said before the command. */
  readonly globals: Globals;
  /** What follows the command that is no option. */
  readonly operands: readonly string[];
  /** The option whose value is being typed. */
  readonly pending?: Option;
  /** No option can follow any more. */
  readonly isOver: boolean;
}

/** Reads words that need not be whole; what it does not know it takes for a switch. */
export function readTyped(words: readonly string[], program: Command): Typed {
  let command = program;
  let pending: Option | undefined;
  let isOver = false;
  const operands: string[] = [];
  const values = new Map<string, string[]>();

  const give = (option: Option, value: string): void => {
    const name = option.attributeName();
    if (command === program) values.set(name, [...(values.get(name) ?? []), value]);
  };
  const takeOption = (word: string): void => {
    const [, flag = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const option = command.options.find(({ long, short }) => long === flag || short === flag);
    if (option?.required && value !== undefined) give(option, value);
    else if (option?.required) pending = option;
    else if (/^-[^-]./.test(word)) takeCluster(word);
  };
  /** `-qa`, `-fFILE` */
  const takeCluster = (word: string): void => {
    const option = command.options.find(({ short }) => short === word.slice(0, 2));
    if (option?.required) give(option, word.slice(2));
    else takeOption(`-${word.slice(2)}`);
  };

  for (const word of withPlainSwitches(words, program)) {
    if (pending !== undefined) {
      give(pending, word);
      pending = undefined;
    } else if (word === '--' && !isOver) isOver = true;
    else if (word.startsWith('-') && !isOver) takeOption(word);
    else if (command === program)
      command = program.commands.find((other) => other.name() === word) ?? command;
    else {
      operands.push(word);
      isOver ||= passesThrough.has(command.name());
    }
  }
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  const [projectName, projectDirectory, workdir] = ['projectName', 'projectDirectory', 'workdir'].map(last);
  const [file, envFile] = [values.get('file'), values.get('envFile')];
  return {
    command,
    operands,
    isOver,
    ...(pending === undefined ? {} : { pending }),
    globals: {
      ...(file === undefined ? {} : { file }),
      ...(envFile === undefined ? {} : { envFile }),
      ...(projectName === undefined ? {} : { projectName }),
      ...(projectDirectory === undefined ? {} : { projectDirectory }),
      ...(workdir === undefined ? {} : { workdir }),
    },
  };
}
