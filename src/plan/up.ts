import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { ContainerRef, CreateContainer, Plan, Step, StepId, SyncedFile } from '../model/plan.ts';
import { failure, type Problem, ProblemsError } from '../model/problem.ts';
import type { Service, Stack } from '../model/stack.ts';
import { isOlder } from '../model/versions.ts';
import { withApiSocket } from './api-socket.ts';
import { awaitAll, awaitDependencies, type Progress, settle } from './awaited.ts';
import { endCopies, refuseHalfUndone } from './broken-copies.ts';
import { only } from './choices.ts';
import { contentsOf, createContainerAction, isTemporary, type Peers, withReason } from './container.ts';
import {
  containersOf,
  type DecideOptions,
  type Decision,
  decide,
  firstReplica,
  interruptedReplacement,
  type ReplicaDecision,
} from './decide.ts';
import { refOf } from './existing.ts';
import { addHooks, addPreStart } from './hooks.ts';
import { planImage, planMountedImages, planOtherImage } from './images.ts';
import { refuseImpossible } from './impossible.ts';
import {
  findStaleNetworks,
  findStaleVolumes,
  missingExternals,
  placed,
  planNetworks,
  planVolumes,
} from './objects.ts';
import { type OrphanOptions, planOrphans } from './orphans.ts';
import { readyOf } from './ready.ts';
import { retire, stop, stopForGood } from './retire.ts';
import { sharedWith } from './sharing.ts';
import { createStepList, type StepList } from './steps.ts';
import type { Keeping } from './trash.ts';

export interface UpOptions extends Omit<DecideOptions, 'replacedNetworks'>, OrphanOptions {
  /** Also wait until what was started has stayed up for a moment, or until all is ready. */
  readonly until?: 'settled' | 'ready';
  /** Seconds until that, or what a service waits for, has failed. */
  readonly within?: number | undefined;
  /** False: containers are made and not started. */
  readonly start?: boolean;
  /** Volumes whose settings changed are made anew, without their data. */
  readonly recreateVolumes?: boolean;
  /** What is kept of those; absent: nothing, as with Docker Compose. */
  readonly keeping?: Keeping | undefined;
  /** New anonymous volumes in the place of those of replaced containers. */
  readonly renewVolumes?: boolean;
  /** Seconds until what has not stopped is killed; absent: what each container was created with. */
  readonly timeout?: number | undefined;
  /** Files that the containers of a service are to have before they start, and those that run at once. */
  readonly initialFiles?: Readonly<Record<string, readonly SyncedFile[]>>;
}

/**
 * What has to be done so that the engine has what the stack describes. Starts and waits are steps of the same graph, so
 * that each service starts as soon as its own image is there and its own dependencies are ready.
 * Throws `ProblemsError` if an external network or volume is missing, or a service wants what cannot be done yet.
 */
export function planUp(written: Stack, found: ObservedState, options: UpOptions): Plan {
  refuseImpossible(written, found);
  refuseHalfUndone(found);
  const stack = withApiSocket(written);
  const list = createStepList();
  const { observed, ended } = endCopies(list, found, stack.name);
  const warnings: Problem[] = [];
  // A network can only be made anew together with the containers on it.
  const keepsNetworks = options.noRecreate === true || options.only !== undefined;
  const staleNetworks = keepsNetworks ? new Set<string>() : findStaleNetworks(stack, observed);
  const replacedVolumes =
    options.recreateVolumes === true && options.noRecreate !== true
      ? findStaleVolumes(stack, observed)
      : new Set<string>();
  const decisions = decide(stack, observed, { ...options, replacedNetworks: staleNetworks, replacedVolumes });

  refuseMissingPeers(stack, observed, decisions);
  const gone = removeSurplus(list, stack, decisions);
  planOrphans(list, stack, observed, options, gone, warnings);
  const used = options.only === undefined ? stack : only(stack, changing(decisions));
  const missing = missingExternals(used, observed);
  if (missing.length > 0) throw new ProblemsError(missing);
  const ready = {
    networks: planNetworks(list, used, observed, decisions, staleNetworks, gone, warnings),
    volumes: planVolumes(list, used, observed, decisions, {
      replaced: replacedVolumes,
      ended,
      gone,
      keeping: options.keeping,
      warnings,
    }),
  };
  const fresh = { started: new Map(), turning: new Map(), proven: new Set<ReplicaDecision>() };
  // Engines that take all networks with the call that makes a container. None is to be mistaken for one that is made anew.
  const networksLater = !isOlder(observed.apiVersion ?? '', '1.44') && staleNetworks.size === 0;
  const done: Progressed = { decisions, observed, options, ready, gone, networksLater, ...fresh };
  for (const decision of decisions) planService(list, stack, decision, done);
  if (options.until === 'settled') settle(list, done);
  if (options.until === 'ready') awaitAll(list, stack, done);
  const steps = list.steps.map((step) => withLimits(step, options));
  return { stack: { name: stack.name, directory: stack.directory }, steps, warnings };
}

