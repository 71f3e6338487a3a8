import type {
  AttributeOf,
  CredentialSpec,
  Dependency,
  Healthcheck,
  Service,
  ServiceNetwork,
} from '../../model/stack.ts';
import { booleanNode, mapNode, type Node, record, textNode } from '../node.ts';
import { broken } from '../report.ts';
import { build } from './build.ts';
import { develop } from './develop.ts';
import { hooks, preStartHooks } from './hooks.ts';
import { extraHosts } from './hosts.ts';
import { beside } from './misplaced.ts';
import { mounts } from './mounts.ts';
import { configs, models, named, networks, secrets, volumes } from './objects.ts';
import { pairs } from './pairs.ts';
import { ports } from './ports.ts';
import { provider } from './provider.ts';
import { configReferences, modelReferences, secretReferences } from './references.ts';
import { resourceTable } from './resources.ts';
import { about, fields, listOf, mapOf, orNothing, type Shape, type Table, textOf } from './shape.ts';
import {
  command,
  distinctTexts,
  duration,
  flag,
  healthTest,
  matching,
  namedMap,
  oneOf,
  options,
  sameText,
  strictFlag,
  text,
  textOrNumber,
  textsOrOne,
  uniqueTexts,
  whole,
} from './shapes.ts';
import { serviceExtras, topExtras } from './x-stack.ts';

const labels = pairs({ bare: 'blank' });

const dependencyTable: Table<AttributeOf<Dependency>> = {
  condition: about(
    'What to wait for.',
    oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
  ),
  restart: about('Restart this service when the other one is replaced.', flag),
  required: about('False if the other service may be missing or fail.', strictFlag),
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
  retries: about('How many checks in a row must fail.', whole({ min: 0, cut: true })),
  start_period: about('How long failures do not count after the start.', duration),
  start_interval: about('The time between two checks in the start period.', duration),
  disable: about('Turns the check of the image off.', flag),
};

const serviceNetworkTable: Table<AttributeOf<ServiceNetwork>> = {
  aliases: about('Further names of the service on this network.', uniqueTexts),
  ipv4_address: about('A fixed IPv4 address.', text),
  ipv6_address: about('A fixed IPv6 address.', text),
  link_local_ips: about('Further addresses that only this link knows.', uniqueTexts),
  mac_address: about('A fixed MAC address.', text),
  interface_name: about('The name of the interface inside the container.', text),
  driver_opts: about('Options of the driver of the network.', options('refused')),
  gw_priority: about(
    'The network with the highest number is the way out of the container.',
    whole({ asText: false }),
  ),
  priority: about('The network with the highest number is the primary one.', whole({ asText: false })),
};

const serviceNetworkFields = fields(serviceNetworkTable);

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
    if (long.kind !== 'map') return long;
    const path = long.entries.get('path')?.value;
    if (path?.kind === 'broken') return path;
    if (path === undefined || path.tag === 'reset') {
      return broken(place, node, { code: 'invalid-value', message: `\`${place.path}\` has no \`path\`` });
    }
    const required = { value: booleanNode(true, node), at: node.location };
    return mapNode(new Map([['required', required], ...long.entries]), long);
  },
  merge: (_base, over) => over,
  schema: { oneOf: [{ type: 'string' }, envFileFields.schema] },
};

const pullPolicy = matching(
  /^(?:always|never|build|if_not_present|missing|refresh|daily|weekly|every_(?:[0-9]+[wdhms])+)$/,
  'a pull policy',
  'use always, missing, never or build',
);

const extendsTable: Table = {
  service: about('The service whose attributes are taken over.', text),
  file: about('The file it is in, if it is another one.', text),
};

const extendsFields = fields(extendsTable);

/** The service that this one extends. Its attributes are taken over before files are merged. */
const extending: Shape = {
  read: (node, place) => {
    const long = extendsFields.read(node.kind === 'text' ? record({ service: node }, node) : node, place);
    if (long.kind !== 'map' || long.entries.has('service')) return long;
    return broken(place, node, {
      code: 'invalid-value',
      message: `\`${place.path}\` has no \`service\``,
      hint: 'name the service to extend',
    });
  },
  merge: (_base, over) => over,
  schema: { oneOf: [{ type: 'string' }, { ...extendsFields.schema, required: ['service'] }] },
};

