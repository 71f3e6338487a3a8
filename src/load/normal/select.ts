import { unknownService } from '../../model/nearest.ts';
import { basesFor, type Service } from '../../model/stack.ts';
import type { Report } from '../report.ts';
import type { Parts } from './normalize.ts';

/** The services that are on: those without profiles, those of an active profile, and what is named with its profiles. */
export function enabledServices(
  services: Readonly<Record<string, Service>>,
  profiles: readonly string[],
  named: readonly string[],
): ReadonlySet<string> {
  const active = new Set(profiles);
  for (const name of named) for (const profile of services[name]?.profiles ?? []) active.add(profile);
  const isOn = (service: Service) =>
    (service.profiles ?? []).length === 0 ||
    active.has('*') ||
    (service.profiles ?? []).some((profile) => active.has(profile));
  return new Set(Object.keys(services).filter((name) => isOn(services[name] ?? {})));
}

/** The services that the words of a command line mean; `*` and `?` stand for any text. Unknown ones are told. */
export function namedServices(words: readonly string[], known: readonly string[], report: Report): string[] {
  return words.flatMap((word) => {
    const pattern = asPattern(word);
    const meant = known.filter((name) => name === word || pattern?.test(name));
    if (meant.length === 0) report({ severity: 'error', ...unknownService(word, known) });
    return meant;
  });
}

function asPattern(word: string): RegExp | undefined {
  if (!/[*?[]/.test(word)) return undefined;
  const source = word
    .replace(/[.+^${}()|\\\]]/g, '\\$&')
    .replaceAll('[', '\\[')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** The services and all they depend on. */
export function withDependencies(
  names: Iterable<string>,
  services: Readonly<Record<string, Service>>,
  enabled: ReadonlySet<string>,
): ReadonlySet<string> {
  const all = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (all.has(name) || !enabled.has(name)) continue;
    all.add(name);
    waiting.push(...Object.keys(services[name]?.depends_on ?? {}));
  }
  return all;
}

/** The parts that the chosen services need. */
export function narrowed(
  parts: Parts,
  chosen: ReadonlySet<string>,
): Parts & { readonly bases: Readonly<Record<string, Service>> } {
  const services = pick(parts.services, (name) => chosen.has(name));
  const bases = basesFor(services, parts.services);
  const networks = new Set<string>();
  const volumes = new Set<string>();
  const configs = new Set<string>();
  const secrets = new Set<string>();
  const models = new Set<string>();
  for (const service of Object.values(services)) {
    for (const key of Object.keys(service.networks ?? {})) networks.add(key);
    for (const key of Object.keys(service.models ?? {})) models.add(key);
    for (const { source } of service.configs ?? []) configs.add(source);
    for (const { source } of service.secrets ?? []) secrets.add(source);
    for (const mount of service.volumes ?? []) {
      if (mount.type === 'volume' && mount.source !== undefined) volumes.add(mount.source);
    }
  }
  for (const { build } of [...Object.values(services), ...Object.values(bases)]) {
    for (const { source } of build?.secrets ?? []) secrets.add(source);
  }
  return {
    services,
    bases,
    networks: pick(parts.networks, (key) => networks.has(key)),
    volumes: pick(parts.volumes, (key) => volumes.has(key)),
    configs: pick(parts.configs, (key) => configs.has(key)),
    secrets: pick(parts.secrets, (key) => secrets.has(key)),
    models: pick(parts.models, (key) => models.has(key)),
  };
}

function pick<Value>(
  record: Readonly<Record<string, Value>>,
  wanted: (key: string) => boolean,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => wanted(key)));
}
