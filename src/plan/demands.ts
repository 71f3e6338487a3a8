import type { Demand } from '../model/demand.ts';
import {
  dockerfileNames,
  isNamedDevice,
  isRemoteContext,
  joinPath,
  type Mount,
  type Service,
  type Stack,
  type StackPath,
} from '../model/stack.ts';
import { extrasOf } from '../model/x-stack.ts';
import { isWithin, sensitivityOf } from './sensitive-paths.ts';

export interface DemandOptions {
  /** The user's home folder. */
  readonly home: string;
  /** The folders in which `stack` keeps what was agreed to, and code that it runs. */
  readonly own: readonly string[];
  /** Where the paths of `hostPathsOf` lead, absolute and with all symbolic links followed. */
  readonly leadsTo: ReadonlyMap<string, string>;
}

/**
 * What services ask for that reaches beyond their containers and the folder of the stack, in the order of the file; `read`:
 * the files that nobody but the stack has named, whose values any service may be given.
 */
export function demandsOf(stack: Stack, read: readonly string[], options: DemandOptions): readonly Demand[] {
  const context = { ...options, stack };
  const use = { service: '', at: '', readOnly: true, for: 'containers' } as const;
  return [
    ...read.flatMap((file) =>
      ofPath(file, use, context).map((demand) => ({ ...demand, what: `variables of ${demand.what}` })),
    ),
    ...Object.entries(stack.services).flatMap(([name, service]) => [
      ...ofContainer(name, service, context),
      ...ofBuild(name, service, context),
    ]),
    ...Object.entries(stack.bases ?? {}).flatMap(([name, service]) => ofBuild(name, service, context)),
  ];
}

/** Other paths of this machine of which it matters where they lead, as they stand in the stack. */
export function hostPathsOf(stack: Stack): readonly string[] {
  const services = [...Object.values(stack.services), ...Object.values(stack.bases ?? {})];
  const paths = [
    stack.directory,
    ...services.flatMap((service) => [
      ...(service.volumes ?? []).flatMap((mount) => mountedBy(mount, stack).folder ?? []),
      ...(service.develop?.watch ?? []).map(({ path }) => path),
      ...(extrasOf(service).sync_back ?? []).map(({ target }) => target),
      ...contextsOf(service).map(({ folder }) => folder),
    ]),
    ...[...Object.values(stack.secrets), ...Object.values(stack.configs)].flatMap(({ file }) => file ?? []),
  ];
  return [...new Set(paths)];
}

interface Context extends DemandOptions {
  readonly stack: Stack;
}

function ofContainer(service: string, given: Service, context: Context): readonly Demand[] {
  const path = joinPath('services', service);
  const demand = (key: string, what: string): Demand => ({
    service,
    path: `${path}.${key}`,
    for: 'containers',
    what,
  });
  return [
    ...(given.provider === undefined
      ? []
      : [demand('provider.type', `to run the program ${given.provider.type} on this machine`)]),
    ...(given.privileged === true ? [demand('privileged', 'privileged mode')] : []),
    ...Object.entries(namespaces).flatMap(([key, what]) => {
      const value = given[key as keyof typeof namespaces] ?? '';
      if (value === 'host') return [demand(key, what)];
      return ofOthers.test(value) ? [demand(key, what.replace('the host', value))] : [];
    }),
    ...(given.volumes_from ?? []).flatMap((from, index) =>
      ofOthers.test(from) ? [demand(`volumes_from[${index}]`, `all that ${from} mounts`)] : [],
    ),
    ...Object.keys(given.networks ?? {}).flatMap((key) =>
      context.stack.networks[key]?.name === 'host'
        ? [demand(`networks.${key}`, namespaces.network_mode)]
        : [],
    ),
    ...(given.use_api_socket === true
      ? [demand('use_api_socket', 'control over the engine, and your logins of registries (use_api_socket)')]
      : []),
    ...(given.cap_add ?? []).flatMap((name, index) => {
      const plain = name.toUpperCase().replace(/^CAP_/, '');
      if (plain === 'ALL') return [demand(`cap_add[${index}]`, 'all capabilities')];
      return capabilities.has(plain) ? [demand(`cap_add[${index}]`, `the capability ${plain}`)] : [];
    }),
    ...(given.security_opt ?? []).flatMap((option, index) =>
      unconfined.test(option) ? [demand(`security_opt[${index}]`, `no confinement (${option})`)] : [],
    ),
    ...(given.devices ?? []).flatMap(({ source }, index) =>
      isNamedDevice(source) || isHarmless(source)
        ? []
        : [demand(`devices[${index}]`, `the device ${source}`)],
    ),
    ...(given.device_cgroup_rules ?? []).map((rule, index) =>
      demand(`device_cgroup_rules[${index}]`, `devices by the rule ${rule}`),
    ),
    ...hooksOf(given).flatMap(({ key, privileged }) =>
      privileged ? [demand(key, 'a privileged hook')] : [],
    ),
    ...ofFiles(service, given, context),
  ];
}