const pathList = listOf(text, { expected: 'a path, or a list of paths', orOne: 'listed' });

const includeFields = fields({
  path: about('The file, or a file and what overrides it.', pathList),
  env_file: about('Files with variables for the included files, instead of their .env.', pathList),
  project_directory: about('What their paths are relative to.', text),
});

const included: Shape = {
  read: (node, place) => {
    const long = includeFields.read(node.kind === 'text' ? record({ path: node }, node) : node, place);
    if (long.kind !== 'map' || long.entries.has('path')) return long;
    return broken(place, node, { code: 'invalid-value', message: `\`${place.path}\` has no \`path\`` });
  },
  merge: (_base, over) => over,
  schema: { oneOf: [{ type: 'string' }, { ...includeFields.schema, required: ['path'] }] },
};

const credentialTable: Table<AttributeOf<CredentialSpec>> = {
  config: about('The config that holds them.', text),
  file: about('The file that holds them.', text),
  registry: about('The value of the registry that holds them.', text),
};

/** Numbers are taken for text, and nothing for a blank one. */
const textOrBlank: Shape = {
  ...textOrNumber,
  read: (node, place) => (node.kind === 'empty' ? textNode('', node) : textOrNumber.read(node, place)),
  takesEmpty: true,
};

type ServiceKey =
  | AttributeOf<Service>
  | 'env_file'
  | 'extends'
  | 'label_file'
  | 'pull_refresh_after'
  | 'x-stack';

