import {
  hasVariable,
  listNode,
  type MapNode,
  type Node,
  numberNode,
  record,
  scalarText,
  textNode,
} from '../node.ts';
import { broken, item, type Place } from '../report.ts';
import { isAddress } from './address.ts';
import { about, childOf, fields, listOf, type Shape, textOf, unified, wrongType } from './shape.ts';
import { invalid, text, textLike, textOrNumber, whole } from './shapes.ts';

const longForm = fields({
  name: about('A name for people to read.', text),
  mode: about('Kept for swarms; the engine does not look at it.', text),
  host_ip: about('The address of this machine to listen on.', {
    ...text,
    read: (node, place) => {
      if (node.kind !== 'text' || isAddress(node.value)) return text.read(node, place);
      return invalid(node, place, 'an IP address');
    },
  }),
  target: about('The port inside the container.', whole({ min: 0 })),
  published: about(
    'The port, or range of ports, on this machine; the engine chooses one if it is left out.',
    textOrNumber,
  ),
  protocol: about('tcp, udp or sctp.', text),
  app_protocol: about('The protocol spoken over the port, for people to read.', text),
});

const address = '([0-9.]+|\\[[0-9a-fA-F:.]+\\])?:';
const range = '[0-9]+(-[0-9]+)?';
const shortSchema = textLike(
  `(${address})?((${range})?:)?${range}(/([tT][cC][pP]|[uU][dD][pP]|[sS][cC][tT][pP])?)?`,
);

const portList: Shape = {
  read: readPort,
  merge: (_base, over) => over,
  schema: { oneOf: [{ type: 'integer' }, shortSchema, longForm.schema] },
};

const asWritten = listOf(portList, { expected: 'a list of ports' });

/** How many ports a service may publish: the engine makes rules, and often a process, for each. */
const portLimit = 10_000;

/** Published ports. A short form that names a range becomes several ports. */
export const ports: Shape = {
  read: (node, place) => {
    if (node.kind !== 'list') return asWritten.read(node, place);
    // With a variable in one of them none of the short forms is read, as Docker Compose does.
    const kept =
      place.asWritten === true && node.items.some((port) => port.kind === 'text' && hasVariable(port));
    const items: Node[] = [];
    for (const [index, port] of node.items.filter(({ tag }) => tag !== 'reset').entries()) {
      const read = kept && port.kind !== 'map' ? port : readPort(port, item(place, index));
      // A short form is read into a list of ports, which stands in for it until here.
      for (const one of read.kind === 'list' ? read.items : [read]) items.push(one);
      if (items.length > portLimit) return tooMany(port, place);
    }
    return listNode(unified(items, portKey), node);
  },
  merge: (base, over) => {
    const list = asWritten.merge(base, over);
    return list.kind === 'list' ? listNode(unified(list.items, portKey), list) : list;
  },
  schema: asWritten.schema,
};

function tooMany(node: Node, place: Place): Node {
  return broken(place, node, {
    code: 'invalid-value',
    message: `\`${place.path}\` has more than ${portLimit} ports`,
    hint: 'publish fewer, or share the network of the host with `network_mode: host`',
  });
}

function portKey(node: Node): string | undefined {
  if (node.kind !== 'map') return undefined;
  const target = childOf(node, 'target');
  const host = textOf(node, 'host_ip') ?? '0.0.0.0';
  const number = target?.kind === 'number' ? target.value : '';
  return `${host}:${scalarText(childOf(node, 'published') ?? node) ?? ''}:${number}/${textOf(node, 'protocol')}`;
}

function readPort(node: Node, place: Place): Node {
  if (node.kind === 'number' && node.integer) return readShort(node.text, node, place);
  if (node.kind === 'text') return readShort(node.value, node, place);
  if (node.kind !== 'map') return wrongType(node, place, 'a port such as `8080:80`');
  const port = longForm.read(node, place);
  if (port.kind !== 'map') return port;
  const published = childOf(port, 'published');
  const target = port.entries.get('target');
  if (target === undefined || (target.value.kind === 'number' && target.value.value === 0)) {
    const message = `\`${place.path}\` has no \`target\``;
    return broken(place, node, {
      code: 'invalid-value',
      message,
      hint: 'name the port inside the container',
    });
  }
  return withDefaults(port, published?.kind === 'text' && published.value === '' ? undefined : published);
}

