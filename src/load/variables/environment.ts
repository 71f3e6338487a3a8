import { setKey } from '../../model/record.ts';
import { type EnvFile, joinPath, type Service } from '../../model/stack.ts';
import { readText } from '../files.ts';
import type { DraftService } from '../normal/draft.ts';
import type { Places } from '../normal/origins.ts';
import type { Overridden } from '../normal/plain.ts';
import { homeIn, hostPath, shownFrom } from '../paths.ts';
import { serviceIn } from '../report.ts';
import {
  addEntries,
  type EnvEntry,
  type EnvLine,
  parseDotenv,
  readDotenv,
  readRawEnv,
  withSharedValues,
} from './dotenv.ts';
import type { Reading } from './variables.ts';

export interface EnvironmentContext extends Reading {
  readonly directory: string;
  readonly variables: ReadonlyMap<string, string>;
  readonly places: Places;
  readonly overridden: Overridden;
  /** Env files stay named in their services and are not read. */
  readonly keepEnvFiles: boolean;
}

/** The lines of env files, by their format and path: many services name the same ones. */
type Lines = Map<string, readonly EnvLine[]>;

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
  const lines: Lines = new Map();
  // One after the other, so that problems come in the same order every time; files are few.
  for (const [name, service] of Object.entries(services)) {
    const draft = drafts[name];
    const labelled = await withLabelFiles(service, draft?.label_file ?? [], name, context);
    resolved.push([name, await withEnvFiles(labelled, draft?.env_file ?? [], name, context, lines)]);
  }
  return Object.fromEntries(resolved);
}

async function withEnvFiles(
  service: Service,
  files: readonly EnvFile[],
  name: string,
  context: EnvironmentContext,
  lines: Lines,
): Promise<Service> {
  if (files.length === 0) return service;
  if (context.keepEnvFiles) return { ...service, env_file: files };
  const own = service.environment ?? {};
  const lookup = (key: string) =>
    context.variables.get(key) ?? (Object.hasOwn(own, key) ? (own[key] ?? undefined) : undefined);
  const entries = new Map<string, EnvEntry>();
  const known = (key: string) => lookup(key) ?? entries.get(key)?.value;
  for (const [index, file] of files.entries()) {
    const at = `${joinPath('services', name)}.env_file[${index}].path`;
    const found = await readNamed(
      { at, path: file.path, what: 'env file', required: file.required ?? true },
      context,
    );
    if (found === undefined) continue;
    const ofFile = linesOf(found, file.format, context, lines);
    addEntries(ofFile, { lookup, known, report: context.report, entries });
  }
  return {
    ...service,
    environment: merged(entries, own, `${joinPath('services', name)}.environment`, context),
  };
}

/** The lines of an env file, with the values that are the same for all services. */
function linesOf(
  { path, text }: { readonly path: string; readonly text: string },
  format: EnvFile['format'],
  { variables, report }: EnvironmentContext,
  lines: Lines,
): readonly EnvLine[] {
  const key = `${format ?? ''} ${path}`;
  const known = lines.get(key);
  if (known !== undefined) return known;
  const read = format === 'raw' ? readRawEnv : readDotenv;
  const shared = withSharedValues(read(text, path, report), (name) => variables.get(name));
  lines.set(key, shared);
  return shared;
}

async function withLabelFiles(
  service: Service,
  files: readonly string[],
  name: string,
  context: EnvironmentContext,
): Promise<Service> {
  if (files.length === 0) return service;
  const entries = new Map<string, EnvEntry>();
  for (const [index, path] of files.entries()) {
    const at = `${joinPath('services', name)}.label_file[${index}]`;
    const found = await readNamed({ at, path, what: 'label file', required: true }, context);
    if (found === undefined) continue;
    // Labels know nothing of the variables outside.
    const parsed = parseDotenv(found.text, {
      file: found.path,
      lookup: () => undefined,
      earlier: entries,
      report: context.report,
    });
    for (const [key, entry] of parsed) entries.set(key, entry);
  }
  return {
    ...service,
    labels: merged(entries, service.labels ?? {}, `${joinPath('services', name)}.labels`, context),
  };
}

interface NamedFile {
  /** Where the stack names it. */
  readonly at: string;
  readonly path: string;
  readonly what: 'env file' | 'label file';
  readonly required: boolean;
}

async function readNamed(
  { at, path: written, what, required }: NamedFile,
  context: EnvironmentContext,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  const path = hostPath(written, context.directory, homeIn(context.variables));
  const known = context.texts.get(path);
  if (known !== undefined) return { path, text: known };
  const file = await readText(path);
  if (file.kind === 'text') {
    context.texts.set(path, file.text);
    return { path, text: file.text };
  }
  if (file.kind === 'missing' && !required) return undefined;
  const shown = shownFrom(context.directory, path);
  const location = context.places.origins[at];
  const problem = { severity: 'error', path: at, ...serviceIn(at), ...(location && { location }) } as const;
  if (file.kind === 'unreadable') {
    const message = `the ${what} ${shown} cannot be read`;
    context.report({ ...problem, code: 'unreadable-file', message, cause: file.cause });
    return undefined;
  }
  context.report({
    ...problem,
    code: 'missing-env-file',
    message: `the ${what} ${shown} does not exist`,
    hint: what === 'env file' ? 'create it, or write `required: false` beside its `path`' : 'create it',
  });
  return undefined;
}

function merged<Value extends string | null>(
  entries: ReadonlyMap<string, EnvEntry>,
  own: Readonly<Record<string, Value>>,
  path: string,
  { places, overridden }: EnvironmentContext,
): Record<string, Value | string> {
  const values: Record<string, Value | string> = {};
  for (const [key, { value, at }] of entries) {
    if (Object.hasOwn(own, key)) {
      const keyPath = joinPath(path, key);
      overridden[keyPath] = [...(overridden[keyPath] ?? []), { value, location: at }];
    } else setKey(values, key, value);
  }
  places.later((origins) => {
    for (const [key, { at }] of entries) if (!Object.hasOwn(own, key)) origins[joinPath(path, key)] = at;
  });
  for (const key of Object.keys(own)) setKey(values, key, own[key] as Value);
  return values;
}
