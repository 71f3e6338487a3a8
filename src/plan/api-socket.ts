import type { Mount, Service, Stack } from '../model/stack.ts';

const socket = '/var/run/docker.sock';
const folder = '/run/secrets/docker';

/** The config that stands for the credentials of registries; no file can have a config of this name. */
export const credentialsConfig = '#apisocket';

/**
 * The stack with what `use_api_socket` stands for: the socket of the engine, the credentials of registries, and the
 * variable that tells the docker CLI where they are. As with Docker Compose, a service that sets it knows better.
 */
export function withApiSocket(stack: Stack): Stack {
  if (!Object.values(stack.services).some(({ use_api_socket }) => use_api_socket === true)) return stack;
  const services = Object.entries(stack.services).map(([name, service]): [string, Service] => [
    name,
    service.use_api_socket === true ? withSocket(service) : service,
  ]);
  return { ...stack, services: Object.fromEntries(services) };
}

function withSocket(service: Service): Service {
  const mount: Mount = { type: 'bind', source: socket, target: socket };
  return {
    ...service,
    volumes: [...(service.volumes ?? []), mount],
    environment: { DOCKER_CONFIG: folder, ...service.environment },
    configs: [...(service.configs ?? []), { source: credentialsConfig, target: `${folder}/config.json` }],
  };
}
