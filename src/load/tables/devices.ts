import type { AttributeOf, Device, DeviceRequest } from '../../model/stack.ts';
import {
  hasVariable,
  listNode,
  type MapNode,
  mapNode,
  type Node,
  numberNode,
  record,
  textNode,
} from '../node.ts';
import { broken, complain, type Place, within } from '../report.ts';
import { pairs } from './pairs.ts';
import {
  about,
  fields,
  listOf,
  replace,
  requiring,
  type Shape,
  type Table,
  textOf,
  wrongType,
} from './shape.ts';
import { distinctTexts, invalid, text, textLike, whole } from './shapes.ts';

const deviceTable: Table<AttributeOf<Device>> = {
  source: about('The device of this machine, or the name of one as VENDOR/CLASS=NAME.', text),
  target: about('What it is called inside the container.', text),
  permissions: about('What may be done with it: r, w and m.', text),
};

const longDevice = requiring(fields(deviceTable), ['source', 'target']);

const device: Shape = {
  read: (node, place) => (node.kind === 'text' ? readShort(node.value, node, place) : readLong(node, place)),
  merge: replace,
  schema: { oneOf: [{ type: 'string' }, longDevice.schema] },
};

/** Devices; the last one with a target wins. */
export const devices: Shape = listOf(device, {
  expected: 'a list of devices',
  unique: (node) => textOf(node, 'target'),
});

function readLong(node: Node, place: Place): Node {
  return node.kind === 'map'
    ? longDevice.read(node, place)
    : wrongType(node, place, 'a device such as `/dev/ttyUSB0:/dev/tty0`');
}

/** `SOURCE[:TARGET[:PERMISSIONS]]`; the colons of variables that are not replaced are none. */
function readShort(spec: string, node: Node, place: Place): Node {
  const parts = place.asWritten ? spec.split(/:(?![^{]*\})/) : spec.split(':');
  const [source = '', target = '', permissions = 'rwm'] = parts;
  if (parts.length > 3) {
    return broken(place, node, {
      code: 'invalid-value',
      message: `\`${spec}\` is no device, as it has too many colons`,
      hint: 'write SOURCE[:TARGET[:PERMISSIONS]], or a map of `source`, `target` and `permissions`',
    });
  }
  return record(
    {
      source: textNode(source, node),
      target: textNode(target === '' ? source : target, node),
      permissions: textNode(permissions, node),
    },
    node,
  );
}

const number = whole({ exact: true });

/** How many devices: `all` is kept as -1. */
const deviceCount: Shape = {
  ...number,
  read: (node, place) => {
    const all = node.kind === 'text' && node.value.toLowerCase() === 'all';
    return all ? numberNode(-1, node) : number.read(node, place);
  },
  schema: { oneOf: [{ type: 'integer' }, textLike('[aA][lL][lL]|[-+]?[0-9]+')] },
};

const requestTable: Table<AttributeOf<DeviceRequest>> = {
  capabilities: about('What the devices must be able to do.', distinctTexts),
  driver: about('The driver of the devices.', text),
  count: about(
    'How many devices, or `all`, which is also meant where no `device_ids` are named.',
    deviceCount,
  ),
  device_ids: about('The devices by their ids, instead of a `count`.', distinctTexts),
  options: about('Options of the driver.', pairs({ bare: 'blank' })),
};

const requestFields = fields(requestTable);

/** Devices that a driver chooses; all of them where neither a number nor ids are given. */
const request: Shape = {
  ...requestFields,
  read: (node, place) => {
    const read = requestFields.read(node, place);
    if (read.kind !== 'map') return read;
    const [count, ids] = [read.entries.get('count'), read.entries.get('device_ids')];
    if (count !== undefined && ids !== undefined) {
      return broken(place, node, {
        code: 'conflicting-keys',
        message: `\`${place.path}\` has both \`count\` and \`device_ids\``,
        hint: 'remove one of them',
        related: [{ message: 'the other one', location: ids.at }],
      });
    }
    return count === undefined && ids === undefined ? withAll(read, place) : read;
  },
};

function withAll(node: MapNode, place: Place): Node {
  const value = place.asWritten ? textNode('all', node) : numberNode(-1, node);
  return mapNode(new Map([...node.entries, ['count', { value, at: node.location }]]), node);
}

/** The devices that `deploy` reserves. */
export const deviceRequests: Shape = listOf(requiring(request, ['capabilities']), {
  expected: 'a list of device requests',
});

const gpuList: Shape = listOf(
  { ...request, read: (node, place) => request.read(withoutUnknown(node, place), place) },
  { expected: '`all`, or a list of device requests' },
);

/** Devices with the capability `gpu`: `all` of them, or a list of requests. */
export const gpus: Shape = {
  ...gpuList,
  read: (node, place) => {
    if (node.kind !== 'text') return gpuList.read(node, place);
    if (place.asWritten && hasVariable(node)) return node;
    if (node.value !== 'all') return invalid(node, place, '`all`, or a list of device requests');
    return gpuList.read(listNode([record({}, node)], node), place);
  },
  merge: (base, over) => (isAll(over) ? over : gpuList.merge(base, over)),
  schema: { oneOf: [{ const: 'all' }, gpuList.schema] },
};

/** Made of `all`: the list and its only item are at the same place. */
function isAll(node: Node): boolean {
  return node.kind === 'list' && node.items[0]?.location === node.location;
}

/** Docker Compose 2.40.3 takes any key here and drops it. */
function withoutUnknown(node: Node, place: Place): Node {
  if (node.kind !== 'map') return node;
  const known = [...node.entries].filter(([key, { at }]) => {
    if (Object.hasOwn(requestTable, key) || key.startsWith('x-')) return true;
    const message = `\`${within(place, key).path}\` is not known and is ignored`;
    complain(within(place, key), { location: at }, { code: 'unknown-key', severity: 'warning', message });
    return false;
  });
  return mapNode(new Map(known), node);
}
