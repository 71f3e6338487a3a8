import type { Location } from '../model/problem.ts';
import type { Service } from '../model/stack.ts';
import { type EnvEntry, parseDotenv, parseRawEnv } from './dotenv.ts';
import type { DraftService, EnvFile } from './draft.ts';
import { readText } from './files.ts';
import { hostPath } from './paths.ts';
import type { Origins } from './plain.ts';
import { serviceIn } from './report.ts';
import type { Reading } from './variables.ts';

export interface EnvironmentContext extends Reading {
  readonly directory: string;
  readonly variables: ReadonlyMap<string, string>;
  readonly origins: Origins;
}

/**
 * The services with their env files and label files read. Values of the stack file win over those of files, later
 * files over earlier ones; the place of each variable is that of the file that won.
 */
export async function resolveFiles(
  services: Readonly<Record<string, Service>>,
  drafts: Readonly<Record<string, DraftService>>,
  context: EnvironmentContext,
): Promise<Readonly<Record<string, Service>>> {
  const resolved: [string, Service][] = [];
  // One after the other, so that problems come in the same order every time; files are few.
  for (const [name, service] of Object.entries(services)) {
    const draft = drafts[name];
    const labelled = await withLabelFiles(service, draft?.label_file ?? [], name, context);
    resolved.push([name, await withEnvFiles(labelled, draft?.env_file ?? [], name, context)]);
  }
  return Object.fromEntries(resolved);
}

async function withEnvFiles(
  service: Service,
  files: readonly EnvFile[],
  name: string,
  context: EnvironmentContext,
): Promise<Service> {
  if (files.length === 0) return service;
  const own = service.environment ?? {};
  const lookup = (key: string) =>
    context.variables.get(key) ?? (Object.hasOwn(own, key) ? (own[key] ?? undefined) : undefined);
  const entries = new Map<string, EnvEntry>();
  for (const [index, file] of files.entries()) {
    const path = hostPath(file.path, context.directory, context.variables.get('HOME'));
    const from = context.origins[`services.${name}.env_file[${index}]`];
    const text = await readNamed(
      path,
      file.path,
      'env file',
      file.required ?? true,
      `services.${name}.env_file[${index}]`,
      from,
      context,
    );
    if (text === undefined) continue;
    const parse = file.format === 'raw' ? parseRawEnv : parseDotenv;
    const parsed = parse(text, { file: path, lookup, earlier: entries, report: context.report });
    for (const [key, entry] of parsed) entries.set(key, entry);
  }
  return { ...service, environment: merged(entries, own, `services.${name}.environment`, context.origins) };
}

async function withLabelFiles(
  service: Service,
  files: readonly string[],
  name: string,
  context: EnvironmentContext,
): Promise<Service> {
  if (files.length === 0) return service;
  const entries = new Map<string, EnvEntry>();
  for (const [index, file] of files.entries()) {
    const path = hostPath(file, context.directory, context.variables.get('HOME'));
    const at = `services.${name}.label_file[${index}]`;
    const text = await readNamed(path, 'label file', true, at, context.origins[at], context);
    if (text === undefined) continue;
    // Labels know nothing of the variables outside.
    const parsed = parseDotenv(text, {
      file: path,
      lookup: () => undefined,
      earlier: entries,
      report: context.report,
    });
    for (const [key, entry] of parsed) entries.set(key, entry);
  }
  return {
    ...service,
    labels: merged(entries, service.labels ?? {}, `services.${name}.labels`, context.origins),
  };
}

async function readNamed(
  path: string,
  what: string,
  required: boolean,
  at: string,
  location: Location | undefined,
  context: EnvironmentContext,
): Promise<string | undefined> {
  const known = context.texts.get(path);
  if (known !== undefined) return known;
  const file = await readText(path);
  if (file.kind === 'text') {
    context.texts.set(path, file.text);
    return file.text;
  }
  if (file.kind === 'missing' && !required) return undefined;
  context.report({
    code: file.kind === 'missing' ? 'missing-env-file' : 'unreadable-file',
    severity: 'error',
    message:
      file.kind === 'missing' ? `the ${what} ${path} does not exist` : `the ${what} ${path} cannot be read`,
    path: at,
    ...serviceIn(at),
    ...(location && { location }),
    ...(file.kind === 'unreadable' ? { cause: file.cause } : {}),
    ...(file.kind === 'missing' && what === 'env file'
      ? { hint: 'create it, or write `required: false` beside its `path`' }
      : {}),
  });
  return undefined;
}

function merged<Value extends string | null>(
  entries: ReadonlyMap<string, EnvEntry>,
  own: Readonly<Record<string, Value>>,
  path: string,
  origins: Origins,
): Record<string, Value | string> {
  const values: [string, Value | string][] = [];
  for (const [key, { value, at }] of entries) {
    if (Object.hasOwn(own, key)) continue;
    values.push([key, value]);
    origins[`${path}.${key}`] = at;
  }
  return Object.fromEntries([...values, ...Object.entries(own)]);
}
