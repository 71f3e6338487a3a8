import { mapValues } from '../model/records.ts';
import { joinPath, type Mount, type Service, type Stack, type StackPath } from '../model/stack.ts';

/** What services have that only their files can tell: what is run in their containers or for them, with what it is given. */
const untold = [
  'pre_start',
  'post_start',
  'pre_stop',
  'provider',
  'models',
] as const satisfies readonly (keyof Service)[];

/**
 * What plans take of a stack that end, restart or remove containers which exist, and nothing of it that could be secret. Undefined:
 * they take more.
 */
export function outlineOf(stack: Stack): Stack | undefined {
  const { name, separator, directory, files, services, networks, volumes, cloned } = stack;
  if (Object.values(services).some((service) => untold.some((key) => service[key] !== undefined)))
    return undefined;
  return {
    name,
    ...(separator === undefined ? {} : { separator }),
    directory,
    files,
    environmentFiles: [],
    services: mapValues(services, outlineOfService),
    disabledServices: stack.disabledServices,
    networks: mapValues(networks, outlineOfObject),
    volumes: mapValues(volumes, outlineOfObject),
    ...(cloned === undefined ? {} : { cloned }),
    configs: {},
    secrets: {},
    models: {},
    extensions: {},
    origins: origins(stack),
  };
}

function outlineOfService({ image, build, attach, depends_on, healthcheck, volumes }: Service): Service {
  const interval = healthcheck?.interval;
  return {
    ...(image === undefined ? {} : { image }),
    // Whether it is built counts, not of what: addresses may have credentials in them.
    ...(build === undefined ? {} : { build: { context: '' } }),
    ...(attach === undefined ? {} : { attach }),
    ...(depends_on === undefined ? {} : { depends_on }),
    ...(interval === undefined ? {} : { healthcheck: { interval } }),
    ...(volumes === undefined ? {} : { volumes: volumes.flatMap(outlineOfMount) }),
  };
}

function outlineOfMount(mount: Mount): readonly Mount[] {
  if (mount.type !== 'volume') return [];
  const { type, source, target } = mount;
  return [{ type, ...(source === undefined ? {} : { source }), target }];
}

function outlineOfObject({ name, external }: { readonly name: string; readonly external?: boolean }) {
  return { name, ...(external === undefined ? {} : { external }) };
}

/** Where a name that several may want is written, and what is acted on; of what the file does not have, where it would be. */
function origins(stack: Stack): Stack['origins'] {
  const paths = [
    'name',
    ...(['services', 'networks', 'volumes'] as const).flatMap((section) => [
      section,
      ...Object.keys(stack[section]).flatMap((key) => {
        const path = joinPath(section, key);
        return section === 'services' ? [path, `${path}.image`, `${path}.build`, `${path}.volumes`] : [path];
      }),
    ]),
  ];
  const places = paths.flatMap((path): [StackPath, Stack['origins'][string]][] => {
    const place = stack.origins[path];
    return place === undefined ? [] : [[path, place]];
  });
  return Object.fromEntries(places);
}
