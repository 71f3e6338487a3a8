import { type MapNode, mapNode, type Node } from '../node.ts';
import { complain, type Place, type Report, within } from '../report.ts';
import type { Shape } from './shape.ts';

/**
 * The map of services, where attributes that stand beside the name of their service instead of below it are told once,
 * and not each as a service of its own.
 */
export function beside(attributes: readonly string[], services: Shape): Shape {
  return {
    ...services,
    read: (node, place) =>
      services.read(node.kind === 'map' ? withoutMisplaced(node, attributes, place) : node, place),
  };
}

function withoutMisplaced(map: MapNode, attributes: readonly string[], place: Place): MapNode {
  const entries = new Map(map.entries);
  let owner: string | undefined;
  for (const [key, { value, at }] of map.entries) {
    if (value.kind === 'empty') {
      owner = key;
    } else if (owner === undefined || !attributes.includes(key)) {
      owner = undefined;
    } else {
      if (entries.delete(owner)) {
        complain(
          within(place, owner),
          { location: at },
          {
            code: 'wrong-type',
            message: `\`${key}\` stands beside the service \`${owner}\`, not below it`,
            hint: `indent it, and what belongs to it, below \`${owner}\``,
          },
        );
      }
      entries.delete(key);
    }
  }
  return mapNode(entries, map);
}

/**
 * The document without the services that stand at its top, because it has no `services:` or because they are not
 * indented below it; they are told once.
 */
export function withoutLooseServices(document: MapNode, known: readonly string[], report: Report): MapNode {
  const services = document.entries.get('services');
  if (services !== undefined && services.value.kind !== 'empty') return document;
  const loose = [...document.entries].filter(
    ([key, { value }]) =>
      !known.includes(key) && !key.startsWith('x-') && (services !== undefined || isLikeService(value)),
  );
  const [first] = loose;
  if (first === undefined) return document;
  const [name, { at }] = first;
  const names = loose.map(([key]) => key);
  const problem =
    services === undefined
      ? {
          message: `\`${name}\` looks like a service, but no \`services:\` is above it`,
          hint: `write \`services:\` and put ${list(names)} below it, indented; a file of version 1 is rewritten by: stack config --upgrade`,
        }
      : {
          message: `\`${name}\` stands beside \`services\`, not below it`,
          hint: `indent ${list(names)} below \`services:\``,
        };
  complain({ path: 'services', report }, { location: at }, { code: 'unknown-key', ...problem });
  const left = [...document.entries].filter(([key]) => key !== 'services' && !names.includes(key));
  return mapNode(new Map(left), document);
}

function isLikeService(node: Node): boolean {
  return node.kind === 'map' && (node.entries.has('image') || node.entries.has('build'));
}

function list(names: readonly string[]): string {
  return names.length > 3 ? `these ${names.length} keys` : names.map((name) => `\`${name}\``).join(', ');
}
