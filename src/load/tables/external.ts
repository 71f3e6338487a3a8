import { booleanNode, type Entry, type MapNode, type Node } from '../node.ts';
import { complain, type Place, within } from '../report.ts';
import { about, fields, readValue, replace, type Shape, type Table, textOf } from './shape.ts';
import { flag, text } from './shapes.ts';

const oldForm = fields({ name: about('The name on the engine.', text) });

/** True, or with a name in the old spelling. */
export const external: Shape = {
  read: (node, place) => (node.kind === 'map' ? oldForm.read(node, place) : readValue(flag, node, place)),
  merge: replace,
  schema: { oneOf: [flag.schema, oldForm.schema] },
};

/** A part of a stack. Its old `external: {name: NAME}` becomes `external: true` and `name: NAME` at once. */
export function part(table: Table): Shape {
  const shape = fields(table);
  return {
    ...shape,
    read: (node, place) => {
      const read = shape.read(node, place);
      const entry = read.kind === 'map' ? read.entries.get('external') : undefined;
      return read.kind === 'map' && entry?.value.kind === 'map' ? withoutOldForm(read, entry, place) : read;
    },
  };
}

function withoutOldForm(node: MapNode, { value, at }: Entry, place: Place): Node {
  const entries = new Map(node.entries);
  entries.set('external', { value: booleanNode(true, value), at });
  const oldName = value.kind === 'map' ? value.entries.get('name') : undefined;
  if (oldName === undefined) return { ...node, entries };
  const key = within(place, 'external');
  const location = { location: at };
  const name = textOf(node, 'name');
  if (name !== undefined && name !== textOf(value, 'name')) {
    complain(key, location, {
      code: 'conflicting-keys',
      message: `\`${place.path}\` has both \`name\` and \`external.name\``,
      hint: 'keep `name:` and write `external: true`',
    });
    return { kind: 'broken', location: node.location };
  }
  complain(key, location, {
    code: 'obsolete-key',
    severity: 'warning',
    message: `\`${key.path}.name\` is an old spelling`,
    hint: 'write `name:` and `external: true`',
  });
  return { ...node, entries: entries.set('name', oldName) };
}
