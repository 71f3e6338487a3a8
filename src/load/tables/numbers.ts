import { type Node, numberNode } from '../node.ts';
import { replace, type Shape, wrongType } from './shape.ts';
import { textLike } from './shapes.ts';

/** A number with a fraction, also as text, as precise as Docker Compose keeps it: in 32 bits. */
export const decimal: Shape = {
  read: (node, place) => {
    const value = Math.fround(decimalValue(node));
    return Number.isFinite(value) ? numberNode(shortest(value), node) : wrongType(node, place, 'a number');
  },
  merge: replace,
  schema: { oneOf: [{ type: 'number' }, textLike('[-+]?[0-9._]+([eE][-+]?[0-9]+)?')] },
  keepsForm: true,
};

function decimalValue(node: Node): number {
  if (node.kind === 'number') return node.value;
  const written = node.kind === 'text' ? node.value : '';
  const isNumber = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(written);
  return isNumber ? Number(written.replaceAll('_', '')) : Number.NaN;
}

/** The number with the fewest digits that is the same in 32 bits. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded + 0;
  }
  return Number(value.toPrecision(9));
}
