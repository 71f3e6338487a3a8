import type { AttributeOf, FileReference, ServiceModel } from '../../model/stack.ts';
import { type Node, record, textNode } from '../node.ts';
import { about, fields, listOf, orNothing, type Shape, type Table, textOf } from './shape.ts';
import { fileMode, namedMap, text } from './shapes.ts';

const referenceTable: Table<AttributeOf<FileReference>> = {
  source: about('The key at the top of the file.', text),
  target: about('The path inside the container.', text),
  uid: about('The number of the user that owns the file.', text),
  gid: about('The number of the group that owns the file.', text),
  mode: about('The access mode of the file, as an octal number.', fileMode),
};

const longForm = fields(referenceTable);

const reference: Shape = {
  read: (node, place) => longForm.read(node.kind === 'text' ? record({ source: node }, node) : node, place),
  merge: (_base, over) => over,
  schema: { oneOf: [{ type: 'string' }, longForm.schema] },
};

const secretReference: Shape = {
  ...reference,
  read: (node, place) => withSecretTarget(reference.read(node, place)),
};

function withSecretTarget(node: Node): Node {
  const source = textOf(node, 'source');
  if (node.kind !== 'map' || source === undefined || node.entries.has('target')) return node;
  const target = textNode(`/run/secrets/${source}`, node);
  return { ...node, entries: new Map([...node.entries, ['target', { value: target, at: node.location }]]) };
}

/** Secrets of a build: the same one may be there several times. */
export const buildSecrets: Shape = listOf(reference, { expected: 'a list of secrets' });

/** Secrets of a service; the last one with a target wins. */
export const secretReferences: Shape = listOf(secretReference, {
  expected: 'a list of secrets',
  unique: (node) => textOf(node, 'target'),
});

/** Configs of a service; the last one with a target wins. */
export const configReferences: Shape = listOf(reference, {
  expected: 'a list of configs',
  unique: (node) => textOf(node, 'target') ?? `/${textOf(node, 'source') ?? ''}`,
});

const modelTable: Table<AttributeOf<ServiceModel>> = {
  endpoint_var: about('The variable that tells the address of the model.', text),
  model_var: about('The variable that tells the name of the model.', text),
};

/** Models that a service uses. */
export const modelReferences: Shape = namedMap({
  value: orNothing(fields(modelTable)),
  expected: 'a list of models, or a map of them',
  short: (name) => ({ kind: 'empty', location: name.location }),
});
