import type {
  AttributeOf,
  Build,
  Dependency,
  Healthcheck,
  Ipam,
  Network,
  Service,
  ServiceNetwork,
  Volume,
} from '../model/stack.ts';
import { isImageName } from './image.ts';
import { beside } from './misplaced.ts';
import { mounts } from './mounts.ts';
import { booleanNode, listNode, type Node, record, textNode } from './node.ts';
import { ports } from './ports.ts';
import { broken } from './report.ts';
import {
  about,
  anything,
  fields,
  listOf,
  mapOf,
  mergeMaps,
  type Shape,
  type Table,
  textOf,
} from './shape.ts';
import {
  command,
  distinctTexts,
  duration,
  extraHosts,
  flag,
  healthTest,
  matching,
  namedMap,
  oneOf,
  options,
  pairs,
  sameText,
  size,
  text,
  textOrNumber,
  textsOrOne,
  uniqueTexts,
  whole,
} from './shapes.ts';

const labels = pairs({ bare: 'blank' });

const buildTable: Table<AttributeOf<Build>> = {
  context: about('The folder, or the address, that holds what is built.', text),
  dockerfile: about('The Dockerfile, relative to the context.', text),
  dockerfile_inline: about('A Dockerfile written here.', text),
  args: about(
    'Arguments of the build; without a value they come from the environment.',
    pairs({ bare: 'empty' }),
  ),
  labels: about('Labels of the image.', labels),
  no_cache: about('Build every step anew.', flag),
  pull: about('Look for newer base images.', flag),
  target: about('The stage of the Dockerfile to build.', text),
};

const buildFields = fields(buildTable, [
  'additional_contexts',
  'cache_from',
  'cache_to',
  'entitlements',
  'extra_hosts',
  'isolation',
  'network',
  'no_cache_filter',
  'platforms',
  'privileged',
  'provenance',
  'sbom',
  'secrets',
  'shm_size',
  'ssh',
  'tags',
  'ulimits',
]);

const build: Shape = {
  read: (node, place) =>
    buildFields.read(node.kind === 'text' ? record({ context: node }, node) : node, place),
  merge: buildFields.merge,
  schema: { oneOf: [{ type: 'string' }, buildFields.schema] },
};

const dependencyTable: Table<AttributeOf<Dependency>> = {
  condition: about(
    'What to wait for.',
    oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
  ),
  restart: about('Restart this service when the other one is replaced.', flag),
  required: about('False if the other service may be missing or fail.', flag),
};

const dependencyFields = fields(dependencyTable);

const dependency: Shape = {
  ...dependencyFields,
  read: (node, place) => {
    const read = dependencyFields.read(node, place);
    if (read.kind !== 'map' || read.entries.has('condition')) return read;
    // Another file may have it.
    const lacking = () =>
      void broken(place, node, {
        code: 'invalid-value',
        message: `\`${place.path}\` has no \`condition\``,
        hint: 'write `condition: service_started`',
      });
    const value: Node = { kind: 'broken', location: node.location, complain: lacking };
    return { ...read, entries: new Map([...read.entries, ['condition', { value, at: node.location }]]) };
  },
};

const dependsOn = namedMap({
  value: dependency,
  expected: 'a list of services, or a map of them',
  short: (name) =>
    record({ condition: textNode('service_started', name), required: booleanNode(true, name) }, name),
});

const healthcheckTable: Table<AttributeOf<Healthcheck>> = {
  test: about('The command that tells whether the container is healthy.', healthTest),
  timeout: about('How long a check may take.', duration),
  interval: about('The time between two checks.', duration),
  retries: about('How many checks in a row must fail.', whole({ min: 0 })),
  start_period: about('How long failures do not count after the start.', duration),
  start_interval: about('The time between two checks in the start period.', duration),
  disable: about('Turns the check of the image off.', flag),
};

