import { addAbortSignal } from 'node:stream';
import { Command, CommanderError, Option } from 'commander';
import type { Outcome } from '../commands/outcome.ts';
import type { LoadRequest } from '../load/load.ts';
import { version } from './version.ts';

/** What every command understands. */
export interface GlobalOptions {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly projectDirectory?: string;
  readonly profile?: readonly string[];
  json?: true;
  /** `--no-color` */
  color: boolean;
}

type Run = (
  services: readonly string[],
  options: Record<string, unknown>,
  globals: GlobalOptions,
) => Promise<Outcome>;

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
    .option('--profile <name>', 'switch on a profile; repeat for several, * for all', collect)
    .option('--json', 'tell what happens as JSON lines')
    .option('--no-color', 'no colours')
    .helpOption('-h, --help', 'explain a command')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride();

  const add = (command: Command, run: () => Promise<Run>): void => {
    command
      .argument('[SERVICE...]', 'services, default all')
      // These two are understood on either side of the command.
      .option('--json', 'tell what happens as JSON lines')
      .option('--no-color', 'no colours')
      .exitOverride()
      .action(async (services: string[], options: Record<string, unknown>) => {
        const globals = program.opts<GlobalOptions>();
        if (options.json === true) globals.json = true;
        if (options.color === false) globals.color = false;
        outcome = await (await run())(services, options, globals);
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
      .addOption(new Option('--rmi <which>', 'also remove images that were built here').choices(['local']))
      .option('--remove-orphans', 'also containers of services that the file no longer has'),
    async () => (await import('./run-down.ts')).runDown,
  );
  add(
    program
      .command('ps')
      .description('list containers')
      .option('-a, --all', 'also those that have ended')
      .addOption(new Option('--format <form>', 'table or json').choices(['table', 'json']).default('table')),
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
      .option('--no-log-prefix', 'without the name of the container'),
    async () => (await import('./run-logs.ts')).runLogs,
  );
  add(
    program
      .command('config')
      .description('print the stack file as it is understood')
      .addOption(new Option('--format <form>', 'yaml or json').choices(['yaml', 'json']).default('yaml'))
      .option('-q, --quiet', 'only check'),
    async () => (await import('./run-config.ts')).runConfig,
  );
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
        await program.parseAsync(words, { from: 'user' });
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
  return {
    directory: process.cwd(),
    files: globals.file ?? [],
    profiles: globals.profile ?? [],
    services,
    environment: process.env,
    readStdin: () => readStdin(signal),
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(globals.projectDirectory === undefined ? {} : { projectDirectory: globals.projectDirectory }),
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
