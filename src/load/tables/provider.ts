import { listNode, type Node, scalarText, textNode } from '../node.ts';
import { item } from '../report.ts';
import { about, fields, mapOf, requiring, type Shape, wrongType } from './shape.ts';
import { text } from './shapes.ts';

const expected = 'text, a number, a boolean or a list of these';

/** One value of an option, or several. A list stays one, as files append to it. */
const option: Shape = {
  read: (node, place) => {
    if (node.kind !== 'list') return asText(node) ?? wrongType(node, place, expected);
    const items = node.items.map(
      (one, index) => asText(one) ?? wrongType(one, item(place, index), 'text, a number or a boolean'),
    );
    return listNode(items, node);
  },
  merge: (base, over) =>
    base.kind === 'list' && over.kind === 'list' ? listNode([...base.items, ...over.items], base) : over,
  schema: {
    oneOf: [
      { type: ['string', 'number', 'boolean'] },
      { type: 'array', items: { type: ['string', 'number', 'boolean'] } },
    ],
  },
  keepsForm: true,
};

function asText(node: Node): Node | undefined {
  const found = scalarText(node);
  return found === undefined ? undefined : textNode(found, node);
}

/** A program that stands for a service instead of containers. */
export const provider: Shape = requiring(
  fields({
    type: about('The program, or the plugin of Docker, that provides the service.', text),
    options: about('What it is told about the service.', mapOf(option)),
  }),
  ['type'],
);
