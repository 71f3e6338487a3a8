import type { Command } from 'commander';
import { succeeded } from '../commands/outcome.ts';
import type { Add } from './program.ts';
import { readChoice } from './read-options.ts';

/** The command that makes shells complete the words of all others. */
export function addCompletionCommands(program: Command, add: Add): void {
  add(
    program
      .command('completion')
      .description('print a script that lets a shell complete commands, options and services')
      .argument('<shell>', 'bash, zsh or fish')
      .addHelpText(
        'after',
        '\nLoad it with: source <(stack completion bash)\n              stack completion fish | source',
      ),
    async () =>
      async ([shell = ''], _, { asCompose }) => {
        const { completionScripts } = await import('./completion-scripts.ts');
        const script = completionScripts[readChoice('SHELL', shell, ['bash', 'zsh', 'fish'])];
        process.stdout.write(script(asCompose ? 'docker-compose' : 'stack'));
        return succeeded;
      },
    'own arguments',
  );
}
