import { quickRun } from '../exits.ts';
import { isReady, isUp, replicaState, serviceState } from '../state.ts';
import type { ReplicaView, ServiceView, View } from '../view.ts';

/** Brings the states of services (or of one) and their number up to date. */
export function refresh(view: View, at: number, name?: string): View {
  if (name === undefined) {
    const services = view.services.map((service) => refreshed(service, view, at));
    return { ...view, services, ready: services.filter((service) => isReady(service.state)).length };
  }
  const place = view.services.findIndex((service) => service.name === name);
  const before = view.services[place];
  if (before === undefined) return view;
  const after = refreshed(before, view, at);
  if (after === before) return view;
  const ready = view.ready + Number(isReady(after.state)) - Number(isReady(before.state));
  return { ...view, services: view.services.with(place, after), ready };
}

function refreshed(known: ServiceView, view: View, at: number): ServiceView {
  const service = withLasting(known, at);
  const state = serviceState(service, view);
  const isNew = state !== service.state || service.since === 0;
  const isFirst = service.readyAt === undefined && view.startup !== undefined && isUp(service, view);
  if (!isNew && !isFirst) return service;
  return { ...service, ...(isNew ? { state, since: at } : {}), ...(isFirst ? { readyAt: at } : {}) };
}

/** A container that went from crash to crash and now has run for a while does so no more. */
function withLasting(service: ServiceView, at: number): ServiceView {
  const lasts = ({ state, container, startedAt = at }: ReplicaView): boolean =>
    state === 'looping' && container === 'running' && at - startedAt >= quickRun;
  if (!service.replicas.some(lasts)) return service;
  const replicas = service.replicas.map((replica): ReplicaView => {
    if (!lasts(replica)) return replica;
    const facts = { ...replica, quickEnds: 0 };
    return { ...facts, state: replicaState(facts), since: at };
  });
  return { ...service, replicas };
}

/** Changes what is known of a container that is a replica and runs; what is heard late of others is no news. */
export function mapRunning(
  view: View,
  container: { readonly service: string; readonly id: string },
  change: (replica: ReplicaView) => ReplicaView,
): View {
  return mapReplica(view, container, (replica) =>
    replica.container === 'running' || replica.container === 'paused' ? change(replica) : replica,
  );
}

/** Changes what is known of a container that is a replica still. */
export function mapReplica(
  view: View,
  { service: name, id }: { readonly service?: string | undefined; readonly id: string },
  change: (replica: ReplicaView) => ReplicaView,
): View {
  return mapService(view, name, (service) => {
    const place = service.replicas.findIndex((replica) => replica.id === id);
    const before = service.replicas[place];
    if (before === undefined) return service;
    const after = change(before);
    return after === before ? service : { ...service, replicas: service.replicas.with(place, after) };
  });
}

/** Changes one service. A view in which nothing is other is the same view. */
export function mapService(
  view: View,
  name: string | undefined,
  change: (service: ServiceView) => ServiceView,
): View {
  const place = name === undefined ? -1 : view.services.findIndex((service) => service.name === name);
  const before = view.services[place];
  if (before === undefined) return view;
  const after = change(before);
  return after === before ? view : { ...view, services: view.services.with(place, after) };
}