const serviceNetworkTable: Table<AttributeOf<ServiceNetwork>> = {
  aliases: about('Further names of the service on this network.', uniqueTexts),
  ipv4_address: about('A fixed IPv4 address.', text),
  ipv6_address: about('A fixed IPv6 address.', text),
  priority: about('The network with the highest number is the primary one.', whole({ asText: false })),
};

const serviceNetworkFields = fields(serviceNetworkTable, [
  'driver_opts',
  'gw_priority',
  'interface_name',
  'link_local_ips',
  'mac_address',
]);

const serviceNetworks = namedMap({
  value: orNothing(serviceNetworkFields),
  expected: 'a list of networks, or a map of them',
  short: (name) => ({ kind: 'empty', location: name.location }),
});

const loggingFields = fields({
  driver: about('The driver that takes the output.', text),
  options: about('Options of the driver.', options('blank')),
});

const logging: Shape = {
  ...loggingFields,
  // Options of one driver mean nothing to another.
  merge: (base, over) => {
    const before = textOf(base, 'driver');
    const after = textOf(over, 'driver');
    const other = before !== undefined && after !== undefined && before !== after;
    return other ? over : loggingFields.merge(base, over);
  },
};

const envFileFields = fields({
  path: about('The file, relative to the project directory.', text),
  required: about('False if the file may be missing.', flag),
  format: about('`raw` to take values as they are.', oneOf('raw')),
});

const envFile: Shape = {
  read: (node, place) => {
    const long = envFileFields.read(node.kind === 'text' ? record({ path: node }, node) : node, place);
    if (long.kind !== 'map' || long.entries.has('path')) return long;
    return broken(place, node, { code: 'invalid-value', message: `\`${place.path}\` has no \`path\`` });
  },
  merge: (_base, over) => over,
  schema: { oneOf: [{ type: 'string' }, envFileFields.schema] },
};

const pullPolicy = matching(
  /^(?:always|never|build|if_not_present|missing|refresh|daily|weekly|every_(?:[0-9]+[wdhms])+)$/,
  'a pull policy',
  'use always, missing, never or build',
);

const imageName: Shape = {
  ...text,
  read: (node, place) => {
    // Whether there must be one shows when all files are merged.
    if (node.kind !== 'text' || node.value === '' || isImageName(node.value)) return text.read(node, place);
    return broken(place, node, {
      code: 'invalid-value',
      message: `\`${node.value}\` is no image name`,
      hint: 'use lower-case letters, digits, `.`, `_`, `-` and `/`, then `:TAG` or `@DIGEST`',
    });
  },
};

type ServiceKey = AttributeOf<Service> | 'env_file' | 'label_file';

