import type { Command } from 'commander';
import { failure } from '../model/problem.ts';
import { timeout, trust } from './commands-containers.ts';
import type { Add } from './program.ts';

/** The commands that bring a stack up, whole or in part, and those that tell what that would do. */
export function addUpCommands(program: Command, add: Add): void {
  addUp(program, add);
  addPlans(program, add);
  addImages(program, add);
}

function addUp(program: Command, add: Add): void {
  const hidden = (flags: string) => program.createOption(flags).hideHelp();
  const up = withContainerOptions(program, 'up')
    .description('build, create and start the services and stay with them; Ctrl-C stops them')
    .option('-d, --detach', 'return once everything runs')
    .option('--wait', 'return once everything is healthy, or runs, or has done its work')
    .option('--wait-timeout <seconds>', 'fail if a service takes longer for that')
    .option('--no-start', 'create containers and do not start them')
    .option('--no-deps', 'leave what the services depend on as it is')
    .option('--always-recreate-deps', 'also replace what they depend on, even if nothing changed')
    .option('-V, --renew-anon-volumes', 'new anonymous volumes in the place of those of replaced containers')
    .option('--quiet-build', 'say nothing of builds while they go on')
    .option(...timeout)
    .option('--abort-on-container-exit', 'stop all once a container ends')
    .option('--abort-on-container-failure', 'stop all once a container fails')
    .option('--exit-code-from <service>', 'exit as this service does; stops all once a container ends')
    .option('--attach <service>', 'show the output of this service only; repeatable', followed(true))
    .option('--no-attach <service>', 'do not show the output of a service; repeatable', followed(false))
    .option('--attach-dependencies', 'also show the output of what the services depend on')
    .option('--no-log-prefix', 'output without the name of the container')
    .option('--timestamps', 'output with the time at which it came')
    .option(
      '-w, --watch',
      'sync, rebuild or restart services when their files change (default on a terminal)',
    )
    .option('--no-watch', 'do nothing when files of services change')
    .option(
      '--name <name>',
      'bring up a copy beside the stack: a project of this name, with ports of its own',
    )
    .option('--isolated', 'the same, with a name made out of the folder')
    .option('--data <which>', 'what the volumes of a new copy have: empty (default), share or clone')
    .option('--dry-run', 'only tell what would be done')
    .addOption(hidden('--menu'));
  add(up, async () => (await import('./run-up.ts')).runUp);
  add(
    withContainerOptions(program, 'create')
      .description('create containers, networks and volumes, and start nothing')
      .option('--dry-run', 'only tell what would be done'),
    async () => (await import('./run-create.ts')).runCreate,
  );
  add(
    program
      .command('scale')
      .description('give services as many containers as you say, until the next up')
      .argument('<SERVICE=NUMBER...>', 'services and how many containers each is to have')
      .option('--no-deps', 'leave what they depend on as it is')
      .option(...trust)
      .option('--dry-run', 'only tell what would be done'),
    async () => (await import('./run-scale.ts')).runScale,
    'own arguments',
  );
}

/** What `up` and `create` have in common. */
function withContainerOptions(program: Command, name: string): Command {
  const command = program
    .command(name)
    .option(
      '--build',
      'ask the builder for images that are there, too, unless the same would certainly come out',
    )
    .option('--no-build', 'build nothing, even if an image is missing')
    .option('--pull <policy>', 'always, missing, never or build, in the place of every pull_policy')
    .option('--quiet-pull', 'say nothing of images while they are pulled')
    .option('--force-recreate', 'replace containers even if nothing changed')
    .option('--no-recreate', 'replace nothing, whatever changed')
    .option('--scale <service=number>', 'how many containers a service is to have; repeatable', collect)
    .option('--remove-orphans', 'remove containers of services that the file no longer has')
    .option('-y, --yes', 'ask nothing, and make volumes anew whose settings changed, without their data')
    .option(...trust)
    .addOption(program.createOption('--y').hideHelp());
  refuseBoth(command, 'build');
  return command;
}

