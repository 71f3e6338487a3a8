import type { Command } from 'commander';
import { trust } from './commands-containers.ts';
import type { Add } from './program.ts';

/** The commands that connect a user with what runs in containers, or carry files. */
export function addStreamCommands(program: Command, add: Add): void {
  addProcesses(program, add);
  addFiles(program, add);
}

const index = ['--index <number>', 'which replica (default: the first that runs)'] as const;

function addProcesses(program: Command, add: Add): void {
  add(
    withTerminalOptions(
      program
        .command('exec')
        .description('run a command in a container that runs, and exit as it does')
        .usage('[options] SERVICE COMMAND [ARG...]')
        .argument('<SERVICE>', 'the service')
        .argument('<COMMAND...>', 'the command and its arguments')
        .option('-d, --detach', 'do not wait for its end')
        .option(
          '-e, --env <variable>',
          'NAME=VALUE, or NAME for a variable of the project; repeatable',
          collect,
        )
        .option(...index)
        .option('--privileged', 'with all that the engine may do')
        .option('-u, --user <user>', 'as another user')
        .option('-w, --workdir <folder>', 'in another folder of the container'),
    ),
    async () => (await import('./run-exec.ts')).runExec,
    'own arguments',
  );
  add(
    program
      .command('attach')
      .description('connect with the first process of a container, and exit as it does')
      .argument('<SERVICE>', 'the service')
      .option('--detach-keys <keys>', 'keys that leave it (default: ctrl-p,ctrl-q)')
      .option(...index)
      .option('--no-stdin', 'only listen')
      .option('--sig-proxy', 'hand signals on to the process (default)')
      .option('--no-sig-proxy', 'signals end only this program'),
    async () => (await import('./run-exec.ts')).runAttach,
    'own arguments',
  );
  add(
    withTerminalOptions(
      program
        .command('run')
        .description('run a command in a container of its own, made as a service says, and exit as it does')
        .usage('[options] SERVICE [COMMAND] [ARG...]')
        .argument('<SERVICE>', 'the service')
        .argument('[COMMAND...]', 'the command and its arguments (default: that of the service)')
        .option('--build', 'build the image first')
        .option('--cap-add <capability>', 'a Linux capability to give to it; repeatable', collect)
        .option('--cap-drop <capability>', 'a Linux capability to take from it; repeatable', collect)
        .option('-d, --detach', 'print the id of the container and do not wait for its end')
        .option('--entrypoint <words>', 'in the place of that of the service, whose command goes with it')
        .option(
          '-e, --env <variable>',
          'NAME=VALUE, or NAME for a variable of the project; repeatable',
          collect,
        )
        .option('--env-from-file <path>', 'variables of a file; --env wins; repeatable', collect)
        .option('-l, --label <label>', 'NAME=VALUE; repeatable', collect)
        .addOption(program.createOption('--labels <label>').argParser(collect).hideHelp())
        .option('--name <name>', 'name of the container')
        .option('--no-deps', 'leave what the service depends on as it is')
        .option('-p, --publish <port>', 'publish a port: [IP:][HOST:]CONTAINER; repeatable', collect)
        .option('--pull <policy>', 'pull the image: always, missing or never (default: as the file says)')
        .option('-q, --quiet', 'tell nothing but what goes wrong')
        .option('--quiet-build', 'tell no progress of builds')
        .option('--quiet-pull', 'tell no progress of pulls')
        .option('--remove-orphans', 'remove containers of services that the file no longer has')
        .option('--rm', 'remove the container once it has ended')
        .option('-P, --service-ports', 'publish the ports of the service')
        .option(...trust)
        .option('--use-aliases', 'make it known on networks by the names of the service')
        .option('-u, --user <user>', 'as another user')
        .option('-v, --volume <mount>', 'mount something more: SOURCE:TARGET[:ro]; repeatable', collect)
        .addOption(program.createOption('--volumes <mount>').argParser(collect).hideHelp())
        .option('-w, --workdir <folder>', 'in another folder of the container'),
    ),
    async () => (await import('./run-run.ts')).runRun,
    'own arguments',
  );
  add(
    program
      .command('stats')
      .description('tell what the containers use, again and again')
      .argument('[SERVICE]', 'the service, default all')
      .option('-a, --all', 'also those that do not run')
      .option('--format <form>', 'table, json, a template, or table and a template', '')
      .option('--no-stream', 'only once')
      .option('--no-trunc', 'nothing is cut'),
    async () => (await import('./run-stats.ts')).runStats,
    'own arguments',
  );
}

/** What follows the service is the command's, whatever it looks like. */
function withTerminalOptions(command: Command): Command {
  const hidden = (flags: string) => command.createOption(flags).hideHelp();
  return command
    .passThroughOptions()
    .addOption(hidden('-t, --tty'))
    .option('-T, --no-tty', 'without a terminal (default where stdout is none)')
    .addOption(hidden('--TTY'))
    .addOption(hidden('--no-TTY'))
    .addOption(hidden('-i, --interactive'))
    .addOption(hidden('--no-interactive'));
}

function addFiles(program: Command, add: Add): void {
  add(
    program
      .command('cp')
      .description('copy files from or to containers: SERVICE:PATH, a path here, or - for a tar')
      .usage('[options] SERVICE:SOURCE DESTINATION|-\n       stack cp [options] SOURCE|- SERVICE:DESTINATION')
      .argument('<SOURCE>', 'what to copy')
      .argument('<DESTINATION>', 'where to')
      .option('-a, --archive', 'keep users and groups by their numbers')
      .addOption(program.createOption('--all').hideHelp())
      .option('-L, --follow-link', 'copy what a symbolic link leads to')
      .option('--index <number>', 'which replica (default: to all, or from the newest)'),
    async () => (await import('./run-files.ts')).runCopy,
    'own arguments',
  );
  add(
    program
      .command('export')
      .description('write all files of a container as a tar')
      .argument('<SERVICE>', 'the service')
      .option(...index)
      .option('-o, --output <file>', 'to a file that only you can read, instead of stdout'),
    async () => (await import('./run-files.ts')).runExport,
    'own arguments',
  );
  add(
    program
      .command('commit')
      .description('make an image of a container as it is now')
      .argument('<SERVICE>', 'the service')
      .argument('[REPOSITORY[:TAG]]', 'name of the image')
      .option('-a, --author <author>', 'who made it')
      .option('-c, --change <instruction>', 'an instruction as in a Dockerfile; repeatable', collect)
      .option(...index)
      .option('-m, --message <text>', 'what was changed')
      .option('-p, --pause', 'freeze the container meanwhile (default)')
      .option('--no-pause', 'let the container run meanwhile'),
    async () => (await import('./run-files.ts')).runCommit,
    'own arguments',
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
