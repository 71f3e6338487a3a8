import { fixedNumber } from '../model/copy.ts';
import { clashes, type EngineMachine, type HostPort, type Neighbours } from '../model/neighbours.ts';
import { isAlive, type ObservedState } from '../model/observed.ts';
import type { Action, Plan } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import { imageOf, joinPath, type Network, type Service, type Stack, type StackPath } from '../model/stack.ts';
import { countFree, overlap } from '../model/subnets.ts';
import { placed } from './objects.ts';

/** What a plan needs of the engine, of its machine and of this one, before any of it is done. */
export interface Needs {
  /** Services of which containers are made, started or both. */
  readonly starts: ReadonlySet<string>;
  readonly creates: ReadonlySet<string>;
  /** Services whose images are built. */
  readonly builds: ReadonlySet<string>;
  /** Images that are built or pulled. */
  readonly obtainsImages: boolean;
  readonly ports: readonly NeededPort[];
  readonly names: readonly NeededName[];
  /** Networks that are made, by key. */
  readonly networks: ReadonlySet<string>;
  /** Ids of containers that are out of the way by then. */
  readonly gone: ReadonlySet<string>;
}

interface NeededPort extends HostPort {
  readonly service: string;
  readonly path: StackPath;
  /** The container that is to have it, and may have it now. */
  readonly container: string;
}

interface NeededName {
  readonly service: string;
  readonly name: string;
}

/** What plans that are carried out one after the other need. A plan that changes nothing needs nothing. */
export function needsOf(stack: Stack, plans: readonly Plan[]): Needs {
  const actions = plans.flatMap(({ steps }) => steps.map(({ action }) => action));
  const started = actions.filter((action) => action.kind === 'start-container');
  const created = actions.filter((action) => action.kind === 'create-container');
  const built = actions.filter((action) => action.kind === 'build-image');
  return {
    starts: new Set(started.map(({ container }) => container.service)),
    creates: new Set(created.map(({ container }) => container.service)),
    builds: new Set(built.map(({ service }) => service)),
    obtainsImages: built.length > 0 || actions.some(({ kind }) => kind === 'pull-image'),
    ports: started.flatMap(({ container: { service, name } }) => {
      // One that is made for a command has what that asked for.
      const made = created.find(({ container }) => container.name === name)?.service;
      const ports = portsOf(made ?? stack.services[service], service);
      return ports.map((port) => ({ ...port, container: name }));
    }),
    names: created.map(({ container: { service, name } }) => ({ service, name })),
    networks: new Set(actions.flatMap((action) => (action.kind === 'create-network' ? [action.key] : []))),
    gone: new Set(actions.flatMap(idOfGone)),
  };
}

function idOfGone(action: Action): readonly string[] {
  return action.kind === 'remove-container' || action.kind === 'stop-container' ? [action.id] : [];
}

/** What all services of a stack need that is not planned, as more is wrong with it: as if nothing of it were there. */
export function needsOfAll({ services, networks }: Stack, observed: ObservedState): Needs {
  const names = Object.keys(services).filter(
    (name) => services[name]?.provider === undefined && !observed.containers.some(runs(name)),
  );
  return {
    starts: new Set(names),
    creates: new Set(names),
    builds: new Set(names.filter((name) => services[name]?.build !== undefined)),
    obtainsImages: false,
    ports: names.flatMap((name) => portsOf(services[name], name).map((port) => ({ ...port, container: '' }))),
    names: [],
    networks: new Set(
      Object.keys(networks).filter(
        (key) => !observed.networks.some(({ name }) => name === networks[key]?.name),
      ),
    ),
    gone: new Set(observed.containers.map(({ id }) => id)),
  };
}

function runs(name: string): (container: ObservedState['containers'][number]) => boolean {
  return (container) => container.service === name && isAlive(container);
}

/** Ports that are published at a number of their own; of a range the engine takes what is free. */
function portsOf(service: Service | undefined, name: string): readonly Omit<NeededPort, 'container'>[] {
  // Elsewhere than in a network of its own a container publishes nothing.
  if (/^(?:host|none|service:|container:)/.test(service?.network_mode ?? '')) return [];
  return (service?.ports ?? []).flatMap((port, index) => {
    const number = fixedNumber(port);
    if (number === undefined) return [];
    const { host_ip: hostIp = '', protocol } = port;
    const path = `${joinPath('services', name)}.ports[${index}]`;
    return [{ hostIp, port: number, protocol, service: name, path }];
  });
}

