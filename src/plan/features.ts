import type { Problem } from '../model/problem.ts';
import { joinPath, originOf, type Service, type Stack, type StackPath } from '../model/stack.ts';
import { isOlder } from '../model/versions.ts';

/**
 * What a stack asks for and an engine is too old for: such an engine drops what it does not know, without a word.
 * `version` is that of its API; where it is not told nothing is too new.
 */
export function tooNewIn(stack: Stack, version: string | undefined): readonly Problem[] {
  if (version === undefined) return [];
  const asked = [
    ...Object.entries(stack.services).flatMap(([name, service]) =>
      asksOf(service, joinPath('services', name)),
    ),
    ...Object.entries(stack.networks).flatMap(([key, { enable_ipv4, external }]): Ask[] =>
      enable_ipv4 === false && external !== true ? [[`networks.${key}.enable_ipv4`, '1.48']] : [],
    ),
  ];
  return asked.filter(([, needed]) => isOlder(version, needed)).map((ask) => tooNew(stack, ask, version));
}

/** The releases of Docker Engine that brought the versions of its API. */
const releases = { '1.43': '24', '1.44': '25', '1.45': '26', '1.48': '28', '1.49': '28.1' } as const;

type Ask = readonly [path: StackPath, needed: keyof typeof releases, words?: string];

function asksOf(service: Service, path: StackPath): Ask[] {
  const asks: Ask[] = [];
  const { annotations = {}, healthcheck, networks, volumes } = service;
  if (Object.keys(annotations).length > 0) asks.push([`${path}.annotations`, '1.43']);
  if (healthcheck?.start_interval !== undefined) asks.push([`${path}.healthcheck.start_interval`, '1.44']);
  for (const [index, { type, bind, volume }] of (volumes ?? []).entries()) {
    const at = `${path}.volumes[${index}]`;
    if (type === 'image') asks.push([`${at}.type`, '1.48', 'a volume of type image']);
    if (type === 'volume' && volume?.subpath) asks.push([`${at}.volume.subpath`, '1.45']);
    if (bind?.recursive === 'writable' || bind?.recursive === 'readonly')
      asks.push([`${at}.bind.recursive`, '1.44']);
  }
  const joined = Object.entries(networks ?? {});
  const [primary] = joined.toSorted(([, a], [, b]) => (b?.priority ?? 0) - (a?.priority ?? 0));
  for (const [key, network] of joined) {
    const at = joinPath(`${path}.networks`, key);
    if (network?.interface_name !== undefined) asks.push([`${at}.interface_name`, '1.49']);
    if (network?.gw_priority) asks.push([`${at}.gw_priority`, '1.48']);
    // Older engines know one address, that of the container.
    if (network?.mac_address !== undefined && key !== primary?.[0]) asks.push([`${at}.mac_address`, '1.44']);
  }
  return asks;
}

function tooNew(stack: Stack, [path, needed, words]: Ask, version: string): Problem {
  const location = originOf(stack, path);
  const what = words ?? `\`${path.slice(path.lastIndexOf('.') + 1)}\``;
  return {
    code: 'engine-too-old',
    severity: 'error',
    path,
    message: `${what} requires Docker Engine v${releases[needed]} or later; this one has API version ${version}, not ${needed}`,
    hint: 'remove it, or use a newer engine',
    ...(location && { location }),
  };
}
