import type { Command } from 'commander';
import type { Add } from './program.ts';
import type { ActionName } from './run-actions.ts';

/** The commands that work on containers which exist, and those that list what there is. */
export function addContainerCommands(program: Command, add: Add): void {
  addActions(program, add);
  addGc(program, add);
  addUndo(program, add);
  addLists(program, add);
  addStreams(program, add);
}

/** What all commands that stop containers understand. */
export const timeout = [
  '-t, --timeout <seconds>',
  'kill what has not stopped by then (default: stop_grace_period, else 10)',
] as const;

/** What all commands that make containers understand. */
export const trust = [
  '--trust',
  'let the stack have what reaches beyond its containers and its folder, now and from now on',
] as const;

function addActions(program: Command, add: Add): void {
  const act = (command: Command): void =>
    add(command, async () => (await import('./run-actions.ts')).runAction(command.name() as ActionName));

  act(program.command('start').description('start containers that have stopped, and what they depend on'));
  act(
    program
      .command('stop')
      .description('stop containers and keep them')
      .option(...timeout),
  );
  act(
    program
      .command('restart')
      .description('restart containers as they are; changes of the file are for up')
      .option('--no-deps', 'leave what depends on them as it is')
      .option(...timeout),
  );
  act(program.command('pause').description('freeze the processes of services'));
  act(program.command('unpause').description('let the processes of services go on'));
  act(
    program
      .command('kill')
      .description('end containers at once, or send them a signal')
      .option('-s, --signal <signal>', 'name or number of the signal (default: SIGKILL)')
      .option('--remove-orphans', 'also containers of services that the file no longer has'),
  );
  add(
    program
      .command('rm')
      .description('remove containers that have stopped; networks and named volumes stay')
      .option('-f, --force', 'do not ask')
      .option('-s, --stop', 'stop what runs before')
      .option('-v, --volumes', 'also remove their anonymous volumes')
      .addOption(program.createOption('-a, --all').hideHelp()),
    async () => (await import('./run-remove.ts')).runRemove,
  );
}

function addGc(program: Command, add: Add): void {
  add(
    program
      .command('gc')
      .description('remove what the stack has left on the engine and nothing uses; asks before')
      .option('-a, --all', 'what all stacks have left')
      .option(
        '--volumes',
        'also volumes that no container mounts; their data is kept for a while: stack undo',
      )
      .option('--trash', 'also all that is kept of removed volumes, for good')
      .option('-y, --yes', 'do not ask'),
    async () => (await import('./run-gc.ts')).runGc,
    'own arguments',
  );
}

function addUndo(program: Command, add: Add): void {
  add(
    program
      .command('undo')
      .description('bring back volumes that were removed last, with their data; they are kept for a while')
      .argument(
        '[ID]',
        'one volume as --list names it (3f9a2c-1), or all that went with it (3f9a2c; default: what this stack lost last)',
      )
      .option('--list', 'list what is kept of removed volumes, of all stacks')
      .option('--as <name>', 'into a volume of another name'),
    async () => (await import('./run-undo.ts')).runUndo,
    'own arguments',
  );
}

function addLists(program: Command, add: Add): void {
  add(
    program
      .command('ls')
      .description('list the projects on the engine')
      .option('-a, --all', 'also those of which nothing runs')
      .option('--filter <name=pattern>', 'only those whose name matches a regular expression', collect)
      .option('--format <form>', 'table or json', 'table')
      .option('-q, --quiet', 'only names')
      .option('--usage', 'also processor, memory and disk, which takes a moment'),
    async () => (await import('./run-lists.ts')).runLs,
    'own arguments',
  );
  add(
    program
      .command('images')
      .description('list the images of the containers')
      .option('--format <form>', 'table or json', 'table')
      .option('-q, --quiet', 'only ids'),
    async () => (await import('./run-lists.ts')).runImages,
  );
  add(
    program
      .command('volumes')
      .description('list the volumes of the project, or those that services mount')
      .option('--format <form>', 'table, json, a template, or table and a template', 'table')
      .option('-q, --quiet', 'only names'),
    async () => (await import('./run-lists.ts')).runVolumes,
  );
  add(
    program.command('top').description('list the processes of the containers'),
    async () => (await import('./run-lists.ts')).runTop,
  );
  add(
    program
      .command('port')
      .description('print where a port of a service is published')
      .argument('<SERVICE>', 'the service')
      .argument('<PRIVATE_PORT>', 'the port inside of the container')
      .option('--index <number>', 'which replica (default: the first that runs)')
      .option('--protocol <protocol>', 'tcp or udp', 'tcp'),
    async () => (await import('./run-lists.ts')).runPort,
    'own arguments',
  );
  add(
    program
      .command('open')
      .description('print the address of a service, and open it in the browser')
      .argument('<SERVICE>', 'the service'),
    async () => (await import('./run-lists.ts')).runOpen,
    'own arguments',
  );
}

function addStreams(program: Command, add: Add): void {
  add(
    program
      .command('wait')
      .description('wait until the containers of services end, and exit as the last of them did')
      .argument('<SERVICE...>', 'services')
      .option('--down-project', 'then take the project down'),
    async () => (await import('./run-wait.ts')).runWait,
    'own arguments',
  );
  add(
    program
      .command('events')
      .description('tell what happens to the containers; with --json as JSON lines')
      .option('--since <time>', 'also what happened since a time (2026-01-02T13:23:37Z) or for a time (42m)')
      .option('--until <time>', 'no longer than until a time'),
    async () => (await import('./run-events.ts')).runEvents,
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