const namespaces = {
  network_mode: 'the network of the host',
  pid: 'the processes of the host',
  ipc: 'the shared memory of the host',
  userns_mode: 'the users of the host',
  uts: 'the name of the host',
  cgroup: 'the control groups of the host',
} as const;

/** What belongs to a container of someone else, or to any process. */
const ofOthers = /^(?:container|ns):/;

/** Those by which a container gets at the machine, its devices or its kernel. */
const capabilities = new Set(
  'BPF DAC_READ_SEARCH MAC_ADMIN MAC_OVERRIDE SYS_ADMIN SYS_BOOT SYS_MODULE SYS_RAWIO SYS_TIME'.split(' '),
);

const unconfined =
  /^(?:(?:seccomp|apparmor|systempaths)[=:]unconfined|label[=:](?:disable|type:(?:spc|unconfined|container_runtime)_t)|unmask[=:].*)$/;

const harmlessDevices =
  /^\/dev\/(?:null|zero|full|random|urandom|tty|fuse|kvm|net\/tun|dri(?:\/.*)?|nvidia[\w-]*|snd(?:\/.*)?)$/;

/** By what it says, which leads elsewhere by `..`. */
function isHarmless(device: string): boolean {
  return harmlessDevices.test(device) && !device.split('/').includes('..');
}

function hooksOf({ pre_start = [], post_start = [], pre_stop = [], develop }: Service) {
  const hooks = Object.entries({ pre_start, post_start, pre_stop }).flatMap(([key, list]) =>
    list.map((hook, index) => ({ key: `${key}[${index}]`, hook })),
  );
  const rules = (develop?.watch ?? []).map(({ exec }, index) => ({
    key: `develop.watch[${index}].exec`,
    hook: exec,
  }));
  return [...hooks, ...rules].map(({ key, hook }) => ({
    key: `${key}.privileged`,
    privileged: hook?.privileged === true,
  }));
}

function ofFiles(service: string, given: Service, context: Context): readonly Demand[] {
  const path = joinPath('services', service);
  const { stack, leadsTo } = context;
  const { sync_back: back } = extrasOf(given);
  const references = (['configs', 'secrets'] as const).flatMap((section) =>
    (given[section] ?? []).flatMap(({ source }, index) => {
      const { file } = stack[section][source] ?? {};
      return file === undefined ? [] : [{ at: `${path}.${section}[${index}]`, file }];
    }),
  );
  return [
    ...(given.volumes ?? []).flatMap((mount, index): readonly Demand[] => {
      const at = `${path}.volumes[${index}]`;
      if (mount.type === 'npipe')
        return [{ service, path: at, for: 'containers', what: `the pipe ${mount.source ?? ''}` }];
      const { folder, fileSystem } = mountedBy(mount, stack);
      if (fileSystem !== undefined) return [{ service, path: at, for: 'containers', what: fileSystem }];
      return folder === undefined
        ? []
        : ofMount(folder, { service, at, readOnly: mount.read_only === true, for: 'containers' }, context);
    }),
    ...references.flatMap(({ at, file }) =>
      ofPath(file, { service, at, readOnly: true, for: 'containers' }, context),
    ),
    ...(given.develop?.watch ?? []).flatMap(({ path: source }, index) =>
      ofPath(
        source,
        { service, at: `${path}.develop.watch[${index}]`, readOnly: true, for: 'containers' },
        context,
      ),
    ),
    ...(back ?? []).flatMap(({ target }, index): readonly Demand[] => {
      const directory = leadsTo.get(stack.directory) ?? stack.directory;
      const place = leadsTo.get(target) ?? target;
      const { home, own } = context;
      const isPrivate = sensitivityOf(place, { home, own, directory, readOnly: false }) !== undefined;
      if (isWithin(directory, place) && !isPrivate) return [];
      const at = `${path}.x-stack.sync_back[${index}].target`;
      return [{ service, path: at, for: 'containers', what: `to write into ${place}` }];
    }),
  ];
}