/** Whether there is anything to be looked at on the engine. */
export function needsNeighbours({ creates, starts, obtainsImages }: Needs): boolean {
  return creates.size > 0 || starts.size > 0 || obtainsImages;
}

/** Whether what the machine has matters. */
export function needsMachine(stack: Stack, { creates, obtainsImages, networks }: Needs): boolean {
  return (
    obtainsImages ||
    networks.size > 0 ||
    [...creates].some((name) => limitsOf(stack.services[name]).cpus !== undefined) ||
    totalMemory(stack) > 0
  );
}

/** The variable that gives a value at a path of the stack, if one does. */
export type VariableAt = (path: StackPath, value: string) => string | undefined;

/**
 * What stands in the way of what is planned, and what will be regretted. An error is what the engine is sure to refuse; what
 * may work is a warning.
 */
export function findHindrances(
  stack: Stack,
  needs: Needs,
  observed: ObservedState,
  neighbours: Neighbours,
  variableAt: VariableAt,
): readonly Problem[] {
  const { machine } = neighbours;
  return [
    ...namesTaken(stack, needs, observed, neighbours),
    ...portsTaken(stack, needs, neighbours, variableAt),
    ...subnetsTaken(stack, needs, observed, machine),
    ...(machine === undefined
      ? []
      : [
          ...processorsMissing(stack, needs, machine),
          ...memoryShort(stack, needs, machine),
          ...poolsExhausted(stack, needs, observed, machine),
          ...imagesOfOthers(stack, needs, observed, machine),
          ...diskShort(needs, machine),
          ...clockWrong(machine),
        ]),
  ].map((problem) => (problem.path === undefined ? problem : { ...problem, ...placed(stack, problem.path) }));
}

/**
 * Whether containers of this very project have come since it was observed that have names which are to be given: an engine goes on
 * making one when whoever asked for it was killed.
 */
export function hasNewcomers(
  { name: project }: Pick<Stack, 'name'>,
  { names }: Needs,
  observed: ObservedState,
  { containers }: Neighbours,
): boolean {
  const own = ownIds(observed);
  return containers.some(
    (one) => one.project === project && !own.has(one.id) && names.some(({ name }) => name === one.name),
  );
}

function ownIds({ containers, hookContainers = [] }: ObservedState): ReadonlySet<string> {
  return new Set([...containers, ...hookContainers].map(({ id }) => id));
}

function namesTaken(
  stack: Stack,
  { names }: Needs,
  observed: ObservedState,
  { containers }: Neighbours,
): readonly Problem[] {
  const own = ownIds(observed);
  return names.flatMap(({ service, name }) => {
    const other = containers.find((one) => one.name === name && !own.has(one.id));
    if (other === undefined) return [];
    const whose = other.project === undefined ? '' : ` of project ${other.project}`;
    const key = stack.services[service]?.container_name === undefined ? '' : '.container_name';
    return [
      {
        code: 'name-in-use',
        severity: 'error',
        service,
        path: `${joinPath('services', service)}${key}`,
        message: `another container${whose} has the name ${name}`,
        hint: `remove it with: docker rm -f ${name}`,
      } as const,
    ];
  });
}

function portsTaken(
  stack: Stack,
  { ports, gone }: Needs,
  neighbours: Neighbours,
  variableAt: VariableAt,
): readonly Problem[] {
  const told = new Set<string>();
  const wanted = new Set(ports.map(({ container }) => container));
  return ports.flatMap((needed): readonly Problem[] => {
    const { path, service } = needed;
    const holder = neighbours.containers.find(
      ({ id, name, ports: held }) =>
        !gone.has(id) && !wanted.has(name) && held.some((port) => clashes(port, needed)),
    );
    const taken = neighbours.taken.find(({ port }) => clashes(port, needed));
    if ((holder === undefined && taken === undefined) || told.has(path)) return [];
    told.add(path);
    const by = holder === undefined ? taken?.by : containerWords(holder, stack);
    const isCertain = holder !== undefined || taken?.isCertain === true;
    const free = neighbours.free.get(needed.port);
    return [
      {
        code: 'port-in-use',
        severity: isCertain ? 'error' : 'warning',
        service,
        path,
        message: `port ${addressOf(needed)} is in use${by === undefined ? '' : ` by ${by}`}`,
        hint: `stop what uses it, or ${anotherPort(free, variableAt(path, String(needed.port)))}`,
      },
    ];
  });
}