function withDefaults(port: MapNode, published: Node | undefined): Node {
  const entries = new Map(port.entries);
  const at = port.location;
  if (published === undefined) entries.delete('published');
  if (!entries.has('mode')) entries.set('mode', { value: textNode('ingress', port), at });
  if (!entries.has('protocol')) entries.set('protocol', { value: textNode('tcp', port), at });
  return { ...port, entries };
}

/** `[IP:][HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]` */
function readShort(spec: string, node: Node, place: Place): Node {
  const parsed = parseShort(spec);
  if (typeof parsed === 'string') {
    return broken(place, node, {
      code: 'invalid-value',
      message: `\`${spec}\` is no port that can be published: ${parsed}`,
      hint: 'write [IP:][HOST:]CONTAINER[/PROTOCOL], for example 127.0.0.1:8080:80',
    });
  }
  const { hostIp, host, container } = parsed;
  if (container.last - container.first >= portLimit) return tooMany(node, place);
  const mode = textNode('ingress', node);
  const address = hostIp === '' ? undefined : textNode(hostIp, node);
  const protocol = textNode(parsed.protocol, node);
  const items = targetsOf(container).map((target) => {
    const published = publishedFor(target, host, container);
    return record(
      {
        mode,
        host_ip: address,
        target: numberNode(target, node),
        published: published === undefined ? undefined : textNode(published, node),
        protocol,
      },
      node,
    );
  });
  return { kind: 'list', items, location: node.location };
}

/** The ports of a range in the order that Docker Compose 2.40.3 gives them: that of their text, 10 before 9. */
function targetsOf({ first, last }: Range): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index))
    .toSorted()
    .map(Number);
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Ranges of the same length make pairs; a host range for one port is left to the engine. */
function publishedFor(target: number, host: Range | undefined, container: Range): string | undefined {
  if (host === undefined) return undefined;
  if (container.first !== container.last) return String(host.first + target - container.first);
  return host.first === host.last ? String(host.first) : `${host.first}-${host.last}`;
}

interface ShortPort {
  readonly hostIp: string;
  readonly host: Range | undefined;
  readonly container: Range;
  readonly protocol: string;
}

/** The parts, or what is wrong with them. */
function parseShort(spec: string): ShortPort | string {
  const [address = '', written = ''] = spec.split('/');
  const protocol = written === '' ? 'tcp' : written.toLowerCase();
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) return `\`${written}\` is no protocol`;
  const parts = address.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  const hostIp = parts.join(':');
  const ip = /^\[.*\]$/.test(hostIp) ? hostIp.slice(1, -1) : hostIp;
  if (hostIp !== '' && (!isAddress(ip) || ip.includes(':') !== (ip !== hostIp))) {
    return ip.includes(':')
      ? `IPv6 addresses need brackets, as in [::1]:8080:80`
      : `\`${hostIp}\` is no IP address`;
  }
  if (container === '') return 'the port inside the container is missing';
  const containerRange = parseRange(container);
  if (containerRange === undefined) return `\`${container}\` is no port`;
  if (containerRange.first === 0) return 'the port inside the container cannot be 0';
  const hostRange = host === '' ? undefined : parseRange(host);
  if (host !== '' && hostRange === undefined) return `\`${host}\` is no port`;
  const count = containerRange.last - containerRange.first;
  if (hostRange !== undefined && count > 0 && hostRange.last - hostRange.first !== count) {
    return 'both ranges must have the same length';
  }
  return { hostIp: ip, host: hostRange, container: containerRange, protocol };
}

function parseRange(range: string): Range | undefined {
  const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(range);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return last > 65535 || last < first ? undefined : { first, last };
}