/** Services of which a container is not left as it is. */
function changing(decisions: readonly Decision[]): readonly string[] {
  return decisions.flatMap((decision) => (staysAsItIs(decision) ? [] : [decision.name]));
}

function staysAsItIs({ replicas }: Decision): boolean {
  return replicas.every(({ verdict }) => verdict === 'keep');
}

function withLimits(step: Step, { timeout, within }: UpOptions): Step {
  const { action } = step;
  if (action.kind === 'stop-container' && timeout !== undefined) {
    const { removed, ...rest } = action;
    return { ...step, action: { ...rest, timeout, ...(timeout === 0 && removed && { removed }) } };
  }
  if (action.kind === 'await-condition' && within !== undefined)
    return { ...step, action: { ...action, within } };
  return step;
}

/** What is to be shared must be there. */
function refuseMissingPeers(stack: Stack, observed: ObservedState, decisions: readonly Decision[]): void {
  for (const own of decisions) {
    const { name, service } = own;
    for (const [other, what] of staysAsItIs(own) ? [] : sharedWith(service)) {
      const decision = decisions.find((one) => one.name === other);
      if (firstReplica(decision) !== undefined) continue;
      if (decision === undefined && containersOf(observed.containers, other).length > 0) continue;
      const path = `services.${name}`;
      throw failure({
        code: 'dependency-failed',
        service: name,
        path,
        message: `${other}, whose ${what} ${name} shares, ${decision === undefined ? 'has' : 'is to have'} no container`,
        hint: decision === undefined ? `create it first: stack up -d ${other}` : `give ${other} at least one`,
        ...placed(stack, path),
      });
    }
  }
}

interface Progressed extends Progress {
  readonly observed: ObservedState;
  readonly options: Pick<UpOptions, 'start' | 'renewVolumes' | 'initialFiles'>;
  readonly started: Map<string, readonly StepId[]>;
  /** By service, the steps after which nothing but its start can fail any more, so that its dependants may stop for it. */
  readonly turning: Map<string, readonly StepId[]>;
  readonly ready: {
    readonly networks: ReadonlyMap<string, StepId>;
    readonly volumes: ReadonlyMap<string, StepId>;
  };
  /** Containers can be made before their networks are: those are looked up when they start. */
  readonly networksLater: boolean;
  readonly proven: Set<ReplicaDecision>;
  /** By container id, the step after which it is gone. */
  readonly gone: Map<string, StepId>;
}