function anotherPort(free: number | undefined, variable: string | undefined): string {
  if (free === undefined) return 'publish another port';
  return variable === undefined
    ? `publish another port: ${free} is free`
    : `use a free port: ${variable}=${free}`;
}

function containerWords({ name, project }: Neighbours['containers'][number], stack: Stack): string {
  if (project === undefined) return `container ${name}`;
  return `container ${name} of ${project === stack.name ? 'this project' : `project ${project}`}`;
}

/** As engines write it. */
function addressOf({ hostIp, port }: HostPort): string {
  return `${hostIp.includes(':') ? `[${hostIp}]` : hostIp || '0.0.0.0'}:${port}`;
}

function subnetsTaken(
  { networks, name: project }: Stack,
  needs: Needs,
  { subnets = [] }: ObservedState,
  machine: EngineMachine | undefined,
): readonly Problem[] {
  return [...needs.networks].flatMap((key) => {
    const { name, driver = 'bridge', ipam } = networks[key] ?? {};
    if (driver !== 'bridge' || (ipam?.driver ?? 'default') !== 'default') return [];
    return (ipam?.config ?? []).flatMap(({ subnet = '' }, index): readonly Problem[] => {
      const path = `${joinPath('networks', key)}.ipam.config[${index}].subnet`;
      // One that is made anew goes first.
      const other = subnets.find((one) => one.network !== name && overlap(one.subnet, subnet));
      if (other !== undefined) {
        const hint = `choose another subnet, or remove that network: docker network rm ${other.network}`;
        return [
          {
            code: 'subnet-in-use',
            severity: 'error',
            path,
            message: `the subnet ${subnet} of network ${name ?? `${project}_${key}`} overlaps ${other.subnet} of network ${other.network}`,
            hint,
          },
        ];
      }
      const route = machine?.routes?.find((one) => overlap(one.subnet, subnet));
      if (route === undefined) return [];
      return [
        {
          code: 'subnet-in-use',
          severity: 'warning',
          path,
          message: `the subnet ${subnet} overlaps ${route.subnet}, which this machine reaches by ${route.device}: that cannot be reached any more`,
          hint: 'choose another subnet',
        },
      ];
    });
  });
}

/** Where engines take subnets from that are told nothing else. */
const usualPools = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
];

function poolsExhausted(
  { networks }: Stack,
  needs: Needs,
  { subnets = [] }: ObservedState,
  { isPodman, pools = usualPools, routes = [] }: EngineMachine,
): readonly Problem[] {
  const wanting = [...needs.networks].filter((key) => takesFromPool(networks[key]));
  if (isPodman || wanting.length === 0) return [];
  const used = [...subnets, ...routes].map(({ subnet }) => subnet);
  let free = 0;
  for (const pool of pools) free += countFree(pool, used, wanting.length - free);
  const [first] = wanting;
  if (free >= wanting.length || first === undefined) return [];
  return [
    {
      code: 'no-subnet-left',
      severity: 'warning',
      path: joinPath('networks', first),
      message: `the engine has no subnets left: ${wanting.length} networks are to be made, and there are subnets for ${free}`,
      hint: 'remove networks that nothing uses: docker network prune; or give the engine more: default-address-pools in its daemon.json',
    },
  ];
}

function takesFromPool(network: Network | undefined): boolean {
  return (
    (network?.driver ?? 'bridge') === 'bridge' &&
    (network?.ipam?.config ?? []).every(({ subnet }) => subnet === undefined)
  );
}

function limitsOf(service: Service | undefined) {
  return {
    cpus: service?.deploy?.resources?.limits?.cpus ?? service?.cpus,
    memory: service?.deploy?.resources?.limits?.memory ?? service?.mem_limit,
  };
}

/** The engine refuses more than there are. */
function processorsMissing(
  { services }: Stack,
  { creates }: Needs,
  { processors, isPodman }: EngineMachine,
): readonly Problem[] {
  return [...creates].flatMap((service): readonly Problem[] => {
    const { cpus = 0 } = limitsOf(services[service]);
    if (isPodman || cpus <= processors) return [];
    const path = joinPath('services', service);
    const isOfDeploy = services[service]?.deploy?.resources?.limits?.cpus !== undefined;
    return [
      {
        code: 'too-few-processors',
        severity: 'error',
        service,
        path: isOfDeploy ? `${path}.deploy.resources.limits.cpus` : `${path}.cpus`,
        message: `${service} is to have ${cpus} processors, and the machine of the engine has ${processors}`,
        hint: `give it ${processors} or less`,
      },
    ];
  });
}

