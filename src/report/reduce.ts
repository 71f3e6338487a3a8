import type { Event, LogsWritten, StackLoaded, StepFailed } from '../model/event.ts';
import type { Problem } from '../model/problem.ts';
import {
  becomeHealthy,
  changeContainer,
  endContainer,
  measured,
  noteAnswer,
  startLeaving,
  stay,
} from './reduce/containers.ts';
import { changeStep, makePlan, progress, settle } from './reduce/plan.ts';
import { mapRunning, mapService, refresh } from './reduce/services.ts';
import type { View } from './view.ts';

/** Before anything has happened. */
export const initialView: View = {
  name: '',
  directory: '',
  files: [],
  phase: 'loading',
  services: [],
  ready: 0,
  problems: [],
  watch: { on: false, services: [] },
};

const keptProblems = 50;
const keptTail = 10;

/** The view after one more event. Pure; any event in any order gives a valid view. */
export function reduce(view: View, event: Event): View {
  switch (event.type) {
    case 'stack-loaded':
      return refresh(load(view, event), event.at);
    case 'plan-made':
      return settle(refresh(makePlan(view, event), event.at), event.at);
    case 'step-started':
      return changeStep(startLeaving(view, event.id), event, { state: 'running', startedAt: event.at });
    case 'step-progressed':
      return progress(view, event.id, event.progress, event.at);
    case 'step-finished':
      return changeStep(becomeHealthy(stay(endContainer(view, event), event), event), event, {
        state: 'done',
        milliseconds: event.milliseconds,
      });
    case 'step-failed':
      return failStep(view, event);
    case 'step-skipped':
      return changeStep(event.because === 'interrupted' ? { ...view, interrupted: true } : view, event, {
        state: 'skipped',
      });
    case 'container-changed':
      return changeContainer(view, event);
    case 'logs-written':
      return keepTail(view, event);
    case 'container-measured':
      return mapRunning(view, event, (replica) => ({ ...replica, usage: measured(replica.usage, event) }));
    case 'health-probed': {
      const { probe, passed, said } = event;
      return mapRunning(view, event, (replica) => ({ ...replica, probe: { probe, passed, said } }));
    }
    case 'port-asked':
      return mapRunning(view, event, (replica) => noteAnswer(replica, event));
    case 'output-followed':
    case 'output-ended':
    case 'files-returned':
    case 'command-ended':
      return view;
    case 'watch-started':
      return { ...view, watch: { ...view.watch, on: true, services: event.services } };
    case 'watch-ended':
      return { ...view, watch: { on: false, services: [] } };
    case 'files-changed': {
      const { paths, services, responses, at } = event;
      const noted = services.reduce(
        (before, name) => mapService(before, name, (service) => ({ ...service, change: { at, responses } })),
        view,
      );
      return { ...noted, watch: { ...view.watch, last: { paths, services, at } } };
    }
    case 'stack-changed': {
      const { files, services, plan, removes, at } = event;
      const noted = services.reduce(
        (before, name) =>
          mapService(before, name, (service) => ({ ...service, change: { at, responses: [] } })),
        view,
      );
      const { unapplied: _, ...rest } = noted;
      if (plan.length === 0) return rest;
      if (removes.length > 0) return { ...rest, unapplied: { files, removes } };
      return { ...rest, watch: { ...view.watch, last: { paths: files, services, at } } };
    }
    case 'problem-found':
      return failEarly(addProblem(view, event.problem), event.problem);
    case 'stack-joined':
      return refresh({ ...view, phase: 'running' }, event.at);
    case 'stack-ready':
      return refresh(
        { ...view, phase: 'running', readyAt: event.at, readyMilliseconds: event.milliseconds },
        event.at,
      );
    case 'stop-requested':
      return refresh({ ...view, phase: 'stopping' }, event.at);
    case 'stack-stopped':
      return refresh({ ...view, phase: 'stopped' }, event.at);
  }
}

function load(view: View, { name, directory, files, services }: StackLoaded & { at: number }): View {
  const known = new Map(view.services.map((service) => [service.name, service]));
  const unique = new Map(services.map((service) => [service.name, service]));
  const { unapplied: _, ...rest } = view;
  return {
    ...rest,
    name,
    directory,
    files,
    services: [...unique.values()].map((summary) => {
      const before = known.get(summary.name);
      if (before !== undefined) return { ...before, ...summary };
      return { ...summary, state: 'waiting', since: 0, replicas: [], tail: [] };
    }),
  };
}

function failStep(view: View, { id, milliseconds, problem, at }: StepFailed & { at: number }): View {
  const told = addProblem(view, problem);
  // An optional condition that was not met; those that waited go on.
  if (problem.severity === 'warning') return changeStep(told, { id, at }, { state: 'done', milliseconds });
  const service = view.plan?.steps.get(id)?.service;
  const failed = mapService(told, service, (other) => ({ ...other, failure: other.failure ?? problem }));
  return changeStep(failed, { id, at }, { state: 'failed', milliseconds });
}

function keepTail(view: View, { service: name, source, lines }: LogsWritten): View {
  return mapService(view, name, (service) => ({
    ...service,
    tail: [...service.tail, ...lines.slice(-keptTail).map((text) => ({ source, text }))].slice(-keptTail),
  }));
}

function addProblem(view: View, problem: Problem): View {
  // That it was away is over, and would be news the next time.
  if (problem.code === 'engine-back')
    return { ...view, problems: view.problems.filter(({ code }) => code !== 'engine-gone') };
  if (view.problems.some((other) => isSameProblem(other, problem))) return view;
  return { ...view, problems: [...view.problems, problem].slice(-keptProblems) };
}

/** What goes wrong before there is a plan leaves nothing to begin. */
function failEarly(view: View, { severity }: Problem): View {
  return view.phase === 'loading' && severity === 'error' ? { ...view, phase: 'failed' } : view;
}

/** Whether it is the problem that a step has told already. */
export function isSameProblem(one: Problem, other: Problem): boolean {
  return (
    one === other ||
    (one.code === other.code &&
      one.message === other.message &&
      one.service === other.service &&
      one.location?.file === other.location?.file &&
      one.location?.line === other.location?.line &&
      one.location?.column === other.location?.column)
  );
}
