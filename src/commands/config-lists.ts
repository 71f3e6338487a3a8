import { loadAsWritten } from '../load/as-written.ts';
import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { type UsedVariable, variablesUsed } from '../load/variables/used.ts';
import { printJson, printYaml } from '../load/yaml/print.ts';
import { isSecretName, maskValue } from '../model/masking.ts';
import { unknownService } from '../model/nearest.ts';
import { failure, type Problem } from '../model/problem.ts';
import { imageOf, type Service, type Stack } from '../model/stack.ts';
import { withoutLabelFiles } from '../plan/canonical.ts';
import { serviceHash } from '../plan/hash.ts';
import { compareBytes } from '../plan/printing.ts';
import type { Shown } from './config.ts';

/** What `config` can list instead of the whole stack. */
export type ConfigList = 'services' | 'volumes' | 'networks' | 'models' | 'profiles' | 'images';

export interface Listed {
  readonly lines: readonly string[];
  readonly warnings: readonly Problem[];
}

export interface ListOptions {
  /** With variables as they are written: services are all those of the files then, and images those that are written. */
  readonly asWritten?: boolean;
}

/** Names of parts of the stack, one a line. Only images are those of the services named, as with Docker Compose. */
export async function configList(
  list: ConfigList,
  request: LoadRequest,
  { asWritten = false }: ListOptions = {},
): Promise<Listed> {
  const written = asWritten ? await loadAsWritten({ ...request, services: [] }) : undefined;
  if (written !== undefined && list === 'services') {
    return { lines: namesOf(servicesOf(written.model)), warnings: written.warnings };
  }
  const services = list === 'images' ? request.services : [];
  const loaded = await loadStack({ ...request, services, resolveEnvironment: false });
  const { warnings } = written ?? loaded;
  if (list !== 'images') return { lines: lists[list](loaded), warnings };
  const { stack } = loaded;
  const named = written === undefined ? stack.services : servicesOf(written.model);
  const lines = namesOf(stack.services).map((name) => imageOf(stack, name, named[name] ?? {}));
  return { lines, warnings };
}

function servicesOf(model: Readonly<Record<string, unknown>>): Readonly<Record<string, Service>> {
  return (model.services ?? {}) as Readonly<Record<string, Service>>;
}

const lists: Readonly<Record<Exclude<ConfigList, 'images'>, (loaded: Loaded) => readonly string[]>> = {
  services: ({ stack }) => dependenciesFirst(stack),
  volumes: ({ stack }) => namesOf(stack.volumes),
  networks: ({ stack }) => namesOf(stack.networks),
  models: ({ stack }) =>
    Object.values(stack.models)
      .map(({ model }) => model ?? '')
      .toSorted(compareBytes),
  profiles: ({ profiles }) => profiles,
};

function namesOf(parts: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(parts).toSorted(compareBytes);
}

/** In an order in which they can be started; by name where that leaves a choice. */
function dependenciesFirst({ services }: Stack): readonly string[] {
  const ordered = new Set<string>();
  const entered = new Set<string>();
  const waiting = namesOf(services).toReversed();
  for (let name = waiting.at(-1); name !== undefined; name = waiting.at(-1)) {
    const others = entered.has(name) ? [] : namesOf(services[name]?.depends_on ?? {});
    entered.add(name);
    const missing = others.filter((other) => Object.hasOwn(services, other) && !entered.has(other));
    if (missing.length > 0) {
      waiting.push(...missing.toReversed());
      continue;
    }
    ordered.add(name);
    waiting.pop();
  }
  return [...ordered];
}

/**
 * `SERVICE HASH` lines for services by name, or for all with `*`: by what the files say. As with Docker Compose 2.40.3, of env files
 * only the names count here, and not those of files of labels, so that the label of a container differs if its service has some.
 */
export async function configHashes(wanted: string, request: LoadRequest): Promise<Listed> {
  const { stack, warnings } = await loadStack({ ...request, services: [], keepEnvFiles: true });
  const all = namesOf(stack.services);
  const names = wanted === '*' ? all : wanted.split(',').toSorted(compareBytes);
  const lines = names.map((name) => {
    const service = Object.hasOwn(stack.services, name) ? stack.services[name] : undefined;
    if (service === undefined) throw withoutService(name, stack);
    return `${name} ${serviceHash(withoutLabelFiles(service))}`;
  });
  return { lines, warnings };
}

function withoutService(name: string, stack: Stack): Error {
  if (!stack.disabledServices.includes(name))
    return failure(unknownService(name, Object.keys(stack.services)));
  return failure({
    code: 'unknown-service',
    message: `the service \`${name}\` is switched off by its profiles`,
    hint: 'switch it on with --profile',
  });
}

/** The variables that values of the files are replaced by, by name. */
export async function configEnvironment(request: LoadRequest): Promise<{
  readonly variables: readonly (readonly [string, string])[];
  readonly warnings: readonly Problem[];
}> {
  const { variables, warnings } = await loadStack({ ...request, resolveEnvironment: false });
  return { variables: [...variables].toSorted(([a], [b]) => compareBytes(a, b)), warnings };
}

/** The variables that the files use, as a table or as data with the keys of Docker Compose. */
export async function configVariables(
  format: 'table' | 'json' | 'yaml',
  request: LoadRequest,
  masked = false,
): Promise<Omit<Shown, 'tellsSecrets'>> {
  const { model, warnings } = await loadAsWritten({ ...request, services: [] });
  let count = 0;
  const variables = variablesUsed(model).map((variable): UsedVariable => {
    const { name, defaultValue, alternateValue } = variable;
    if (!masked || !isSecretName(name)) return variable;
    const shown = {
      defaultValue: maskValue(name, defaultValue),
      alternateValue: maskValue(name, alternateValue),
    };
    if (shown.defaultValue !== defaultValue || shown.alternateValue !== alternateValue) count++;
    return { ...variable, ...shown };
  });
  return { text: print[format](variables), warnings, masked: count };
}

const print: Readonly<Record<'table' | 'json' | 'yaml', (variables: readonly UsedVariable[]) => string>> = {
  table: (variables) => {
    const rows = [
      ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'],
      ...variables.map(({ name, required, defaultValue, alternateValue }) => [
        name,
        String(required),
        defaultValue,
        alternateValue,
      ]),
    ];
    const widths = [0, 1, 2].map((column) =>
      Math.max(20, ...rows.map((row) => (row[column]?.length ?? 0) + 3)),
    );
    const line = (row: readonly string[]) =>
      row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('');
    return `${rows.map(line).join('\n')}\n`;
  },
  json: (variables) => {
    const entries = variables.map(({ name, required, defaultValue, alternateValue }) => [
      name,
      { Name: name, DefaultValue: defaultValue, PresenceValue: alternateValue, Required: required },
    ]);
    return `${printJson(Object.fromEntries(entries), 4)}\n\n`;
  },
  yaml: (variables) =>
    withFourBlanks(
      Object.fromEntries(
        variables.map(({ name, required, defaultValue, alternateValue }) => [
          name,
          { name, defaultvalue: defaultValue, presencevalue: alternateValue, required },
        ]),
      ),
    ),
};

/** Docker Compose indents this, and only this, by four blanks. */
function withFourBlanks(variables: object): string {
  return printYaml(variables).replace(/^ {2}/gm, '    ');
}