const serviceTable: Table<ServiceKey> = {
  profiles: about('The service is only there when one of these profiles is switched on.', uniqueTexts),
  build: about('How the image is built.', build),
  cap_add: about('Capabilities the container has besides the usual ones.', uniqueTexts),
  cap_drop: about('Capabilities the container does not have.', uniqueTexts),
  command: about('The command to run instead of that of the image.', command),
  container_name: about(
    'A fixed name of the container.',
    matching(/[a-zA-Z0-9][a-zA-Z0-9_.-]+/, 'at least two letters, digits, `_`, `.` or `-`'),
  ),
  depends_on: about('Services that must be there first.', dependsOn),
  dns: about('Addresses of name servers.', withoutBlanks(textsOrOne)),
  dns_opt: about('Options of the resolver.', uniqueTexts),
  dns_search: about('Domains in which short names are looked up.', textsOrOne),
  domainname: about('The domain of the container.', text),
  entrypoint: about('The entry point to use instead of that of the image.', command),
  env_file: about(
    'Files with environment variables.',
    listOf(envFile, {
      expected: 'a path, or a list of paths',
      unique: (node) => textOf(node, 'path'),
      orOne: true,
    }),
  ),
  environment: about('Environment variables of the container.', pairs({ bare: 'empty' })),
  expose: about(
    'Ports that other services may use; the host does not see them.',
    listOf(textOrNumber, { expected: 'a list of ports', unique: sameText }),
  ),
  extra_hosts: about('Hosts that the container knows by name.', extraHosts),
  group_add: about(
    'Groups the user of the container belongs to besides its own.',
    listOf(textOrNumber, { expected: 'a list of groups' }),
  ),
  healthcheck: about('How the engine finds out whether the container is healthy.', fields(healthcheckTable)),
  hostname: about('The host name of the container.', text),
  image: about('The image to run.', imageName),
  init: about('Run a small init process as the first one.', flag),
  label_file: about(
    'Files with labels.',
    listOf(text, { expected: 'a path, or a list of paths', orOne: true }),
  ),
  labels: about('Labels of the container.', labels),
  links: about('Services that can be reached under another name, as SERVICE:ALIAS.', uniqueTexts),
  logging: about('Where the output of the container goes.', logging),
  network_mode: about(
    'The network of the host, of a container or of another service, instead of networks.',
    text,
  ),
  networks: about('The networks the container is part of.', serviceNetworks),
  platform: about('The platform of the image, as OS/ARCHITECTURE.', text),
  ports: about('Ports of the container that this machine publishes.', ports),
  privileged: about('Give the container the rights of the host.', flag),
  pull_policy: about('When the image is pulled.', pullPolicy),
  read_only: about('Nothing but mounts can be written to.', flag),
  restart: about(
    'When the engine starts the container again: no, always, on-failure or unless-stopped.',
    text,
  ),
  security_opt: about('Labels of the security modules.', distinctTexts),
  shm_size: about('The size of shared memory.', size()),
  stdin_open: about('Keep the input of the container open.', flag),
  stop_grace_period: about('How long the container may take to stop before it is killed.', duration),
  stop_signal: about('The signal that asks it to stop.', text),
  sysctls: about('Kernel parameters of the container.', labels),
  tmpfs: about(
    'Paths of the container that are kept in memory, as PATH[:OPTIONS].',
    listOf(text, {
      expected: 'text or a list of text',
      unique: (node) => sameText(node)?.split('=', 1)[0],
      orOne: true,
    }),
  ),
  tty: about('Give the container a terminal.', flag),
  user: about('The user that runs the command.', text),
  volumes: about('Folders, volumes and memory that are mounted into the container.', mounts),
  working_dir: about('The folder in which the command runs.', text),
};

const service = fields(serviceTable, [
  'annotations',
  'attach',
  'blkio_config',
  'cgroup',
  'cgroup_parent',
  'configs',
  'cpu_count',
  'cpu_percent',
  'cpu_period',
  'cpu_quota',
  'cpu_rt_period',
  'cpu_rt_runtime',
  'cpu_shares',
  'cpus',
  'cpuset',
  'credential_spec',
  'deploy',
  'develop',
  'device_cgroup_rules',
  'devices',
  'extends',
  'external_links',
  'gpus',
  'ipc',
  'isolation',
  'mac_address',
  'mem_limit',
  'mem_reservation',
  'mem_swappiness',
  'memswap_limit',
  'models',
  'oom_kill_disable',
  'oom_score_adj',
  'pid',
  'pids_limit',
  'post_start',
  'pre_start',
  'pre_stop',
  'provider',
  'pull_refresh_after',
  'runtime',
  'scale',
  'secrets',
  'storage_opt',
  'ulimits',
  'use_api_socket',
  'userns_mode',
  'uts',
  'volumes_from',
]);

type Pool = NonNullable<Ipam['config']>[number];

const poolTable: Table<AttributeOf<Pool>> = {
  subnet: about('The addresses of the network, as ADDRESS/BITS.', text),
  gateway: about('The address of the gateway.', text),
  ip_range: about('The part of the subnet that containers get addresses from.', text),
};

const poolList = listOf(fields(poolTable, ['aux_addresses']), { expected: 'a list of address pools' });

