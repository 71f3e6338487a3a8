import type { Command, Option } from 'commander';

/**
 * `--flag=true` and `--flag=false`, as Docker's tools understand them, in the words that this parser knows. What belongs
 * to a command that is run in a container stays as it is.
 */
export function withPlainSwitches(words: readonly string[], program: Command): readonly string[] {
  let command = program;
  let isOver = false;
  return words.flatMap((word, index) => {
    isOver ||= word === '--';
    if (isOver) return [word];
    const options = [...command.options, ...program.options];
    const [, name, value = ''] = /^(--[a-zA-Z-]+|-[a-zA-Z])=(.*)$/s.exec(word) ?? [];
    if (name === undefined) {
      const isOperand = !word.startsWith('-') && !takesValue(words[index - 1], options);
      if (isOperand && command !== program) isOver = passesThrough.has(command.name());
      if (isOperand && command === program) command = named(word, program) ?? command;
      return [word];
    }
    const option = options.find(({ long, short }) => long === name || short === name);
    if (option === undefined) return [word];
    // Short options have their value right behind them, or in the next word.
    if (!isSwitch(option)) return name === option.short ? [name, value] : [word];
    if (yes.test(value)) return [name];
    if (!no.test(value)) return [word];
    const opposite = option.negate
      ? `--${option.long?.slice('--no-'.length)}`
      : `--no-${option.long?.slice(2)}`;
    return options.some(({ long }) => long === opposite) ? [opposite] : [];
  });
}

/** The command that the words name; the program itself if they name none. */
export function commandIn(words: readonly string[], program: Command): Command {
  return named(words[placeOfCommand(words, program)] ?? '', program) ?? program;
}

/** Where the name of the command stands, or a word that is there in its place; -1 if there is none. */
export function placeOfCommand(words: readonly string[], program: Command): number {
  return words.findIndex(
    (word, index) => !word.startsWith('-') && !takesValue(words[index - 1], program.options),
  );
}

function named(name: string, program: Command): Command | undefined {
  return program.commands.find((command) => command.name() === name);
}

const yes = /^(?:1|t|T|TRUE|true|True)$/;
const no = /^(?:0|f|F|FALSE|false|False)$/;

/** Their first operand is a service, and what follows it a command of its container. */
export const passesThrough: ReadonlySet<string> = new Set(['exec', 'run']);

function isSwitch({ required, optional }: Option): boolean {
  return !required && !optional;
}

/** Whether an option stands there that the next word belongs to. */
function takesValue(word: string | undefined, options: readonly Option[]): boolean {
  if (word === undefined) return false;
  return options.some((option) => option.required && (option.long === word || option.short === word));
}
