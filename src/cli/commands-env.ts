import type { Command } from 'commander';
import type { Add } from './program.ts';

/** The commands by which a stack begins, and those about its variables. */
export function addEnvCommands(program: Command, add: Add): void {
  add(
    program
      .command('init')
      .description('make a stack file, and what images need to be built, out of what is in the folder')
      .option('-y, --yes', 'ask nothing')
      .option('--dry-run', 'only tell what would be written'),
    async () => (await import('./run-init.ts')).runInit,
    'own arguments',
  );
  add(
    program
      .command('env')
      .description('print the variables of a service, or of the stack file, and where their values come from')
      .usage('[options] [SERVICE] [NAME] [-- COMMAND...]')
      .argument('[SERVICE]', 'the service (default: the variables that the stack file uses)')
      .argument('[NAME]', 'only the value of this variable')
      .argument('[COMMAND...]', 'behind -- and with --host: run it on this machine with the variables')
      .option('--host', 'as a program on this machine needs them, with the published addresses of the others')
      .option('--fill', 'write into .env what .env.example and x-stack.env say is missing there')
      .option('--format <form>', 'text (default), json, dotenv, or shell for eval')
      .option('--show-secrets', 'show credentials, too'),
    async () => {
      const { runEnv } = await import('./run-env.ts');
      return (words, options, globals) => {
        const command = behindDashes(program);
        const before = words.slice(0, words.length - command.length);
        return runEnv(before, { ...options, command }, globals);
      };
    },
    'own arguments',
  );
  add(
    program
      .command('diff')
      .description(
        'tell what differs between the stack with one env file and with another; exit 1 if anything does',
      )
      .option('--env-file <path>', 'twice; once: compared with what counts without it', collect)
      .option('--show-secrets', 'show credentials, too'),
    async () => (await import('./run-diff.ts')).runDiff,
  );
}

/** The parser does not tell what stood behind `--`. */
function behindDashes(program: Command): readonly string[] {
  const { rawArgs } = program as Command & { readonly rawArgs: readonly string[] };
  const dashes = rawArgs.indexOf('--');
  return dashes === -1 ? [] : rawArgs.slice(dashes + 1);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
