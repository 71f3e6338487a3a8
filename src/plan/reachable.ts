import type { ObservedContainer } from '../model/observed.ts';
import { isEveryAddress } from '../model/ports.ts';
import type { Problem } from '../model/problem.ts';
import type { NetworkAddress } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { stackExtras } from '../model/x-stack.ts';

/** The ports that services publish without saying at which address: then it is all that the machine has. */
export function openPorts({ services }: Pick<Stack, 'services'>): readonly string[] {
  return Object.values(services).flatMap(({ network_mode, ports = [] }) =>
    network_mode === 'host'
      ? []
      : ports.flatMap(({ host_ip = '', published }) =>
          host_ip === '' && published !== undefined ? [published] : [],
        ),
  );
}

/** The same of containers that run, as the engine has published them. */
export function openedPorts(
  { services }: Pick<Stack, 'services'>,
  containers: readonly ObservedContainer[],
): readonly string[] {
  return containers.flatMap(({ service, ports }) => {
    const open = (services[service]?.ports ?? []).filter(({ host_ip = '' }) => host_ip === '');
    return ports
      .filter(({ hostIp, hostPort }) => isEveryAddress(hostIp) && hostPort > 0)
      .filter(({ containerPort }) => open.some(({ target }) => target === containerPort))
      .map(({ hostPort }) => String(hostPort));
  });
}

/** Says which ports others can reach and where; nothing if there are none, or if the file says that it is meant. */
export function reachable(
  stack: Pick<Stack, 'extensions'>,
  open: readonly string[],
  addresses: readonly NetworkAddress[],
): readonly Problem[] {
  const ports = [...new Set(open)];
  const [first = ''] = ports;
  if (ports.length === 0 || addresses.length === 0 || stackExtras(stack).publish === 'all') return [];
  const places = addresses.slice(0, shown).map(({ name, address }) => `${address} (${name})`);
  const more = addresses.length > shown ? ` and ${addresses.length - shown} more` : '';
  return [
    {
      code: 'ports-reachable',
      severity: 'warning',
      message: `others in your network can reach port${ports.length === 1 ? '' : 's'} ${ports.join(', ')} at ${places.join(', ')}${more}`,
      hint: `127.0.0.1:${first}:… keeps it to this machine, x-stack: { publish: local } all of them; publish: all says that it is meant`,
    },
  ];
}

const shown = 2;
