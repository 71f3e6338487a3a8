import { addAbortSignal } from 'node:stream';
import { Command, CommanderError, Option } from 'commander';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import type { LoadRequest } from '../load/load.ts';
import { failure, ProblemsError } from '../model/problem.ts';
import type { Ui } from '../terminal/start.tsx';
import { addCompletionCommands } from './commands-completion.ts';
import { addContainerCommands, timeout } from './commands-containers.ts';
import { addEnvCommands } from './commands-env.ts';
import { addPublishCommands } from './commands-publish.ts';
import { addStayingCommands } from './commands-staying.ts';
import { addStreamCommands } from './commands-streams.ts';
import { addUpCommands } from './commands-up.ts';
import { copies } from './copies.ts';
import { end } from './end.ts';
import { withoutAlpha } from './experimental.ts';
import { printPlan } from './print.ts';
import { readChoice } from './read-options.ts';
import { registries } from './registries.ts';
import {
  type Ansi,
  type ProgressStyle,
  readSettings,
  type Said,
  speaksUnicode,
  useSettings,
} from './settings.ts';
import { commandIn, placeOfCommand, withPlainSwitches } from './switches.ts';
import type { UserConfig } from './user-config.ts';
import { composeVersion, version, versionLine } from './version.ts';

/** What is said of the stack file before a command. */
export interface Globals {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly projectDirectory?: string;
  readonly profile?: readonly string[];
  readonly envFile?: readonly string[];
  readonly allResources?: true;
  readonly compatibility?: true;
  /** Registries to speak with without encryption. */
  readonly insecureRegistry?: readonly string[];
  /** The old name of `--project-directory`. */
  readonly workdir?: string;
  /** In the place of Docker Compose: what happens is told in its words, and apart from data. */
  readonly asCompose?: boolean;
}

/** What every command understands. */
export interface GlobalOptions extends Globals {
  readonly json?: true;
  /** `--no-color` */
  readonly color: boolean;
  readonly ansi: Ansi;
  /** Whether a screen may be drawn. */
  readonly draws: boolean;
  readonly progress: ProgressStyle;
  /** The screen that was asked for by an option. */
  readonly ui?: Ui;
  /** Nothing but ASCII is shown. */
  readonly ascii: boolean;
  /** What the user wants of the screens where no option says otherwise. */
  readonly config: UserConfig;
  readonly asCompose: boolean;
  /** What one types to call the program. */
  readonly calledAs: string;
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
  /** All that can be said. */
  readonly words: Command;
  /** Resolves to the exit code; what went wrong has been told. */
  run(words: readonly string[]): Promise<number>;
}

/** Commands that change nothing, with which `--dry-run` has nothing to keep back. Others declare it, or refuse it. */
const onlyLook: ReadonlySet<string> = new Set(
  'check config diff doctor events images logs ls open plan port ps stats timeline top ui version viz volumes why'.split(
    ' ',
  ),
);

/** Commands that are a plan and nothing else: told instead of carried out it is what they would do. */
const rehearsed: ReadonlySet<string> = new Set(
  'build down gc kill pause pull push restart rm start stop undo unpause'.split(' '),
);

/** Of a user who has set nothing, and of a command that has nothing to do with a project, a user or an engine. */
const noConfig: UserConfig = { keys: {} };

/**
 * The commands, their options and their help: all of them, or only the one that the words name. A command's code is loaded when
 * it runs.
 */
