import { listNode, type MapNode, type Node, scalarText, tagOf, textNode } from '../node.ts';
import { item, type Place, within } from '../report.ts';
import { isAsWritten, isKept, pairItems } from './pairs.ts';
import { type Shape, unified, wrongType } from './shape.ts';
import { distinctTexts, invalid, sameText } from './shapes.ts';

/** Hosts and addresses: a map of one or several addresses a host, or a list of `HOST=IP`; becomes a list of `HOST=IP`. */
export const extraHosts: Shape = {
  read: (node, place) => {
    if (node.kind === 'map') return { ...listNode(hostsOfMap(node, place), node), wasMap: true };
    if (node.kind !== 'list') return wrongType(node, place, 'a map or a list of `HOST=IP`');
    const list = distinctTexts.read(node, place);
    const items = list.kind === 'list' ? list.items : [];
    return listNode(
      items.flatMap((host, index) => hostsOfItem(host, item(place, index))),
      node,
    );
  },
  merge: (base, over) => {
    const later = hostItems(over);
    const reset = new Set(wasMap(base) ? later.filter((host) => !isKept(host)).map(hostOf) : []);
    const earlier = hostItems(base).filter((host) => !reset.has(hostOf(host)));
    const list = listNode(unified([...earlier, ...later].filter(isKept), sameText), base);
    return isAsWritten(base) ? { ...list, asWritten: true } : list;
  },
  keepsForm: true,
  schema: {
    oneOf: [
      {
        type: 'object',
        additionalProperties: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      },
      { type: 'array', items: { type: 'string' } },
    ],
  },
};

/** From what was written as a list `!reset` takes nothing away. */
function wasMap(node: Node): boolean {
  return node.kind === 'map' || (node.kind === 'list' && node.wasMap === true);
}

function hostOf(node: Node): string | undefined {
  return sameText(node)?.split('=', 1)[0];
}

function hostItems(node: Node): readonly Node[] {
  if (node.kind !== 'map') return pairItems(node);
  return [...node.entries].flatMap(([host, { value }]) =>
    (value.kind === 'list' ? value.items : [value]).map((one) => ({
      ...textNode(`${host}=${scalarText(one) ?? ''}`, one),
      ...tagOf(value),
    })),
  );
}

function hostsOfMap(map: MapNode, place: Place): readonly Node[] {
  const hosts: Node[] = [];
  for (const [host, { value }] of map.entries) {
    if (value.tag === 'reset') {
      hosts.push({ ...textNode(`${host}=`, value), tag: 'reset' });
      continue;
    }
    if (host === '')
      invalid(textNode(host, value), place, 'a map of hosts and their addresses', 'name the host');
    for (const address of value.kind === 'list' ? value.items : [value]) {
      if (address.kind === 'text') hosts.push(textNode(`${host}=${withoutBrackets(address.value)}`, address));
      else wrongType(address, within(place, host), 'an address, or a list of addresses');
    }
  }
  return hosts;
}

/** `HOST=IP` or `HOST:IP`, with several addresses between commas. */
function hostsOfItem(node: Node, place: Place): readonly Node[] {
  if (node.kind !== 'text') return [node];
  const match = /^([^=:]+)(?:=|:(?=[^=]*$))(.*)$/s.exec(node.value);
  if (match === null) return [invalid(node, place, 'a host and its address', 'write HOST=IP')];
  const [, host = '', addresses = ''] = match;
  return addresses.split(',').map((address) => textNode(`${host}=${withoutBrackets(address)}`, node));
}

function withoutBrackets(address: string): string {
  return /^\[.*\]$/.test(address) ? address.slice(1, -1) : address;
}