function planService(list: StepList, stack: Stack, decision: Decision, done: Progressed): void {
  const { name, replicas } = decision;
  const image = planImage(list, stack, decision);
  for (const { verdict, ref } of replicas) if (verdict === 'keep') syncInitially(list, ref, done, []);
  if (replicas.every(({ verdict }) => verdict === 'keep')) {
    // Whoever depends on it also depends on what it depends on itself.
    const before = Object.keys(decision.service.depends_on ?? {}).flatMap(
      (other) => done.started.get(other) ?? [],
    );
    done.started.set(name, before);
    return;
  }

  const conditions = done.options.start === false ? [] : awaitDependencies(list, decision, done);
  const hasHooks = (decision.service.pre_start ?? []).length > 0;
  const make = (replica: ReplicaDecision, after: readonly (StepId | undefined)[]): MadeReplica =>
    makeReplica(list, stack, decision, replica, [image, ...after], done);
  // With hooks that come before the first start all containers are there before any of them starts.
  const made = hasHooks ? replicas.map((replica) => make(replica, [])) : [];
  const hooked = hasHooks ? addHooksBefore(list, stack, decision, made, conditions, done) : conditions;
  const planned: PlannedReplica[] = [];
  for (const [index, replica] of replicas.entries()) {
    // Of several only one at a time gives way. What may never start is not made, or it would be left behind.
    const isBeside = runsBeside(replica, done);
    const before = isBeside ? [...hooked, ...planned.map(({ started }) => started)] : hooked;
    const one = made[index] ?? make(replica, isBeside ? before : []);
    planned.push(startReplica(list, stack, decision, replica, one, before, done));
  }
  done.turning.set(
    name,
    planned.flatMap(({ turning }) => turning),
  );
  done.started.set(
    name,
    planned.flatMap(({ started }) => started ?? []),
  );
}

/** As with Docker Compose, hooks before the start run only where no container of the service runs on. */
function addHooksBefore(
  list: StepList,
  stack: Stack,
  { replicas }: Decision,
  made: readonly MadeReplica[],
  conditions: readonly (StepId | undefined)[],
  { options, observed, decisions }: Progressed,
): readonly (StepId | undefined)[] {
  const [first] = replicas.toSorted((a, b) => a.ref.number - b.ref.number);
  const runsOn = replicas.some(
    (replica) => (replica.verdict === 'keep' || replica.verdict === 'start') && isAlive(replica.current),
  );
  if (first === undefined || runsOn || options.start === false) return conditions;
  const peers = peersAmong(decisions, observed.containers);
  const before = [...conditions, ...made.flatMap((replica) => replica.before)];
  return addPreStart(list, stack, first.ref, observed.images, peers, before);
}

interface MadeReplica {
  /** The steps after which the container is there, under its name, and does not run. */
  readonly before: readonly (StepId | undefined)[];
  readonly turning: readonly StepId[];
  /** It starts beside the one it replaces, under the name it was created with. */
  readonly beside?: { readonly action: CreateContainer; readonly replaced: ObservedContainer };
}

/** A container whose network is made anew has to be gone before the new one can be made. */
function runsBeside(replica: ReplicaDecision, { gone, options }: Progressed): boolean {
  return (
    replica.verdict === 'replace' &&
    replica.replacement.order === 'start-first' &&
    options.start !== false &&
    !gone.has(replica.current.id)
  );
}

function mannerOf(
  replica: ReplicaDecision,
  { labels }: CreateContainer,
  done: Progressed,
): Partial<CreateContainer> {
  if (replica.verdict !== 'replace') return {};
  if (runsBeside(replica, done)) return { aside: true, labels: { ...labels, [label.aside]: 'true' } };
  const { replacement } = replica;
  const because = replacement.order === 'stop-first' ? replacement.because : undefined;
  return because === undefined ? {} : { stopsFirst: because };
}

