import { about, fields, mapOf, requiring, type Shape } from './shape.ts';
import { whole } from './shapes.ts';

const limit = whole({ exact: true });

const limits = requiring(
  fields({
    soft: about('The limit that processes start with; -1 for none.', limit),
    hard: about('The highest limit that they can choose; -1 for none.', limit),
  }),
  ['soft', 'hard'],
);

/** Limits of processes by name: one number for both of them, or `soft` and `hard`. */
export const ulimits: Shape = mapOf({
  read: (node, place) => (node.kind === 'map' ? limits.read(node, place) : limit.read(node, place)),
  merge: (base, over) => (base.kind === 'map' && over.kind === 'map' ? limits.merge(base, over) : over),
  keepsForm: true,
  schema: { oneOf: [limit.schema, limits.schema] },
});