const serviceTable: Table<ServiceKey> = {
  ...resourceTable,
  profiles: about('The service is only there when one of these profiles is switched on.', uniqueTexts),
  annotations: about('Notes on the container for the runtime.', labels),
  attach: about('False if the output of the service is not shown.', flag),
  build: about('How the image is built.', build),
  cap_add: about('Capabilities the container has besides the usual ones.', uniqueTexts),
  cap_drop: about('Capabilities the container does not have.', uniqueTexts),
  command: about('The command to run instead of that of the image.', command),
  configs: about('Configs that the container gets as files.', configReferences),
  container_name: about(
    'A fixed name of the container.',
    matching(/[a-zA-Z0-9][a-zA-Z0-9_.-]+/, 'at least two letters, digits, `_`, `.` or `-`'),
  ),
  credential_spec: about('Where the credentials of a Windows account come from.', fields(credentialTable)),
  depends_on: about('Services that must be there first.', dependsOn),
  develop: about('What happens while files are watched.', develop),
  dns: about('Addresses of name servers.', withoutBlanks(textsOrOne('listed'))),
  dns_opt: about('Options of the resolver.', uniqueTexts),
  dns_search: about('Domains in which short names are looked up.', textsOrOne('kept')),
  domainname: about('The domain of the container.', text),
  entrypoint: about('The entry point to use instead of that of the image.', command),
  env_file: about(
    'Files with environment variables.',
    listOf(envFile, {
      expected: 'a path, or a list of paths',
      unique: (node) => textOf(node, 'path'),
      orOne: 'listed',
    }),
  ),
  environment: about('Environment variables of the container.', pairs({ bare: 'empty' })),
  extends: about('The service whose attributes this one takes over.', extending),
  expose: about(
    'Ports that other services may use; the host does not see them.',
    listOf(textOrNumber, { expected: 'a list of ports', unique: sameText }),
  ),
  external_links: about(
    'Containers outside of the stack that can be reached by name, as CONTAINER:ALIAS.',
    distinctTexts,
  ),
  extra_hosts: about('Hosts that the container knows by name.', extraHosts),
  group_add: about(
    'Groups the user of the container belongs to besides its own.',
    listOf(textOrNumber, { expected: 'a list of groups', distinct: true }),
  ),
  healthcheck: about('How the engine finds out whether the container is healthy.', fields(healthcheckTable)),
  hostname: about('The host name of the container.', text),
  image: about('The image to run.', text),
  init: about('Run a small init process as the first one.', flag),
  ipc: about('The IPC namespace: private, shareable, host, service:NAME or container:NAME.', text),
  isolation: about('How the container is isolated on Windows.', text),
  label_file: about(
    'Files with labels.',
    listOf(text, { expected: 'a path, or a list of paths', orOne: 'listed' }),
  ),
  labels: about('Labels of the container.', labels),
  links: about('Services that can be reached under another name, as SERVICE:ALIAS.', uniqueTexts),
  logging: about('Where the output of the container goes.', logging),
  mac_address: about('The MAC address on the primary network.', text),
  models: about('Language models that the service uses.', modelReferences),
  network_mode: about(
    'The network of the host, of a container or of another service, instead of networks.',
    text,
  ),
  networks: about('The networks the container is part of.', serviceNetworks),
  pid: about('The process namespace: host, service:NAME or container:NAME.', text),
  platform: about('The platform of the image, as OS/ARCHITECTURE.', text),
  ports: about('Ports of the container that this machine publishes.', ports),
  post_start: about('Commands to run in the container once it has started.', hooks),
  pre_start: about('Commands to run before the containers of the service start.', preStartHooks),
  pre_stop: about('Commands to run in the container before it is stopped.', hooks),
  privileged: about('Give the container the rights of the host.', flag),
  provider: about('The program that stands for the service instead of containers.', provider),
  pull_policy: about('When the image is pulled.', pullPolicy),
  pull_refresh_after: about('Accepted and not used.', text),
  read_only: about('Nothing but mounts can be written to.', flag),
  restart: about(
    'When the engine starts the container again: no, always, on-failure or unless-stopped.',
    text,
  ),
  runtime: about('The runtime that runs the container.', text),
  secrets: about('Secrets that the container gets as files.', secretReferences),
  security_opt: about('Labels of the security modules.', distinctTexts),
  stdin_open: about('Keep the input of the container open.', flag),
  stop_grace_period: about('How long the container may take to stop before it is killed.', duration),
  stop_signal: about('The signal that asks it to stop.', text),
  storage_opt: about('Options of the storage of the container.', mapOf(textOrBlank)),
  sysctls: about('Kernel parameters of the container.', labels),
  tmpfs: about(
    'Paths of the container that are kept in memory, as PATH[:OPTIONS].',
    listOf(text, {
      expected: 'text or a list of text',
      unique: (node) => sameText(node)?.split('=', 1)[0],
      orOne: 'kept',
    }),
  ),
  tty: about('Give the container a terminal.', flag),
  use_api_socket: about(
    'Let the container talk to the engine, with the credentials of the user.',
    strictFlag,
  ),
  user: about('The user that runs the command.', text),
  userns_mode: about('The user namespace: host, or that of the engine.', text),
  uts: about('The namespace of the host name: host, or its own.', text),
  volumes: about('Folders, volumes and memory that are mounted into the container.', mounts),
  volumes_from: about('Services, or container:NAME, whose mounts the container gets as well.', distinctTexts),
  working_dir: about('The folder in which the command runs.', text),
  'x-stack': serviceExtras,
};

const service = fields(serviceTable);

const stackTable: Table = {
  version: about('Not used any more.', text),
  name: about('The name of the project.', text),
  include: about(
    'Other stack files whose services, networks and volumes become part of this one.',
    listOf(included, { expected: 'a list of paths' }),
  ),
  services: about(
    'The services of the stack, by name.',
    beside(Object.keys(serviceTable), mapOf(service, named('service'))),
  ),
  networks: about('The networks of the stack, by name.', networks),
  volumes: about('The volumes of the stack, by name.', volumes),
  configs: about('Files that containers get, by name.', configs),
  secrets: about('Files with secrets that containers and builds get, by name.', secrets),
  models: about('Language models that services use, by name.', models),
  'x-stack': topExtras,
};

/** The keys that are no names: what stands under them is no service. */
export const topLevelKeys: readonly string[] = Object.keys(stackTable);

/** A whole stack file. */
export const stackFile: Shape = fields(stackTable);

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