function makeReplica(
  list: StepList,
  stack: Stack,
  decision: Decision,
  replica: ReplicaDecision,
  after: readonly (StepId | undefined)[],
  done: Progressed,
): MadeReplica {
  if (replica.verdict === 'keep') return { before: [], turning: [] };
  const { name, service } = decision;
  const path = `services.${name}`;
  const networks = Object.keys(service.networks ?? {}).map((key) => done.ready.networks.get(key));
  const before: (StepId | undefined)[] = [];
  let turning: readonly StepId[] = [];
  if (replica.verdict === 'create' || replica.verdict === 'replace') {
    const replaced = replica.verdict === 'replace' ? replica.current : undefined;
    const vanished = replaced === undefined ? undefined : done.gone.get(replaced.id);
    const made = createContainerAction(
      stack,
      replica.ref,
      service,
      replaced,
      done.observed.images,
      peersAmong(done.decisions, done.observed.containers),
      done.options.renewVolumes === true,
    );
    const isBeside = replaced !== undefined && runsBeside(replica, done);
    const known = decision.obtainImage === undefined ? done.observed.images[made.image]?.id : undefined;
    const action = {
      ...(replaced === undefined ? made : withReason(made, replica.because)),
      ...(known !== undefined && { imageId: known }),
    };
    const create = list.add(
      // A container whose network is made anew is already gone by now, so that its name is free.
      vanished === undefined
        ? { ...action, ...mannerOf(replica, action, done) }
        : { ...action, createAs: action.container.name },
      replica.because,
      path,
      [
        ...after,
        vanished,
        ...decision.surplus.map(({ container }) => done.gone.get(container.id)),
        ...action.newcomers.flatMap(({ container }) => done.started.get(container.service) ?? []),
        ...(done.networksLater ? [] : networks),
        ...(service.volumes ?? []).map((mount) =>
          mount.type === 'volume' && mount.source !== undefined
            ? done.ready.volumes.get(mount.source)
            : undefined,
        ),
        ...planMountedImages(list, stack, done.observed.images, name, service),
        // What they tell is told to it.
        ...imagesOfPeers(list, stack, done.observed.images, action),
      ],
    );
    before.push(...(done.networksLater ? networks : []), create);
    turning = before.filter((id) => id !== undefined);
    if (isBeside) return { before, turning, beside: { action, replaced } };
    if (replaced !== undefined && vanished === undefined) {
      const manner = stopForGood(replaced, false);
      before.push(retire(list, stack, refOf(replaced), replaced, replica.because, path, turning, manner));
      before.push(
        list.add(
          { kind: 'rename-container', container: replica.ref, from: action.createAs },
          'the name is free',
          path,
          before,
        ),
      );
    }
  } else {
    // One that was made before its networks may still be without them.
    before.push(...networks);
    const from = replica.current.name;
    if (isTemporary(from) && from !== replica.ref.name)
      before.push(
        list.add({ kind: 'rename-container', container: replica.ref, from }, interruptedReplacement, path),
      );
  }
  if (replica.verdict === 'restart' && done.options.start !== false) {
    turning = Object.keys(service.depends_on ?? {}).flatMap((other) => done.turning.get(other) ?? []);
    before.push(stop(list, stack, replica.ref, replica.current, replica.because, path, turning));
  }
  return { before, turning };
}

/** The steps after which the images are there that tell on which ports other services listen. */
function imagesOfPeers(
  list: StepList,
  stack: Stack,
  images: ObservedState['images'],
  { surround, service: { depends_on = {} } }: CreateContainer,
): readonly (StepId | undefined)[] {
  return (surround?.peers ?? []).map(({ peer: { service }, image, ports }) =>
    // What it can do without must not keep it from being made.
    ports === undefined && depends_on[service]?.required !== false
      ? planOtherImage(list, stack, images, service, image, `services.${service}`)
      : undefined,
  );
}

interface PlannedReplica {
  readonly turning: readonly StepId[];
  readonly started?: StepId;
}