const ipamTable: Table<AttributeOf<Ipam>> = {
  driver: about('The driver that hands out addresses.', text),
  config: about('The pools of addresses.', {
    ...poolList,
    // A pool that the later file does not repeat is lost, as with Docker Compose 2.40.3.
    merge: mergePools,
  }),
};

/** True, or with a name in the old spelling. */
const external: Shape = {
  read: (node, place) => (node.kind === 'map' ? externalFields.read(node, place) : flag.read(node, place)),
  merge: (_base, over) => over,
  schema: { oneOf: [flag.schema, { type: 'object' }] },
};

const externalFields = fields({ name: about('The name on the engine.', text) });

const networkTable: Table<AttributeOf<Network>> = {
  name: about('The name on the engine, without the name of the project before it.', text),
  driver: about('The driver of the network.', text),
  driver_opts: about('Options of the driver.', options('refused')),
  ipam: about('How addresses are handed out.', fields(ipamTable, ['options'])),
  external: about('The network is there already and is not managed here.', external),
  internal: about('The network has no way out.', flag),
  attachable: about('Other containers may join the network.', flag),
  labels: about('Labels of the network.', labels),
  enable_ipv6: about('Use IPv6 on the network.', flag),
};

const volumeTable: Table<AttributeOf<Volume>> = {
  name: about('The name on the engine, without the name of the project before it.', text),
  driver: about('The driver of the volume.', text),
  driver_opts: about('Options of the driver.', options('refused')),
  external: about('The volume is there already and is not managed here.', external),
  labels: about('Labels of the volume.', labels),
};

const named = (what: string) => ({
  keys: {
    pattern: /^[a-zA-Z0-9._-]+$/,
    message: (key: string) =>
      `\`${key}\` cannot be the name of a ${what}; use letters, digits, \`.\`, \`_\` and \`-\``,
  },
});

const stackTable: Table = {
  version: about('Not used any more.', text),
  name: about('The name of the project.', text),
  services: about(
    'The services of the stack, by name.',
    beside(Object.keys(serviceTable), mapOf(service, named('service'))),
  ),
  networks: about(
    'The networks of the stack, by name.',
    mapOf(orNothing(fields(networkTable, ['enable_ipv4'])), named('network')),
  ),
  volumes: about(
    'The volumes of the stack, by name.',
    mapOf(orNothing(fields(volumeTable)), named('volume')),
  ),
};

const unsupportedAtTheTop = ['configs', 'include', 'models', 'secrets'];

/** The keys that are no names: what stands under them is no service. */
export const topLevelKeys: readonly string[] = [...Object.keys(stackTable), ...unsupportedAtTheTop];

/** A whole stack file. */
export const stackFile: Shape = fields(stackTable, unsupportedAtTheTop);

/** A shape whose value may be left out: `default:` alone. */
function orNothing(shape: Shape): Shape {
  return {
    read: (node, place) => (node.kind === 'empty' ? node : shape.read(node, place)),
    merge: (base, over) => {
      if (over.kind === 'empty') return base;
      return base.kind === 'empty' ? over : shape.merge(base, over);
    },
    schema: { oneOf: [{ type: 'null' }, shape.schema] },
    takesEmpty: true,
  };
}

/** An empty text is no name server. */
function withoutBlanks(shape: Shape): Shape {
  return {
    ...shape,
    read: (node, place) => {
      const list = shape.read(node, place);
      return list.kind === 'list'
        ? { ...list, items: list.items.filter((one) => sameText(one) !== '') }
        : list;
    },
  };
}

function mergePools(base: Node, over: Node): Node {
  if (base.kind !== 'list' || over.kind !== 'list') return over;
  const pools = over.items.map((pool) => {
    const subnet = textOf(pool, 'subnet');
    const same = base.items.find((other) => textOf(other, 'subnet') === subnet);
    return same === undefined ? pool : mergeMaps(same, pool, () => anything);
  });
  return listNode(pools, base);
}