export function createProgram({
  asCompose,
  calledAs,
  words,
}: Pick<GlobalOptions, 'asCompose' | 'calledAs'> & { readonly words?: readonly string[] }): Program {
  let outcome: Outcome | undefined;
  let globals: GlobalOptions | undefined;
  const program = new Command(asCompose ? 'docker compose' : 'stack')
    .description('Bring up a whole multi-service development environment from one Compose file.')
    .usage('[options] <command> [SERVICE...]')
    .version(
      asCompose ? `Docker Compose version ${composeVersion}` : version,
      '-v, --version',
      'print the version',
    )
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
    .option('--compatibility', 'names of containers and images as of Docker Compose 1, with _ for -')
    .option('--dry-run', 'change nothing, only tell what would happen')
    .option('--parallel <number>', 'give the engine no more to do at once (default: no limit)')
    .option('--progress <style>', 'how to tell what happens: auto, tty, plain, json or quiet')
    .option('--ansi <when>', 'colours and the live display: never, always or auto')
    .addOption(new Option('--no-ansi').hideHelp())
    .option('-c, --context <name>', 'the Docker context to use')
    .option('-H, --host <address>', 'the Docker Engine to use')
    .addOption(new Option('--config <folder>').hideHelp())
    .addOption(new Option('--insecure-registry <host>').argParser(collect).hideHelp())
    .addOption(new Option('--tls').hideHelp())
    .addOption(new Option('--tlsverify').hideHelp())
    .addOption(new Option('--tlscacert <file>').hideHelp())
    .addOption(new Option('--tlscert <file>').hideHelp())
    .addOption(new Option('--tlskey <file>').hideHelp())
    // What is told is all there is to tell; they are taken for the sake of scripts.
    .addOption(new Option('-D, --debug').hideHelp())
    .addOption(new Option('--verbose').hideHelp())
    .addOption(new Option('-l, --log-level <level>').hideHelp())
    .option('--ui <style>', 'what to show: inline or full (screens on a terminal), plain or json')
    .option('--ascii', 'show nothing but ASCII (default: as the locale says)')
    .option('--json', 'tell what happens as JSON lines')
    .option('--no-color', 'no colours')
    .helpOption('-h, --help', 'explain a command')
    .configureHelp({ showGlobalOptions: true })
    // Errors are told as all problems are; what is left is the help of a program that was given no command.
    .configureOutput({ outputError: () => {}, writeErr: (text) => process.stdout.write(text) })
    .enablePositionalOptions()
    .exitOverride();
  const globalsWith = async (options: Record<string, unknown>, isAlone: boolean): Promise<GlobalOptions> => {
    const said = program.opts<GlobalOptions & Said>();
    const steering = isAlone ? process.env : await steeringOf(said);
    const { ui: asked, json: isJson, trust } = options as Said;
    const settings = readSettings({ ...said, ui: asked, json: isJson, trust }, process.env, steering);
    const { ansi, draws, progress, ui, json } = settings;
    const tell = json || asCompose ? () => {} : printPlan;
    useSettings(settings, asCompose, options.dryRun === true ? tell : undefined);
    const { config, problems } = isAlone ? { config: noConfig, problems: [] } : await userConfig();
    const { ui: _, ...others } = said;
    const read: GlobalOptions = {
      ...others,
      ansi,
      draws,
      progress,
      asCompose,
      ascii: options.ascii === true || (config.ascii ?? !speaksUnicode(process.env, process.platform)),
      config,
      calledAs,
      color: said.color && options.color !== false,
      ...(ui === undefined ? {} : { ui }),
      ...(json ? { json } : {}),
    };
    if (problems.length > 0) (await import('./tell.ts')).tellPeople(problems, read);
    return read;
  };

  const add: Add = (command, run, takes) => {
    if (command === unmade) return;
    if (takes === undefined) command.argument('[SERVICE...]', 'services, default all');
    command
      // These are understood on either side of the command.
      .option('--json', 'tell what happens as JSON lines')
      .option('--no-color', 'no colours')
      .addOption(new Option('--ui <style>').hideHelp())
      .addOption(new Option('--ascii').hideHelp())
      .exitOverride();
    const declaresDry = command.options.some(({ long }) => long === '--dry-run');
    const isDry = declaresDry || rehearsed.has(command.name());
    if (!declaresDry) command.addOption(new Option('--dry-run').hideHelp());
    command.action(async () => {
      const options = { ...program.opts(), ...command.opts() };
      globals = await globalsWith(options, command.name() === 'version');
      if (options.dryRun === true && !isDry && !onlyLook.has(command.name())) throw notDry(command);
      outcome = await (await run())(command.args, { ...command.opts(), dryRun: options.dryRun }, globals);
    });
  };

  const addCommands = (to: Command): void => {
    addUpCommands(to, add);
    addStayingCommands(to, add);
    add(
      to
        .command('down')
        .description('stop and remove containers and networks')
        .option('-v, --volumes', 'also remove volumes; their data is kept for a while: stack undo')
        .addOption(new Option('--volume').hideHelp())
        .option('--rmi <which>', 'also remove images: local for those that were built here, or all')
        .option('--remove-orphans', 'also containers of services that the file no longer has')
        .option(...timeout)
        .option('-y, --yes', 'do not ask about volumes'),
      async () => (await import('./run-down.ts')).runDown,
    );
    add(
      to
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
      to
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
      to
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
        .option(
          '--hash <services>',
          'hashes of the configuration of services, with commas between; * for all',
        )
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
      to
        .command('check')
        .description('tell all that is wrong with the stack file and with what it needs on this machine')
        .option('--strict', 'fail for warnings, too'),
      async () => (await import('./run-check.ts')).runCheck,
    );
    add(
      to
        .command('doctor')
        .description(
          'tell which engine is used, what is wrong with it and this machine, and what is in the way of a stack',
        )
        .option(
          '--fix',
          'mend what can be mended, e.g. install or start an engine; each is shown and asked about',
        )
        .option('-y, --yes', 'with --fix: ask nothing'),
      async () => (await import('./run-doctor.ts')).runDoctor,
      'own arguments',
    );
    addContainerCommands(to, add);
    addStreamCommands(to, add);
    addPublishCommands(to, add);
    addEnvCommands(to, add);
    addCompletionCommands(to, add);
    add(
      to
        .command('version')
        .description('print the version')
        .option('-f, --format <form>', 'pretty or json', 'pretty')
        .option('--short', 'only the number'),
      async () => tellVersion,
      'own arguments',
    );
  };
  const named = words?.[placeOfCommand(words, program)];
  if (named !== undefined) addCommands(withOnly(named, program));
  if (program.commands.length === 0) addCommands(program);

  return {
    words: program,
    async run(given) {
      let words = given;
      try {
        words = withoutAlpha(given, program);
        const place = placeOfCommand(words, program);
        if (words[place]?.startsWith('__complete')) {
          const { complete } = await import('./completion.ts');
          const text = await complete(words.toSpliced(place, 1), program);
          process.stdout.write(words[place] === '__complete' ? text : text.replace(/\t.*/g, ''));
          return 0;
        }
        await program.parseAsync(withPlainSwitches(words, program), { from: 'user' });
        return end(outcome ?? succeeded);
      } catch (error) {
        // Help and version end by this, too.
        if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help'))
          return 0;
        const { tellFailure } = await import('./tell.ts');
        const before = program.opts<GlobalOptions>();
        const behind = commandIn(words, program).opts<Partial<GlobalOptions>>();
        const told = globals ?? {
          ...before,
          ...(behind.json === true && { json: true }),
          ansi: 'auto',
          draws: true,
          progress: 'auto',
          ascii: before.ascii === true || behind.ascii === true,
          color: before.color && behind.color !== false,
          config: noConfig,
          asCompose,
          calledAs,
        };
        const fail = (reason: unknown): number => end({ exitCode: tellFailure(reason, told), problems: [] });
        if (!(error instanceof CommanderError)) return fail(error);
        const { explainUsage } = await import('./usage.ts');
        const problem = explainUsage(error, commandIn(words, program), program, asCompose);
        return fail(new ProblemsError([problem]));
      }
    },
  };
}

