import type { Command } from 'commander';

/** `--flag=true` and `--flag=false`, as Docker's tools understand them, in the words that this parser knows. */
export function withPlainSwitches(words: readonly string[], program: Command): readonly string[] {
  let command = program;
  let isOver = false;
  return words.flatMap((word) => {
    isOver ||= word === '--';
    if (isOver) return [word];
    const [, name, value = ''] = /^(--[a-z-]+)=(true|false|1|0)$/.exec(word) ?? [];
    if (name === undefined) {
      command = program.commands.find((other) => command === program && other.name() === word) ?? command;
      return [word];
    }
    const options = [...command.options, ...program.options];
    if (!options.some(({ long, required, optional }) => long === name && !required && !optional))
      return [word];
    if (value === 'true' || value === '1') return [name];
    const opposite = `--no-${name.slice(2)}`;
    return options.some(({ long }) => long === opposite) ? [opposite] : [];
  });
}