function ofBuild(service: string, given: Service, context: Context): readonly Demand[] {
  const { build } = given;
  if (build === undefined) return [];
  const path = `${joinPath('services', service)}.build`;
  const demand = (key: string, what: string): Demand => ({
    service,
    path: `${path}.${key}`,
    for: 'build',
    what: `${what} for its build`,
  });
  return [
    ...(build.privileged === true ? [demand('privileged', 'privileged mode')] : []),
    ...(build.network === 'host' ? [demand('network', 'the network of the host')] : []),
    ...(build.entitlements ?? []).map((name, index) => demand(`entitlements[${index}]`, name)),
    ...Object.entries(build.ssh ?? {}).map(([id, key]) =>
      demand('ssh', key === null ? `your SSH agent (${id})` : `the SSH key ${key}`),
    ),
    ...contextsOf(given).flatMap(({ key, folder }) =>
      ofPath(folder, { service, at: `${path}.${key}`, readOnly: true, for: 'build' }, context),
    ),
    ...(build.secrets ?? []).flatMap(({ source }, index) => {
      const { file } = context.stack.secrets[source] ?? {};
      const at = `${path}.secrets[${index}]`;
      return file === undefined ? [] : ofPath(file, { service, at, readOnly: true, for: 'build' }, context);
    }),
  ];
}

/** The folders and files of this machine that a build reads, with the keys below `build` that name them. */
function contextsOf({ build }: Service): readonly { readonly key: string; readonly folder: string }[] {
  if (build === undefined) return [];
  const { context, dockerfile, additional_contexts: others = {} } = build;
  const files = build.dockerfile_inline === undefined ? dockerfileNames(dockerfile) : [];
  const named = [
    ['context', context],
    ...files.map((file) => ['dockerfile', file.startsWith('/') ? file : `${context}/${file}`] as const),
    ...Object.entries(others).map(([key, place]) => [joinPath('additional_contexts', key), place] as const),
  ] as const;
  return named.flatMap(([key, folder]) =>
    folder.startsWith('/') && !isRemoteContext(folder) ? [{ key, folder }] : [],
  );
}

interface Use {
  readonly service: string;
  readonly at: StackPath;
  readonly readOnly: boolean;
  readonly for: Demand['for'];
}

/** What a path means by its name, or by where it leads. */
function ofPath(
  path: string,
  { service, at, readOnly, for: who }: Use,
  { stack, home, own, leadsTo }: Context,
): readonly Demand[] {
  const real = leadsTo.get(path) ?? path;
  const directory = leadsTo.get(stack.directory) ?? stack.directory;
  const byName = sensitivityOf(path, { home, own, directory: stack.directory, readOnly });
  const found = byName ?? sensitivityOf(real, { home, own, directory, readOnly });
  if (found === undefined) return [];
  const link = byName === undefined ? ` by the link ${path}` : '';
  const use = who === 'build' ? ' for its build' : '';
  return [{ service, path: at, for: who, what: `${found}${link}${use}` }];
}

/** Who agrees to something being read has not agreed to it being written. */
function ofMount(path: string, use: Use, context: Context): readonly Demand[] {
  const demands = ofPath(path, use, context);
  return use.readOnly ? demands.map((demand) => ({ ...demand, what: `${demand.what}, read-only` })) : demands;
}

/**
 * The path of the machine that a mount shows, also where the options of a volume name it: the driver of volumes mounts what it is
 * told to, of whatever type. Or the file system that is no folder, but may be a disk of the machine, or all its devices, in words.
 */
function mountedBy(
  mount: Mount,
  { volumes }: Stack,
): { readonly folder?: string; readonly fileSystem?: string } {
  if (mount.type === 'bind') return { folder: mount.source };
  const volume = mount.type === 'volume' ? volumes[mount.source ?? ''] : undefined;
  const { driver = 'local', driver_opts: { device = '', o = '', type = 'none' } = {} } = volume ?? {};
  const isBind = type === 'none' || /(?:^|,)r?bind(?:,|$)/.test(o);
  // The engine takes what is not absolute from where it runs, which is there.
  if (isBind) return device === '' ? {} : { folder: device.startsWith('/') ? device : `/${device}` };
  if (driver !== 'local' || ofNoMachine.test(type)) return {};
  return { fileSystem: `the file system ${device || type} (${type})` };
}

/** Types of file systems that begin empty, or are those of other machines. */
const ofNoMachine = /^(?:tmpfs|nfs4?|cifs|smb3?|smbfs)$/;
