import path from 'node:path';
import type { Condition } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';

/** What is known of a problem besides itself. */
export interface ProblemContext {
  /** Absolute; files that are named by their way from here get their whole path. */
  readonly directory: string;
  /** What was waited for when it showed. */
  readonly condition?: Condition | undefined;
  /** Containers of its service, by their names on the engine. */
  readonly containers?: readonly string[];
}

interface Phrase {
  readonly when: RegExp;
  /** Gets what the pattern found. */
  readonly say: (found: readonly string[], problem: Problem, context: ProblemContext) => string | undefined;
}

/**
 * What Docker Compose says of the same, for scripts that look for its words; undefined where it has none, or the same ones.
 * Its words are facts of version 2.40.3.
 */
export function composeWords(problem: Problem, context: ProblemContext): string | undefined {
  const awaited = wordsOfDependency(problem, context);
  if (awaited !== undefined) return awaited;
  for (const { when, say } of phrases[problem.code] ?? []) {
    const match = when.exec(problem.message);
    if (match !== null) return say([...match].slice(1), problem, context);
  }
  const { cause } = problem;
  return cause !== undefined && saidByEngine.has(problem.code)
    ? `Error response from daemon: ${cause}`
    : undefined;
}

/** A warning as Docker's tools write it where no one looks on; `at` in milliseconds since 1970. */
export function formatLogLine(message: string, at: number): string {
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return `time="${time}" level=warning msg=${JSON.stringify(message)}\n`;
}

/** Problems whose cause is the engine's answer, word for word. */
const saidByEngine: ReadonlySet<Problem['code']> = new Set([
  'bind-source-missing',
  'command-not-executable',
  'command-not-found',
  'engine-refused',
  'image-not-found',
  'name-in-use',
  'port-in-use',
  'registry-refused',
  'registry-unreachable',
  'wrong-processor',
]);

const invalidProject = 'invalid compose project';