function startReplica(
  list: StepList,
  stack: Stack,
  { name, service }: Decision,
  replica: ReplicaDecision,
  { before, turning, beside }: MadeReplica,
  conditions: readonly (StepId | undefined)[],
  done: Progressed,
): PlannedReplica {
  if (replica.verdict === 'keep') return { turning: [] };
  if (beside !== undefined)
    return startBeside(list, stack, service, replica, beside, [...before, ...conditions], done);
  if (done.options.start === false) {
    const last = before.findLast((id) => id !== undefined);
    return { turning, ...(last === undefined ? {} : { started: last }) };
  }
  if (replica.verdict === 'start' && replica.current.state === 'paused') {
    const unpause = { kind: 'unpause-container', container: replica.ref, id: replica.current.id } as const;
    return { turning, started: list.add(unpause, replica.because, `services.${name}`, before) };
  }
  const ready = [...before, ...syncInitially(list, replica.ref, done, before)];
  const because =
    replica.verdict === 'start' || replica.verdict === 'restart' ? replica.because : 'it is to run';
  const start = { kind: 'start-container', container: replica.ref, ...contentsOf(stack, service) } as const;
  const running = list.add(start, because, `services.${name}`, [...ready, ...conditions]);
  const [started = running] = addHooks(list, stack, replica.ref, 'post_start', [running]);
  return { turning, started };
}

/** Nothing stops before the new container is ready and found by those who ask for it. */
function startBeside(
  list: StepList,
  stack: Stack,
  service: Service,
  replica: Exclude<ReplicaDecision, { readonly verdict: 'keep' }>,
  { action: made, replaced }: NonNullable<MadeReplica['beside']>,
  before: readonly (StepId | undefined)[],
  done: Progressed,
): PlannedReplica {
  const { ref, because } = replica;
  const path = `services.${ref.service}`;
  const name = made.createAs;
  const ready = [...before, ...syncInitially(list, { ...ref, name }, done, before, replaced.id)];
  const start = {
    kind: 'start-container',
    container: ref,
    ...contentsOf(stack, service),
    beside: { name, replaces: replaced.id, ...readyOf(service) },
  } as const;
  const running = list.add(start, 'it is to run', path, ready);
  const takeOver = { kind: 'take-over', container: ref, made, replaces: replaced.id } as const;
  const started = list.add(takeOver, 'it is ready', path, [running]);
  const drain = {
    kind: 'drain-container',
    container: refOf(replaced),
    id: replaced.id,
    optional: true,
  } as const;
  const drained = list.add(drain, because, path, [started]);
  retire(list, stack, refOf(replaced), replaced, because, path, [drained], stopForGood(replaced, false));
  done.proven.add(replica);
  return { turning: [started], started };
}

/** The step after which a container has the files it is to begin with. */
function syncInitially(
  list: StepList,
  container: ContainerRef,
  { options }: Progressed,
  after: readonly (StepId | undefined)[],
  replaces?: string,
): readonly StepId[] {
  const files = options.initialFiles?.[container.service] ?? [];
  if (files.length === 0) return [];
  const path = `services.${container.service}.develop.watch`;
  const action = {
    kind: 'sync-files',
    container,
    files,
    ...(replaces !== undefined && { replaces }),
  } as const;
  return [list.add(action, 'initial_sync asks for it', path, after)];
}

function peersAmong(decisions: readonly Decision[], containers: readonly ObservedContainer[]): Peers {
  const of = (service: string) => decisions.find(({ name }) => name === service);
  // Those that are left as they are.
  const standing = (service: string) =>
    containersOf(containers, service).map((container) => ({ ...refOf(container), id: container.id }));
  return {
    refsOf: (service) => of(service)?.replicas.map(({ ref }) => ref) ?? standing(service),
    firstOf: (service) => {
      const decision = of(service);
      if (decision === undefined) return standing(service)[0];
      const first = firstReplica(decision);
      if (first === undefined) return undefined;
      const stays = first.verdict !== 'create' && first.verdict !== 'replace';
      return stays ? { ...first.ref, id: first.current.id } : first.ref;
    },
  };
}

function removeSurplus(list: StepList, stack: Stack, decisions: readonly Decision[]): Map<string, StepId> {
  const gone = new Map<string, StepId>();
  for (const { name, surplus } of decisions) {
    for (const { container, because } of surplus) {
      const ref = { service: name, number: container.number, name: container.name };
      gone.set(container.id, retire(list, stack, ref, container, because, `services.${name}`, []));
    }
  }
  return gone;
}