/** The parser takes the last of two opposites. */
function refuseBoth(command: Command, name: string): void {
  const given = new Set<string>();
  for (const option of [name, `no-${name}`]) {
    command.on(`option:${option}`, () => {
      given.add(option);
      if (given.size < 2) return;
      throw failure({
        code: 'invalid-option',
        message: `--${name} and --no-${name} are incompatible`,
        hint: 'leave one of them out',
      });
    });
  }
}

function addPlans(program: Command, add: Add): void {
  add(
    program.command('plan').description('tell what up would do and why; changes nothing'),
    async () => (await import('./run-plan.ts')).runPlan,
  );
  add(
    program
      .command('why')
      .description('tell why the containers of a service are as they are')
      .argument('<SERVICE>', 'the service'),
    async () => (await import('./run-plan.ts')).runWhy,
    'own arguments',
  );
  add(
    program
      .command('timeline')
      .description('show how long each service took to come up, and what made it long')
      .option('--all', 'list all starts that are kept')
      .option('--last <number>', 'how many starts back: 1 is the last one', '1'),
    async () => (await import('./run-timeline.ts')).runTimeline,
    'own arguments',
  );
}

function addImages(program: Command, add: Add): void {
  const hidden = (flags: string) => program.createOption(flags).hideHelp();
  const quiet = ['-q, --quiet', 'say nothing while it goes on'] as const;
  const dependencies = ['--include-deps', 'also for what the services depend on'] as const;
  add(
    program
      .command('pull')
      .description('pull the images of services')
      .option('--ignore-buildable', 'leave out services that can be built')
      .option('--ignore-pull-failures', 'go on without images that cannot be had')
      .option(...dependencies)
      .option('--policy <policy>', 'missing or always, in the place of every pull_policy')
      .option(...quiet)
      .addOption(hidden('--parallel'))
      .addOption(hidden('--no-parallel')),
    async () => (await import('./run-images.ts')).runPull,
  );
  add(
    program
      .command('push')
      .description('push the images that services build to their registries')
      .option('--ignore-push-failures', 'go on after failures')
      .option(...dependencies)
      .option(...quiet),
    async () => (await import('./run-images.ts')).runPush,
  );
  const build = program
    .command('build')
    .description('build the images of services')
    .option(
      '--build-arg <argument>',
      'NAME=VALUE, or NAME for a variable of the project; repeatable',
      collect,
    )
    .option('--no-cache', 'do every step anew')
    .option('--pull', 'look for newer base images')
    .option('--push', 'push what was built')
    .option('--with-dependencies', 'also build what the services depend on')
    .option('--ssh <key>', 'default for your SSH agent, or ID=PATH of a key; repeatable', collect)
    .option('--check', 'build nothing, tell what is doubtful in the Dockerfiles')
    .option('--explain', 'also tell why steps were not cached, and what makes the builds slow')
    .option('--print', 'print the builds as a file for docker buildx bake, and build nothing')
    .option('--builder <name>', 'build with a builder of docker buildx')
    .option('--provenance <setting>', 'say in the image how it was built: true, false or mode=max')
    .option('--sbom <setting>', 'say in the image what it is made of: true, false or generator=IMAGE')
    .option('-m, --memory <bytes>', 'what a step may use, with the classic builder')
    .option(...trust)
    .option(...quiet);
  for (const flags of [
    '--compress',
    '--force-rm',
    '--no-rm',
    '--parallel',
    '--no-parallel',
    '--progress <style>',
  ]) {
    build.addOption(hidden(flags));
  }
  add(build, async () => (await import('./run-images.ts')).runBuild);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A service whose output is or is not to be shown. The two options are kept as one by the parser. */
export interface Followed {
  readonly service: string;
  readonly shown: boolean;
}

function followed(shown: boolean) {
  return (service: string, before: readonly Followed[] = []): readonly Followed[] => [
    ...before,
    { service, shown },
  ];
}
