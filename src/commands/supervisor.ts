import type { Loaded } from '../load/load.ts';
import type { ContainerChanged } from '../model/event.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { supervises } from '../model/x-stack.ts';
import { withChoices } from '../plan/choices.ts';
import { countOf } from '../plan/decide.ts';
import { planRestart } from '../plan/restart.ts';
import { planUp } from '../plan/up.ts';
import type { Company } from './company.ts';
import { carryOut, observeStack } from './work.ts';

export interface Supervisor {
  /** Hears what happens to containers; what happened before `begin` counts then. */
  note(change: ContainerChanged): void;
  begin(): void;
  end(): Promise<void>;
}

/** How long it may take until someone who removes several containers is through with it, in milliseconds. */
const settling = 1000;

/** How long after a restart comes the next one of the same container, in milliseconds: twice as long each time. */
const firstDelay = 10_000;
const longestDelay = 300_000;

interface Patient {
  restarts: number;
  restartedAt: number;
  due: NodeJS.Timeout | undefined;
}

/**
 * Keeps the containers of a stack going: one that was removed while it ran, without having been asked to stop, is made
 * anew, and one whose health test fails is restarted, later each time. What someone stops or removes in order stays so, as
 * does a container that has ended by itself: that is for its restart policy. `stack` gives what the files say.
 */
export function createSupervisor(
  project: string,
  stack: () => Promise<Loaded | undefined>,
  order: Company['order'],
  { emit, signal }: Pick<Surroundings, 'emit' | 'signal'>,
): Supervisor {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const last = new Map<string, ContainerChanged>();
  const patients = new Map<string, Patient>();
  /** Those that vanished, by service. */
  const lost = new Map<string, Set<number>>();
  let begun = false;
  let healing: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  const inTurn = (work: (surroundings: Surroundings) => Promise<void>): void => {
    working = working
      .then(() => (until.aborted ? undefined : order((given) => work({ ...given, signal: until }))))
      .catch((error: unknown) => {
        if (until.aborted) return;
        for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
      });
  };

  const heal = async (surroundings: Surroundings): Promise<void> => {
    const loaded = await stack();
    const missing = new Map(lost);
    lost.clear();
    if (loaded === undefined) return;
    const { stack: known } = loaded;
    const services = [...missing.keys()].filter((name) => {
      const service = known.services[name];
      return service !== undefined && supervises(known, service);
    });
    if (services.length === 0) return;
    await surroundings.exclusively(project, until, async () => {
      const observed = await observeStack(known, surroundings, until);
      // Nothing of it is to run any more.
      if (!observed.containers.some(({ oneOff, state }) => !oneOff && isAlive({ state }))) return;
      const counts = services.flatMap((name) => {
        const own = observed.containers.filter(({ service, oneOff }) => service === name && !oneOff);
        const gone = [...(missing.get(name) ?? [])].filter(
          (number) => !own.some((one) => one.number === number),
        );
        return gone.length === 0 ? [] : [{ name, gone, count: countOf(own, name) + gone.length }];
      });
      if (counts.length === 0) return;
      const scale = Object.fromEntries(counts.map(({ name, count }) => [name, count]));
      const scaled = withChoices(known, { services: [], scale });
      const names = counts.map(({ name }) => name);
      const plan = planUp(scaled, observed, {
        only: names,
        noRecreate: true,
        leaveEnded: true,
        ignoreOrphans: true,
      });
      for (const { name, gone } of counts) emit({ type: 'problem-found', problem: vanished(name, gone) });
      await carryOut(plan, 'change', surroundings, until, loaded);
    });
  };

  const restart = async (change: ContainerChanged, surroundings: Surroundings): Promise<void> => {
    const loaded = await stack();
    const service = loaded?.stack.services[change.service];
    if (loaded === undefined || service === undefined || !supervises(loaded.stack, service)) return;
    await surroundings.exclusively(project, until, async () => {
      const containers = await surroundings.runtime.observeContainers(project, until);
      const sick = containers.find(({ id }) => id === change.id);
      if (!isSick(sick)) return;
      const patient = patientOf(change.id);
      patient.restarts += 1;
      patient.restartedAt = performance.now();
      emit({ type: 'problem-found', problem: unhealthy(sick, patient.restarts) });
      const because = 'its health test fails';
      const { name, directory } = loaded.stack;
      const wish = { services: [change.service], alone: true, because };
      const plan = planRestart({ name, directory }, loaded.stack, { containers: [sick] }, wish);
      await carryOut(plan, 'change', surroundings, until, loaded);
    });
  };

  const patientOf = (id: string): Patient => {
    const patient = patients.get(id) ?? { restarts: 0, restartedAt: 0, due: undefined };
    patients.set(id, patient);
    return patient;
  };

  const treat = (change: ContainerChanged): void => {
    const patient = patientOf(change.id);
    if (patient.due !== undefined) return;
    const wait = Math.max(patient.restartedAt + delayAfter(patient.restarts) - performance.now(), 0);
    patient.due = setTimeout(() => {
      patient.due = undefined;
      inTurn((surroundings) => restart(change, surroundings));
    }, wait);
  };

  const act = (change: ContainerChanged): void => {
    const { id, service, number, state, health } = change;
    if (state === 'gone') {
      last.delete(id);
      clearTimeout(patients.get(id)?.due);
      patients.delete(id);
    }
    if (change.vanished === true) {
      lost.set(service, new Set([...(lost.get(service) ?? []), number]));
      clearTimeout(healing);
      healing = setTimeout(() => inTurn(heal), settling);
    }
    if (state === 'running' && health === 'unhealthy') treat(change);
  };

  return {
    note(change) {
      // One that vanishes before `begin`, where another one has not taken its place by then, is missed as well.
      if (change.state === 'gone' && change.vanished !== true) last.delete(change.id);
      else last.set(change.id, change);
      if (begun && !until.aborted) act(change);
    },
    begin() {
      begun = true;
      for (const change of last.values()) act(change);
    },
    async end() {
      ending.abort();
      clearTimeout(healing);
      for (const { due } of patients.values()) clearTimeout(due);
      await working;
    },
  };
}

function isSick(container: ObservedContainer | undefined): container is ObservedContainer {
  return container?.state === 'running' && container.health === 'unhealthy';
}

function delayAfter(restarts: number): number {
  return restarts === 0 ? 0 : Math.min(firstDelay * 2 ** (restarts - 1), longestDelay);
}

function vanished(service: string, numbers: readonly number[]): Problem {
  const names = numbers.map((number) => `${service}-${number}`);
  return {
    code: 'container-vanished',
    severity: 'warning',
    service,
    path: `services.${service}`,
    message: `${names.join(', ')} ${names.length === 1 ? 'was removed while it ran; another one takes its' : 'were removed while they ran; others take their'} place`,
    hint: `to end it for good: stack stop ${service}; to be left alone: x-stack: { supervise: false }`,
  };
}

function unhealthy({ service, name }: ObservedContainer, times: number): Problem {
  const next = Math.round(delayAfter(times) / 1000);
  return {
    code: 'service-unhealthy',
    severity: 'warning',
    service,
    path: `services.${service}.healthcheck`,
    message: `${name} is unhealthy and is restarted${times === 1 ? '' : ` for the ${ordinal(times)} time`}`,
    hint: `see what it says: stack logs ${service}; if it stays so it is restarted again after ${next}s; x-stack: { supervise: false } leaves it alone`,
  };
}

function ordinal(number: number): string {
  const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
  return `${number}${endings[new Intl.PluralRules('en', { type: 'ordinal' }).select(number)]}`;
}