/** The program to which no command can be added but one: to make all takes longer than most of them take. */
function withOnly(name: string, program: Command): Command {
  const command = (one: string): Command => (one === name ? program.command(one) : unmade);
  return Object.create(program, { command: { value: command } });
}

/** Takes all that is said of a command. */
const unmade: Command = new Proxy({} as Command, { get: () => () => unmade });

const tellVersion: Run = async (_, { short, format }, { asCompose, json }) => {
  const form = json === true ? 'json' : readChoice('--format', String(format), ['pretty', 'json']);
  const data = `${JSON.stringify({ version: asCompose ? composeVersion : version })}\n`;
  const isData = form === 'json' && short !== true;
  process.stdout.write(isData ? data : versionLine(asCompose, short === true));
  return succeeded;
};

/** See `steeringVariables`. */
async function steeringOf(said: Globals): Promise<Readonly<Record<string, string | undefined>>> {
  const { steeringVariables } = await import('../load/steering.ts');
  return steeringVariables(loadRequest([], said));
}

async function userConfig() {
  const { readUserConfig, userConfigFile } = await import('./user-config.ts');
  return readUserConfig(userConfigFile(process.env));
}

function notDry(command: Command): Error {
  return failure({
    code: 'invalid-option',
    message: `${command.name()} cannot tell what it would do`,
    hint: 'leave out --dry-run',
  });
}

/** What is to be loaded, from the options, the current folder and the process's environment. */
export function loadRequest(
  services: readonly string[],
  globals: Globals,
  signal?: AbortSignal,
): LoadRequest {
  const projectDirectory = globals.projectDirectory ?? globals.workdir;
  let input: Promise<string> | undefined;
  return {
    directory: process.cwd(),
    files: globals.file ?? [],
    profiles: globals.profile ?? [],
    services,
    environment: process.env,
    // It can be read once, and a stack may be loaded again.
    readStdin: () => {
      input ??= readStdin(signal);
      return input;
    },
    published: registries((host) => globals.insecureRegistry?.includes(host) === true, signal),
    copyNamed: copies.find,
    defaultPlatform: true,
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(projectDirectory === undefined ? {} : { projectDirectory }),
    ...(globals.envFile === undefined ? {} : { envFiles: globals.envFile }),
    ...(globals.allResources === true ? { allResources: true } : {}),
    ...(globals.compatibility === true ? { compatibility: true } : {}),
    // A program that finds variables which it does not have with Docker Compose may do something else.
    ...(globals.asCompose === true ? { discovery: false } : {}),
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
