import { createHash } from 'node:crypto';
import type { Deploy, Network, Service, Volume } from '../model/stack.ts';
import { canonicalNetwork, canonicalService, canonicalVolume } from './canonical.ts';
import { compareBytes, type Json } from './printing.ts';

/**
 * The config hash of a service, equal to the label that Docker Compose 2.40.3 gives its containers. What does not need a
 * new container is not part of it: how the image is built and pulled, how many containers there are, and what the
 * service depends on. What it shares with other services must be said by the ids of their containers.
 */
export function serviceHash(service: Service): string {
  return digest(hashedText(service));
}

/** Loads what hashes are made with, for whoever has time now and none later. */
export function prepareHashes(): void {
  createHash('sha256');
}

/** The text whose SHA-256 the config hash of a service is. */
export function hashedText(service: Service): string {
  const {
    build: _build,
    pull_policy: _policy,
    depends_on: _dependencies,
    profiles: _profiles,
    scale: _scale,
    deploy,
    ...rest
  } = service;
  return goJson(canonicalService(deploy === undefined ? rest : { ...rest, deploy: withoutReplicas(deploy) }));
}

function withoutReplicas({ replicas: _, ...rest }: Deploy): Deploy {
  return rest;
}

/** The config hash of a network, equal to the label that Docker Compose 2.40.3 gives it. */
export function networkHash(network: Network): string {
  return hash(canonicalNetwork(network));
}

/** The config hash of a volume, equal to the label that Docker Compose 2.40.3 gives it. */
export function volumeHash(volume: Volume): string {
  return hash(canonicalVolume({ ...volume, driver: volume.driver || 'local' }));
}

function hash(value: Json): string {
  return digest(goJson(value));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON as Go writes it: `<`, `>`, `&` and the separators of lines and paragraphs are escaped. */
function goJson(value: Json): string {
  if (isList(value)) return `[${value.map(goJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = orderedKeys(value).map((key) => `${goJson(key)}:${goJson(value[key] ?? null)}`);
    return `{${pairs.join(',')}}`;
  }
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JavaScript puts keys that look like array indexes first; such keys only occur in maps, whose keys are sorted. */
function orderedKeys(value: { readonly [key: string]: Json }): string[] {
  const keys = Object.keys(value);
  return /^[0-9]+$/.test(keys[0] ?? '') ? keys.toSorted(compareBytes) : keys;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