const phrases: Readonly<Partial<Record<Problem['code'], readonly Phrase[]>>> = {
  // Found before the engine was asked; what that would have said.
  'port-in-use': [
    {
      when: /^port (\S+) is in use/,
      say: ([address], { cause }) =>
        `Error response from daemon: ${cause ?? `Bind for ${address} failed: port is already allocated`}`,
    },
  ],
  'name-in-use': [
    {
      when: /^another container(?: of project \S+)? has the name (\S+)$/,
      say: ([name], { cause }) =>
        `Error response from daemon: ${cause ?? `Conflict. The container name "/${name}" is already in use. You have to remove (or rename) that container to be able to reuse that name.`}`,
    },
  ],
  'unknown-service': [
    { when: /^there is no service `(.*)`$/s, say: ([name]) => `no such service: ${name}` },
    { when: /^([^ ,]+)\b.* not among the services/s, say: ([name]) => `no such service: ${name}` },
  ],
  'nothing-selected': [{ when: /^/, say: () => 'no service selected' }],
  'no-effect': [
    {
      when: /^container (.*) is (already|not) paused$/s,
      say: ([name, how]) => `Error response from daemon: Container ${name} is ${how} paused`,
    },
  ],
  'no-stack-file': [
    { when: /^there is no stack file/, say: () => 'no configuration file provided: not found' },
    {
      when: /^the stack file (.*) does not exist$/s,
      say: ([file = ''], _, context) => notThere(file, context),
    },
  ],
  'unreadable-file': [
    {
      when: /^the stack file (.*) does not exist$/s,
      say: ([file = ''], _, context) => notThere(file, context),
    },
    { when: /^the file (.*) does not exist$/s, say: ([file = ''], _, context) => notThere(file, context) },
  ],
  'missing-env-file': [
    {
      when: /^the env file (.*) does not exist$/s,
      say: ([file = ''], { location, hint = '' }, { directory }) => {
        const absolute = path.resolve(directory, file);
        if (location !== undefined)
          return `env file ${absolute} not found: stat ${absolute}: no such file or directory`;
        return hint.includes('--env-file')
          ? `couldn't find env file: ${absolute}`
          : `open ${file}: no such file or directory`;
      },
    },
  ],
  'invalid-yaml': [
    {
      when: /^the key `(.*)` is there twice$/s,
      say: ([key], { location, related = [] }) =>
        `failed to parse ${location?.file}: line ${location?.line}: mapping key "${key}" already defined at line ${related[0]?.location?.line}`,
    },
    { when: /^the stack file is empty$/, say: () => 'empty compose file' },
    {
      when: /^(?:this is not valid YAML: )?(.*)$/s,
      say: ([what], { location }) => `yaml: line ${location?.line ?? 1}: ${what}`,
    },
  ],
  'unknown-key': [
    {
      when: /^`(.*)` is not known$/s,
      say: ([key = ''], problem) => {
        const end = key.lastIndexOf('.');
        return invalid(
          problem,
          `${pathOf(key.slice(0, Math.max(0, end)))} additional properties '${key.slice(end + 1)}' not allowed`,
        );
      },
    },
  ],
  'wrong-type': [
    {
      when: /^`([^`]*)` must be (text|a map|a list|`true` or `false`|a number|a whole number)\b/,
      say: ([key = '', what = ''], problem) =>
        invalid(problem, `${pathOf(key)} must be ${types[what] ?? 'a boolean'}`),
    },
    {
      when: /^`([^`]*)` must be one of ((?:`[^`]*`(?:, )?)+)/,
      say: ([key = '', values = ''], problem) =>
        invalid(
          problem,
          `${pathOf(key)} value must be one of ${values.replace(/, $/, '').replaceAll('`', "'")}`,
        ),
    },
  ],
  'missing-variable': [
    {
      when: /^the variable `(.*?)` needs a value(.*)$/s,
      say: ([name, words], { path: place }) =>
        `error while interpolating ${pathOf(place ?? '')}: required variable ${name} is missing a value${words || ': '}`,
    },
  ],
  'invalid-interpolation': [
    {
      when: /^`(.*)` is no variable/s,
      say: ([text], { path: place }) =>
        `invalid interpolation format for ${pathOf(place ?? '')}.\nYou may need to escape any $ with another $.\n${text}`,
    },
  ],
  'unset-variable': [
    {
      when: /^the variable `(.*)` is not set/s,
      say: ([name]) => `The "${name}" variable is not set. Defaulting to a blank string.`,
    },
  ],
  'undefined-reference': [
    { when: /^the file (.*) does not exist$/s, say: ([file = ''], _, context) => notThere(file, context) },
    {
      when: /^the (network|volume|secret|config) `(.*)` is not defined$/s,
      say: ([kind, name], problem) =>
        `service "${serviceAt(problem)}" refers to undefined ${kind} ${name}: ${invalidProject}`,
    },
    {
      when: /^the service `(.*)`, which `(.*)` depends on, is (?:not defined|switched off)/s,
      say: ([other, name]) => `service "${name}" depends on undefined service "${other}": ${invalidProject}`,
    },
  ],
  'dependency-cycle': [
    {
      when: /^services depend on each other in a circle: (.*)$/s,
      say: ([circle = '']) => `dependency cycle detected: ${circle.replaceAll('→', '->')}`,
    },
  ],
  'invalid-value': [
    {
      when: /^the service `(.*)` has neither `image` nor `build`$/s,
      say: ([name]) =>
        `service "${name}" has neither an image nor a build context specified: ${invalidProject}`,
    },
    { when: /^the stack file is empty$/, say: () => 'empty compose file' },
    {
      when: /^`([^`]*)` must be one of ((?:`[^`]*`(?:, )?)+)/,
      say: ([key = '', values = ''], problem) =>
        invalid(
          problem,
          `${pathOf(key)} value must be one of ${values.replace(/, $/, '').replaceAll('`', "'")}`,
        ),
    },
  ],
  'missing-file': [
    { when: /^(\/.*) does not exist$/s, say: ([file]) => `lstat ${file}: no such file or directory` },
    {
      when: /^there is no .* in the container$/s,
      say: (_, { cause }) => `Error response from daemon: ${cause}`,
    },
  ],
  'volume-differs': [
    {
      when: /^volume (\S+) was created with other settings/,
      say: ([name]) =>
        `Volume "${name}" exists but doesn't match configuration in compose file. Recreate (data will be lost) with --yes`,
    },
  ],
  'conflicting-keys': [
    {
      when: /^the platform `(.*)` of the service `.*` is none that it is built for$/s,
      say: ([platform]) =>
        `service.build.platforms MUST include service.platform "${platform}": ${invalidProject}`,
    },
    {
      when: /^the service `(.*)` has both `network_mode` and `networks`$/s,
      say: ([name]) =>
        `service ${name} declares mutually exclusive \`network_mode\` and \`networks\`: ${invalidProject}`,
    },
    {
      when: /^the services `(.*)` and `(.*)` have the same container name `(.*)`$/s,
      say: ([owner, name, container]) =>
        `services.${name}: container name "${container}" is already in use by service ${owner}: ${invalidProject}`,
    },
    {
      when: /^`(.*)` is external, so `(.*)` would have no effect$/s,
      say: ([key, other]) => `${key}: conflicting parameters "external" and "${other}" specified`,
    },
    {
      when: /^`scale` and `deploy.replicas` of the service `(.*)` are not the same$/s,
      say: ([name]) =>
        `services.${name}: can't set distinct values on 'scale' and 'deploy.replicas': ${invalidProject}`,
    },
    {
      when: /^`(configs|secrets)\.(.*)` has both `/s,
      say: ([section, name]) =>
        `${section}.${name}: file|environment${section === 'configs' ? '|content' : ''} attributes are mutually exclusive`,
    },
  ],
  'obsolete-key': [
    {
      when: /^`version` is not used/,
      say: (_, { location }) =>
        `${location?.file}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
    },
  ],
  'external-missing': [
    {
      when: /^external network (.*) does not exist$/s,
      say: ([name]) => `network ${name} declared as external, but could not be found`,
    },
    {
      when: /^external volume (.*) does not exist$/s,
      say: ([name]) => `external volume "${name}" not found`,
    },
  ],
  'foreign-object': [
    {
      when: /^network (.*) exists but does not belong to project/s,
      say: ([name]) =>
        `a network with name ${name} exists but was not created by compose.\nSet \`external: true\` to use an existing network`,
    },
    {
      when: /^volume (.*) exists but does not belong to project/s,
      say: ([name]) =>
        `volume "${name}" already exists but was not created by Docker Compose. Use \`external: true\` to use an existing volume`,
    },
  ],
  'hook-failed': [
    {
      when: /^a \S+ hook of .* ended with (\d+)$/s,
      say: ([code], { service }) => `${service} hook exited with status ${code}`,
    },
  ],
  'orphan-containers': [
    {
      when: /^(?:the file has no service for|the command of) (.*?)(?: has ended)?$/s,
      say: ([names = '']) =>
        `Found orphan containers ([${names.replaceAll(', ', ' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
    },
  ],
  'dependency-failed': [
    {
      when: /^(\S+), whose (\S+) (?:\S+) shares, /s,
      say: ([other, what]) => `cannot share ${what} namespace with service ${other}: container missing`,
    },
  ],
  'invalid-option': [
    {
      when: /^(COMPOSE_IGNORE_ORPHANS) and (--remove-orphans) are incompatible$/,
      say: ([one, other]) => `cannot combine ${one} and ${other}`,
    },
    {
      when: /^(--abort-on-container-failure) and (--abort-on-container-exit) are incompatible$/,
      say: ([one, other]) => `${one} cannot be combined with ${other}`,
    },
    {
      when: /^(--detach|--wait) and (?:--abort\S*|--exit-code-from|--attach\S*|--watch) are incompatible$/,
      say: ([one]) =>
        `${one} cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch`,
    },
    {
      when: /^scale (.*) does not say how many containers/s,
      say: ([word]) => `invalid scale specifier: ${word}`,
    },
    {
      when: /^--scale (.*) does not say how many containers/s,
      say: ([word]) => `invalid --scale option "${word}". Should be SERVICE=NUM`,
    },
  ],
};

const types: Readonly<Record<string, string>> = {
  text: 'a string',
  'a map': 'a mapping',
  'a list': 'a list',
  'a number': 'a number',
  'a whole number': 'an integer',
};

/** What is said of a service that others wait for, by the container and by what was waited for. */
function wordsOfDependency(
  { code, message, service, severity }: Problem,
  { condition, containers: [container] = [] }: ProblemContext,
): string | undefined {
  if (condition === undefined || container === undefined) return undefined;
  const isOptional = severity === 'warning';
  const optional = `optional dependency "${service}"`;
  const dependency = isOptional ? `${optional} failed to start: ` : 'dependency failed to start: ';
  const fails = condition === 'ready' ? '' : dependency;
  if (code === 'service-unhealthy') return `${dependency}container ${container} is unhealthy`;
  if (code === 'no-healthcheck') return `${fails}container ${container} has no healthcheck configured`;
  const [, exit] = /exit code (\d+)/.exec(message) ?? [];
  if (code !== 'service-exited' || exit === undefined) return undefined;
  return condition === 'completed'
    ? `${isOptional ? optional : `service "${service}"`} didn't complete successfully: exit ${exit}`
    : `${fails}container ${container} exited (${exit})`;
}

function invalid({ location }: Problem, what: string): string {
  return location === undefined ? what : `validating ${location.file}: ${what}`;
}

/** `services.web.ports[0]` as Docker Compose writes it: `services.web.ports.0`. */
function pathOf(place: string): string {
  return place.replace(/\[(\d+)\]/g, '.$1');
}

function serviceAt({ path: place = '' }: Problem): string {
  return /^services\.([^.[]+)/.exec(place)?.[1] ?? '';
}

function notThere(file: string, { directory }: ProblemContext): string {
  return `open ${path.resolve(directory, file)}: no such file or directory`;
}
