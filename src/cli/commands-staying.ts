import type { Command } from 'commander';
import { trust } from './commands-containers.ts';
import type { Add } from './program.ts';

/** The commands that stay with a stack which others may have brought up. */
export function addStayingCommands(program: Command, add: Add): void {
  add(
    program
      .command('watch')
      .description('sync, rebuild or restart services when their files change, until Ctrl-C; they run on')
      .option('--no-up', 'do not bring the services up before')
      .option('--prune', 'remove images that new ones took the place of (default)')
      .option('--no-prune', 'keep them')
      .option(...trust)
      .option('--quiet', 'say nothing of builds while they go on'),
    async () => (await import('./run-watch.ts')).runWatch,
  );
  add(
    program
      .command('ui')
      .description('look at a stack that runs and act on it; it runs on when you leave with q or Ctrl-C'),
    async () => (await import('./run-ui.ts')).runUi,
  );
  add(
    program
      .command('supervise')
      .description(
        'stay with a stack that runs: make containers anew that vanish, and restart those that become unhealthy',
      ),
    async () => (await import('./run-ui.ts')).runSupervise,
    'own arguments',
  );
}
