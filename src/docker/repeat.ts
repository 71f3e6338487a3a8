import type Docker from 'dockerode';
import type { CreateContainer, RenameContainer } from '../model/plan.ts';
import { EngineRefusal } from './api.ts';
import { inspectContainer } from './containers.ts';
import type { EngineHttp } from './http.ts';

/** What an action that was broken off has done after all: a call that is cut may still be carried out by the engine. */

/**
 * Whether a refusal means that the container an action wants is there already: made with the same labels, and never
 * started. Anything else of that name is another container.
 */
export async function isMadeAlready(
  engine: EngineHttp,
  { createAs, labels }: CreateContainer,
  refusal: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(refusal instanceof EngineRefusal) || refusal.status !== 409) return false;
  const found = await inspectContainer(engine, createAs, signal);
  return found !== undefined && found.State.Status === 'created' && hasLabels(found, labels);
}

/** Whether a refusal means that the container has its new name already. */
export async function isRenamedAlready(
  engine: EngineHttp,
  { container }: RenameContainer,
  labels: Readonly<Record<string, string>>,
  refusal: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(refusal instanceof EngineRefusal) || refusal.status !== 404) return false;
  const found = await inspectContainer(engine, container.name, signal);
  return found !== undefined && hasLabels(found, labels);
}

function hasLabels(
  { Config }: Docker.ContainerInspectInfo,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(labels).every(([name, value]) => Config.Labels[name] === value);
}
