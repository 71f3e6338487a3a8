import { addAbortSignal } from 'node:stream';
import { Command, CommanderError, Option } from 'commander';
import type { Outcome } from '../commands/outcome.ts';
import type { LoadRequest } from '../load/load.ts';
import { addContainerCommands } from './commands-containers.ts';
import { withPlainSwitches } from './switches.ts';
import { version } from './version.ts';

/** What every command understands. */
export interface GlobalOptions {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly projectDirectory?: string;
  readonly profile?: readonly string[];
  readonly envFile?: readonly string[];
  readonly allResources?: true;
  readonly compatibility?: true;
  /** The old name of `--project-directory`. */
  readonly workdir?: string;
  json?: true;
  /** `--no-color` */
  color: boolean;
}

type Run = (
  services: readonly string[],
  options: Record<string, unknown>,
  globals: GlobalOptions,
) => Promise<Outcome>;

/**
 * Makes a command one of the program's. It takes the names of services unless it says itself what it takes.
 */
export type Add = (command: Command, run: () => Promise<Run>, takes?: 'own arguments') => void;

export interface Program {
  /** Resolves to the exit code; what went wrong has been told. */
  run(words: readonly string[]): Promise<number>;
}

/** The commands, their options and their help. A command's code is loaded when it runs. */
export function createProgram(): Program {
  let outcome: Outcome | undefined;
  const program = new Command('stack')
    .description('Bring up a whole multi-service development environment from one Compose file.')
    .usage('[options] <command> [SERVICE...]')
    .version(version, '--version', 'print the version')
    .option(
      '-f, --file <path>',
      'stack file; repeat to merge several (default: stack.yaml, compose.yaml, …)',
      collect,
    )
    .option('-p, --project-name <name>', 'project name (default: name: of the file, else the folder)')
    .option(
      '--project-directory <folder>',
      'what relative paths are relative to (default: folder of the file)',
    )
    .addOption(new Option('--workdir <folder>').hideHelp())
    .option('--profile <name>', 'switch on a profile; repeat for several, * for all', collect)
    .option('--env-file <path>', 'variables for the stack file, instead of .env; repeat for several', collect)
    .option('--all-resources', 'keep networks, volumes, configs and secrets that no service uses')
    .option('--compatibility', 'names as of Docker Compose 1, with _ for -')
    .option('--json', 'tell what happens as JSON lines')
    .option('--no-color', 'no colours')
    .helpOption('-h, --help', 'explain a command')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride();

  const add: Add = (command, run, takes) => {
    if (takes === undefined) command.argument('[SERVICE...]', 'services, default all');
    command
      // These two are understood on either side of the command.
      .option('--json', 'tell what happens as JSON lines')
      .option('--no-color', 'no colours')
      .exitOverride()
      .action(async () => {
        const options = command.opts();
        const globals = program.opts<GlobalOptions>();
        if (options.json === true) globals.json = true;
        if (options.color === false) globals.color = false;
        outcome = await (await run())(command.args, options, globals);
      });
  };

  add(
    program
      .command('up')
      .description('build, create and start the services and stay with them; Ctrl-C stops them')
      .option('-d, --detach', 'return once everything runs')
      .option('--build', 'build images even if they are there')
      .option('--force-recreate', 'replace containers even if nothing changed')
      .option('--remove-orphans', 'remove containers of services that the file no longer has')
      .option('-w, --watch', 'rebuild services when their files change (default on a terminal)')
      .option('--no-watch', 'do not rebuild services when their files change'),
    async () => (await import('./run-up.ts')).runUp,
  );
  add(
    program
      .command('down')
      .description('stop and remove containers and networks')
      .option('-v, --volumes', 'also remove volumes, with their data')
      .addOption(new Option('--volume').hideHelp())
      .option('--rmi <which>', 'also remove images: local for those that were built here, or all')
      .option('--remove-orphans', 'also containers of services that the file no longer has')
      .option(
        '-t, --timeout <seconds>',
        'kill what has not stopped by then (default: stop_grace_period, else 10)',
      ),
    async () => (await import('./run-down.ts')).runDown,
  );
  add(
    program
      .command('ps')
      .description('list containers')
      .option('-a, --all', 'also those that have ended, and one-off ones')
      .option('--filter <filter>', 'only those in a state: status=running')
      .option('--format <form>', 'table, json, a template, or table and a template', 'table')
      .option('--no-trunc', 'nothing is cut')
      .option('--orphans', 'also those of services that the file no longer has (default)')
      .option('--no-orphans', 'only those of services that the file has')
      .option('-q, --quiet', 'only ids')
      .option('--services', 'only names of services')
      .option('--status <state>', 'only those in a state; repeat for several', collect),
    async () => (await import('./run-ps.ts')).runPs,
  );
  add(
    program
      .command('logs')
      .description('print what the services wrote')
      .option('-f, --follow', 'go on as they write')
      .option('-n, --tail <lines>', 'only the last lines of each container', 'all')
      .option('-t, --timestamps', 'with the time of each line')
      .option('--since <time>', 'only since a time (2026-01-02T13:23:37Z) or for a time (42m)')
      .option('--until <time>', 'only before a time')
      .option('--index <number>', 'only of one replica of a service')
      .option('--no-log-prefix', 'without the name of the container'),
    async () => (await import('./run-logs.ts')).runLogs,
  );
  add(
    program
      .command('config')
      .description('print the stack file as it is understood, or what is in it')
      .option('--format <form>', 'yaml (default) or json; of --variables also table')
      .option('-o, --output <file>', 'write to a file')
      .option('-q, --quiet', 'only check')
      .option('--services', 'names of services')
      .option('--volumes', 'names of volumes')
      .option('--networks', 'names of networks')
      .option('--models', 'names of models')
      .option('--images', 'names of images')
      .option('--profiles', 'names of profiles')
      .option('--hash <services>', 'hashes of the configuration of services, with commas between; * for all')
      .option('--environment', 'the variables that are put into the file, with their values')
      .option('--variables', 'the variables that the file uses, with their defaults')
      .option(
        '--origin <path>',
        'where a value was written, and what it took the place of: services.web.image',
      )
      .option('--upgrade', 'print a file of Docker Compose version 1, 2 or 3 as one of today')
      .option('--no-interpolate', 'leave variables as they are written')
      .option('--no-normalize', 'without what a file implies: the default network, names')
      .option('--no-path-resolution', 'leave relative paths as they are written')
      .option('--no-consistency', 'do not check that what is referred to is there')
      .option('--no-env-resolution', 'do not read env files of services')
      .option('--resolve-image-digests', 'name images by the digests that their registries tell')
      .option('--lock-image-digests', 'print a file with nothing but images named by their digests')
      .option('--show-secrets', 'show credentials on a terminal, too'),
    async () => (await import('./run-config.ts')).runConfig,
  );
  add(
    program
      .command('check')
      .description('tell all that is wrong with the stack file and with what it needs on this machine')
      .option('--strict', 'fail for warnings, too'),
    async () => (await import('./run-check.ts')).runCheck,
  );
  addContainerCommands(program, add);
  program
    .command('version')
    .description('print the version')
    .option('--short', 'only the number')
    .action(({ short }: { short?: true }) => {
      process.stdout.write(short === true ? `${version}\n` : `stack ${version}\n`);
    });

  return {
    async run(words) {
      try {
        if (words.length === 0) {
          program.outputHelp();
          return 0;
        }
        await program.parseAsync(withPlainSwitches(words, program), { from: 'user' });
        return outcome?.exitCode ?? 0;
      } catch (error) {
        // Help and version end by this, too; errors in the words have been told by now.
        if (error instanceof CommanderError) {
          if (error.code === 'commander.unknownOption') hintAtPlace(program, error.message);
          return error.exitCode === 0 ? 0 : 1;
        }
        const { tellFailure } = await import('./tell.ts');
        return tellFailure(error, program.opts<GlobalOptions>());
      }
    },
  };
}

/** As with Docker Compose, what is about the whole stack stands before the command. */
function hintAtPlace(program: Command, message: string): void {
  const flag = /'(--?[\w-]+)/.exec(message)?.[1];
  const known = program.options.some(
    ({ long, short }) => flag !== undefined && (long === flag || short === flag),
  );
  if (known) process.stderr.write(`  hint: write ${flag} before the command\n`);
}

/** What is to be loaded, from the options, the current folder and the process's environment. */
export function loadRequest(
  services: readonly string[],
  globals: GlobalOptions,
  signal?: AbortSignal,
): LoadRequest {
  const projectDirectory = globals.projectDirectory ?? globals.workdir;
  return {
    directory: process.cwd(),
    files: globals.file ?? [],
    profiles: globals.profile ?? [],
    services,
    environment: process.env,
    readStdin: () => readStdin(signal),
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(projectDirectory === undefined ? {} : { projectDirectory }),
    ...(globals.envFile === undefined ? {} : { envFiles: globals.envFile }),
    ...(globals.allResources === true ? { allResources: true } : {}),
  };
}

/** Someone who types may change their mind. */
async function readStdin(signal: AbortSignal | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  if (signal !== undefined) addAbortSignal(signal, process.stdin);
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
