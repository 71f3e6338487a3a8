import type { ProvideService, WithdrawService } from '../model/plan.ts';
import { failure, type ProblemsError } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import type { Provider } from '../model/stack.ts';
import { findPlugin, findProgram, type Variables } from './find.ts';
import { type Ending, runProgram } from './program.ts';

/**
 * Has the program that stands for a service do its part, and tells the variables that it gives to those that depend on
 * the service. The program is a plugin of the docker CLI, `docker-TYPE`, or `TYPE` on PATH, and is called as Docker Compose
 * calls it. Throws `missing-program` if there is none, `provider-failed` if it fails, `invalid-value` without a parameter
 * that it needs.
 */
export async function provide(
  action: ProvideService | WithdrawService,
  context: PerformContext,
  env: Variables,
): Promise<void> {
  const { signal, progress, project } = context;
  const command = action.kind === 'provide-service' ? 'up' : 'down';
  const program = await programOf(action, env);
  const described = await describe({ program, words: ['compose', 'metadata'], env, signal });
  const options = optionsFor(action, described?.[command]?.parameters ?? (described ? [] : undefined));
  const words = ['compose', `--project-name=${project}`, command, ...options, action.service];
  const variables: Record<string, string> = {};
  const complaints: string[] = [];
  const hear = (line: string): void => {
    const { type, message } = messageOf(line, action);
    switch (type) {
      case 'info':
        progress({ text: message, lines: [message] });
        return;
      case 'error':
        complaints.push(message);
        return;
      case 'setenv':
        Object.assign(variables, assignmentOf(message, action, `${action.service.toUpperCase()}_`));
        return;
      case 'rawsetenv':
        Object.assign(variables, assignmentOf(message, action, ''));
        return;
      case 'debug':
        return;
      default:
        complaints.push(`it said something of a kind that is not known: ${type}`);
    }
  };
  const ending = await runProgram({ program, words, env, signal, hear: failingOnce(hear, complaints) });
  if (ending.code !== 0 || complaints.length > 0) throw failed(action, command, ending, complaints);
  context.found?.({ kind: 'variables', service: action.service, variables });
}

/** What is heard after a mistake cannot be understood either; the program is let come to its end. */
function failingOnce(hear: (line: string) => void, complaints: string[]): (line: string) => void {
  return (line) => {
    if (line.trim() === '') return;
    try {
      hear(line);
    } catch (error) {
      complaints.push(error instanceof Error ? error.message : String(error));
    }
  };
}

async function programOf({ service, provider }: ProvideService | WithdrawService, env: Variables) {
  const { type } = provider;
  const path = `services.${service}.provider.type`;
  if (type === 'compose') {
    throw failure({
      code: 'invalid-value',
      service,
      path,
      message: "'compose' is not a valid provider type",
      hint: 'name the program that provides the service',
    });
  }
  const found = (await findPlugin(type, env)) ?? (await findProgram(type, env));
  if (found !== undefined) return found;
  throw failure({
    code: 'missing-program',
    service,
    path,
    message: `exec: "${type}": executable file not found in $PATH, and docker has no plugin docker-${type}`,
    hint: `install what provides ${service}`,
  });
}

interface Description {
  readonly up?: { readonly parameters?: readonly Parameter[] };
  readonly down?: { readonly parameters?: readonly Parameter[] };
}

interface Parameter {
  readonly name: string;
  readonly required?: boolean;
}

/** What a program says of itself; undefined if it does not: then it gets all there is. */
async function describe(call: Parameters<typeof runProgram>[0]): Promise<Description | undefined> {
  const { code, stdout } = await runProgram(call);
  if (code !== 0) return undefined;
  try {
    const said: unknown = JSON.parse(stdout);
    return typeof said === 'object' && said !== null ? said : undefined;
  } catch {
    return undefined;
  }
}

/** The options of the file as flags, as far as the program knows them. */
function optionsFor(
  { service, provider }: { readonly service: string; readonly provider: Provider },
  known: readonly Parameter[] | undefined,
): readonly string[] {
  const { type, options = {} } = provider;
  for (const { name, required } of known ?? []) {
    if (required !== true || options[name] !== undefined) continue;
    throw failure({
      code: 'invalid-value',
      service,
      path: `services.${service}.provider`,
      message: `required parameter "${name}" is missing from provider "${type}" definition`,
      hint: `add \`${name}\` to its \`options\``,
    });
  }
  return Object.entries(options)
    .filter(([name]) => known?.some((parameter) => parameter.name === name) ?? true)
    .flatMap(([name, values]) => values.map((value) => `--${name}=${value}`));
}

function messageOf(line: string, { provider }: { readonly provider: Provider }) {
  try {
    const { type, message } = JSON.parse(line) as { readonly type?: unknown; readonly message?: unknown };
    return { type: String(type), message: String(message) };
  } catch {
    throw new Error(`provider ${provider.type} wrote what is no JSON: ${line}`);
  }
}

function assignmentOf(
  text: string,
  { provider }: { readonly provider: Provider },
  prefix: string,
): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new Error(`provider ${provider.type} set a variable without a value: ${text}`);
  return { [prefix + text.slice(0, equals)]: text.slice(equals + 1) };
}

function failed(
  { service, provider }: ProvideService | WithdrawService,
  command: 'up' | 'down',
  { code, complaint }: Ending,
  complaints: readonly string[],
): ProblemsError {
  const doing = command === 'up' ? 'create' : 'remove';
  return failure({
    code: 'provider-failed',
    service,
    path: `services.${service}.provider`,
    message: complaints.at(-1) ?? `failed to ${doing} service provider: exit status ${code ?? 'unknown'}`,
    hint: `${service} is provided by the program ${provider.type}: see what it says`,
    ...(complaint.length === 0 ? {} : { cause: complaint.join('\n') }),
  });
}
