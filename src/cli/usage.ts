import type { Command } from 'commander';
import { nearest } from '../model/nearest.ts';
import type { Problem } from '../model/problem.ts';

/** What the parser of the words says of them. */
interface Complaint {
  readonly code: string;
  readonly message: string;
}

/** What is wrong with the words, with what was meant, or where it belongs. */
export function explainUsage(
  { code, message }: Complaint,
  command: Command,
  program: Command,
  asCompose: boolean,
): Problem {
  const [, quoted = ''] = /'([^']*)'/.exec(message) ?? [];
  const wrong = (text: string, hint?: string): Problem => ({
    code: 'invalid-option',
    severity: 'error',
    message: text,
    ...(hint === undefined ? {} : { hint }),
  });
  switch (code) {
    case 'commander.unknownOption':
      return wrong(`unknown flag: ${quoted}`, hintAtFlag(quoted, command, program));
    case 'commander.unknownCommand':
      return wrong(
        asCompose ? `unknown docker command: "compose ${quoted}"` : `unknown command: ${quoted}`,
        hintAtCommand(quoted, program),
      );
    case 'commander.optionMissingArgument':
      return wrong(
        `flag needs an argument: ${/--[\w-]+/.exec(quoted)?.[0] ?? quoted}`,
        usageOf(command, program),
      );
    case 'commander.missingArgument':
      return wrong(
        asCompose ? wordsOfMissing(quoted, command) : message.replace(/^error: /, ''),
        usageOf(command, program),
      );
    default:
      return wrong(message.replace(/^error: /, ''), usageOf(command, program));
  }
}

/** As with Docker Compose, what is about the whole stack stands before the command. */
function hintAtFlag(flag: string, command: Command, program: Command): string | undefined {
  const knows = (one: Command): boolean =>
    one.options.some(({ long, short }) => long === flag || short === flag);
  if (command !== program && knows(program)) return `write ${flag} before the command`;
  const known = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? '');
  const meant = flag.startsWith('--') ? nearest(flag, known) : undefined;
  return meant === undefined ? usageOf(command, program) : `did you mean \`${meant}\`?`;
}

function hintAtCommand(name: string, program: Command): string {
  const meant = nearest(
    name,
    program.commands.map((command) => command.name()),
  );
  return meant === undefined ? `${program.name()} --help lists the commands` : `did you mean \`${meant}\`?`;
}

/** As Docker's tools count what is not there. */
function wordsOfMissing(name: string, { registeredArguments }: Command): string {
  const needed = registeredArguments.filter(({ required }) => required).length;
  const received = registeredArguments.findIndex((argument) => argument.name() === name);
  return `requires at least ${needed} arg(s), only received ${received}`;
}

function usageOf(command: Command, program: Command): string {
  const name = command === program ? program.name() : `${program.name()} ${command.name()}`;
  return `${name} --help explains it`;
}