function totalMemory({ services }: Stack): number {
  const limits = Object.values(services).map(
    (service) => (limitsOf(service).memory ?? 0) * (service.scale ?? service.deploy?.replicas ?? 1),
  );
  return limits.reduce((sum, limit) => sum + limit, 0);
}

const gigabyte = 1e9;

function memoryShort(stack: Stack, { creates }: Needs, { memory }: EngineMachine): readonly Problem[] {
  const total = totalMemory(stack);
  if (creates.size === 0 || total <= memory) return [];
  const inGigabytes = (bytes: number): string => `${(bytes / gigabyte).toFixed(1)} GB`;
  return [
    {
      code: 'memory-short',
      severity: 'warning',
      message: `the services may use ${inGigabytes(total)} of memory together, and the machine of the engine has ${inGigabytes(memory)}`,
      hint: 'lower their limits, or give that machine more: what takes too much is killed',
    },
  ];
}

/** What processors run besides their own, without emulation. */
const within: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' };

/** An image that is there for another processor runs by emulation, if the machine has that. */
function imagesOfOthers(
  stack: Stack,
  { creates, builds }: Needs,
  { images }: ObservedState,
  { architecture }: EngineMachine,
): readonly Problem[] {
  return [...creates].flatMap((name): readonly Problem[] => {
    const service = stack.services[name] ?? {};
    const image = imageOf(stack, name, service);
    const own = images[image]?.architecture;
    // Who says for which platform it is means that one.
    if (
      own === undefined ||
      own === architecture ||
      own === within[architecture] ||
      service.platform !== undefined ||
      builds.has(name)
    )
      return [];
    return [
      {
        code: 'wrong-processor',
        severity: 'warning',
        service: name,
        path: `${joinPath('services', name)}.${service.image === undefined ? 'build' : 'image'}`,
        message: `image ${image} is for ${own}, and the machine of the engine is ${architecture}: it runs slowly, or not at all`,
        hint: `get the one for this machine: docker pull --platform linux/${architecture} ${image}`,
      },
    ];
  });
}

function diskShort({ obtainsImages }: Needs, { disk }: EngineMachine): readonly Problem[] {
  if (disk === undefined || !obtainsImages || disk.free >= gigabyte) return [];
  return [
    {
      code: 'disk-short',
      severity: 'warning',
      message: `only ${(disk.free / gigabyte).toFixed(1)} GB of ${(disk.size / gigabyte).toFixed(1)} GB are free in ${disk.folder}, and images are to be made`,
      hint: 'see what takes the room: docker system df; then docker image prune, docker builder prune',
    },
  ];
}

/** The engine tells its time in whole seconds; less than this confuses nobody. */
const clockTolerance = 60;

function clockWrong({ clockAhead = 0 }: EngineMachine): readonly Problem[] {
  const seconds = Math.abs(Math.round(clockAhead));
  if (seconds <= clockTolerance) return [];
  return [
    {
      code: 'clock-wrong',
      severity: 'warning',
      message: `the clock of the engine is ${seconds} s ${clockAhead > 0 ? 'ahead' : 'behind'}`,
      hint: 'set the clocks by NTP; the virtual machine of an engine forgets its time when a laptop sleeps: restart it',
    },
  ];
}

/** Problems of what is missing on this machine that matter for what is planned; `isHere`: the engine sees the same files. */
export function relevant(
  problems: readonly Problem[],
  stack: Stack,
  needs: Needs,
  isHere: boolean,
): readonly Problem[] {
  const { builds, creates, starts } = needs;
  const files = filesNeeded(stack, needs);
  return problems.filter(({ code, service = '', path = '' }) => {
    if (code === 'missing-build-file') return builds.has(service);
    if (code === 'missing-file') return isHere && files.has(path);
    return isHere && (starts.has(service) || creates.has(service));
  });
}

/** The paths of the files of configs and secrets that containers get which are made, and images that are built. */
function filesNeeded({ services }: Stack, { builds, creates }: Needs): ReadonlySet<StackPath> {
  const made = [...creates].flatMap((name) => {
    const { configs = [], secrets = [] } = services[name] ?? {};
    return [
      ...configs.map(({ source }) => joinPath('configs', source)),
      ...secrets.map(({ source }) => joinPath('secrets', source)),
    ];
  });
  const built = [...builds].flatMap((name) =>
    (services[name]?.build?.secrets ?? []).map(({ source }) => joinPath('secrets', source)),
  );
  return new Set([...made, ...built].map((path) => `${path}.file`));
}
