import { loadAsWritten } from '../load/as-written.ts';
import { type LoadRequest, loadStack } from '../load/load.ts';
import { printJson, printYaml } from '../load/yaml/print.ts';
import { maskSecrets, secretsAmong } from '../model/masking.ts';
import type { Problem } from '../model/problem.ts';
import { canonicalStack } from '../plan/canonical.ts';
import { sorted } from '../plan/printing.ts';
import { type ResolveDigest, withDigests } from './digests.ts';

export interface ConfigOptions {
  readonly load: LoadRequest;
  readonly format: 'yaml' | 'json';
  /** The files merged but with their variables as they are written; services named in the request do not matter then. */
  readonly asWritten?: boolean;
  /** Names images by their digests. */
  readonly resolveDigest?: ResolveDigest;
  /** Only services with their images: a file that pins them. */
  readonly onlyImages?: boolean;
  /** Values that are credentials are not shown. */
  readonly masked?: boolean;
}

/** Something to print. */
export interface Shown {
  readonly text: string;
  readonly warnings: readonly Problem[];
  /** How many values are masked. */
  readonly masked: number;
  /** Whether there are credentials in it, as far as they can be told from other values. To find that out takes a while. */
  readonly tellsSecrets: () => boolean;
}

type Model = Readonly<Record<string, unknown>>;

/**
 * The stack in its normal form as text, as Docker Compose prints it: it can be loaded again, so dollar signs are doubled,
 * but for those of variables that are not replaced. Needs an engine only for digests.
 */
export async function config(options: ConfigOptions): Promise<Shown> {
  const { model, warnings, secrets } = await (options.asWritten ? written(options) : resolved(options));
  const pinned = await withPinnedImages(model, options);
  const chosen = options.onlyImages ? imagesOf(pinned, options) : pinned;
  const { value, count } = options.masked ? maskSecrets(chosen, secrets) : { value: chosen, count: 0 };
  const text = options.format === 'json' ? printJson(value) : printYaml(value);
  return {
    text: options.asWritten ? text : text.replaceAll('$', '$$$$'),
    warnings,
    masked: count,
    tellsSecrets: () => options.masked !== true && maskSecrets(chosen, secrets).count > 0,
  };
}

interface Found {
  readonly model: Model;
  readonly warnings: readonly Problem[];
  /** Credentials among the variables. */
  readonly secrets: readonly string[];
}

async function resolved({ load, format }: ConfigOptions): Promise<Found> {
  const { stack, warnings, variables } = await loadStack(load);
  const model =
    format === 'json' ? canonicalStack(stack) : inYamlOrder(canonicalStack(stack, { yaml: true }));
  return { model, warnings, secrets: secretsAmong(variables) };
}

async function written({ load, format }: ConfigOptions): Promise<Found> {
  const { model, warnings } = await loadAsWritten(load);
  return { model: sorted(model, { yaml: format === 'yaml' }) as Model, warnings, secrets: [] };
}

const yamlOrder = ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

/** In YAML Docker Compose has another order than in JSON, and leaves out more of what is empty. */
function inYamlOrder(model: Model): Model {
  const { services, networks } = model;
  const lean: Model = {
    ...model,
    services: mapValues(services, inYaml),
    ...(networks === undefined ? {} : { networks: mapValues(networks, withoutEmpty(['ipam'])) }),
  };
  const keys = [...yamlOrder, ...Object.keys(lean).filter((key) => !yamlOrder.includes(key))];
  return Object.fromEntries(keys.filter((key) => lean[key] !== undefined).map((key) => [key, lean[key]]));
}

function inYaml(service: Model): Model {
  const { command, entrypoint, deploy } = service;
  const kept = Object.entries(service).filter(
    ([key]) => !(key === 'command' && command === null) && !(key === 'entrypoint' && entrypoint === null),
  );
  const entries = kept.map(([key, value]) => [
    key,
    key === 'deploy' ? withoutEmpty(['resources', 'placement'])(deploy as Model) : value,
  ]);
  return Object.fromEntries(entries);
}

function withoutEmpty(names: readonly string[]): (part: Model) => Model {
  return (part) =>
    Object.fromEntries(
      Object.entries(part).filter(([key, value]) => !names.includes(key) || !isEmpty(value)),
    );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function mapValues(parts: unknown, change: (part: Model) => Model): Model {
  const entries = Object.entries((parts ?? {}) as Record<string, Model>);
  return Object.fromEntries(entries.map(([key, part]) => [key, change(part)]));
}

async function withPinnedImages(model: Model, { resolveDigest }: ConfigOptions): Promise<Model> {
  if (resolveDigest === undefined) return model;
  return {
    ...model,
    services: await withDigests((model.services ?? {}) as Record<string, Model>, resolveDigest),
  };
}

/** Docker Compose prints in JSON what a stack has even if it is empty. */
function imagesOf({ services }: Model, { format, asWritten }: ConfigOptions): Model {
  const whole = format === 'json' && !asWritten;
  const images = mapValues(services, ({ image }) => ({
    ...(whole ? { command: null, entrypoint: null } : {}),
    ...(image === undefined ? {} : { image }),
  }));
  return { ...(whole ? { name: '' } : {}), services: images };
}
