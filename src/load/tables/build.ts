import type { AttributeOf, Build } from '../../model/stack.ts';
import {
  type Entry,
  hasVariable,
  mapNode,
  type Node,
  record,
  scalarText,
  type TextNode,
  textNode,
} from '../node.ts';
import { broken, item, type Place } from '../report.ts';
import { extraHosts } from './hosts.ts';
import { pairs } from './pairs.ts';
import { buildSecrets } from './references.ts';
import { about, fields, listOf, mapOf, replace, type Shape, type Table, wrongType } from './shape.ts';
import { distinctTexts, flag, size, text, uniqueTexts } from './shapes.ts';
import { ulimits } from './ulimits.ts';

const texts = listOf(text, { expected: 'a list of text' });

/** Text, or a boolean that stands for its word. */
const textOrFlag: Shape = {
  read: (node, place) => {
    if (node.kind === 'boolean') return textNode(String(node.value), node);
    return node.kind === 'text' ? node : wrongType(node, place, '`true`, `false` or text');
  },
  merge: replace,
  schema: { type: ['boolean', 'string'] },
};

const buildTable: Table<AttributeOf<Build>> = {
  context: about('The folder, or the address, that holds what is built.', text),
  dockerfile: about('The Dockerfile, relative to the context.', text),
  dockerfile_inline: about('A Dockerfile written here.', text),
  entitlements: about('Rights that the steps of the build get.', texts),
  args: about(
    'Arguments of the build; without a value they come from the environment.',
    pairs({ bare: 'empty' }),
  ),
  provenance: about('Say in the image how it was built.', textOrFlag),
  sbom: about('Say in the image what it is made of.', textOrFlag),
  ssh: about('Keys and agents that the build may use, as default or ID=PATH.', sshKeys()),
  labels: about('Labels of the image.', pairs({ bare: 'blank' })),
  cache_from: about('Where results of earlier builds are looked for.', texts),
  cache_to: about('Where the results of this build are kept.', texts),
  no_cache: about('Build every step anew.', flag),
  no_cache_filter: about(
    'The stages that are built anew.',
    // As text in several files the last one wins.
    { ...listOf(text, { expected: 'a stage, or a list of stages', orOne: 'listed' }), merge: replace },
  ),
  additional_contexts: about('Further folders and addresses that the Dockerfile can name.', contexts()),
  pull: about('Look for newer base images.', flag),
  extra_hosts: about('Hosts that the build knows by name.', extraHosts),
  isolation: about('How the build is kept apart from its host.', text),
  network: about('The network that the steps of the build use.', text),
  target: about('The stage of the Dockerfile to build.', text),
  secrets: about('Secrets that the build may use.', buildSecrets),
  shm_size: about('The size of shared memory.', size()),
  tags: about('Further names of the image.', uniqueTexts),
  ulimits: about('Limits of the processes of the build.', ulimits),
  platforms: about('The platforms the image is built for, as OS/ARCHITECTURE.', texts),
  privileged: about('Give the build the rights of the host.', flag),
};

const buildFields = fields(buildTable);

/** How an image is built: a folder, or all about it. */
export const build: Shape = {
  read: (node, place) =>
    buildFields.read(node.kind === 'text' ? record({ context: node }, node) : node, place),
  merge: buildFields.merge,
  schema: { oneOf: [{ type: 'string' }, buildFields.schema] },
};

/** `default` for the agent of the user, or an id and the path of a key. */
function sshKeys(): Shape {
  const path: Shape = {
    read: (node, place) => {
      if (node.kind === 'empty') return node;
      const found = scalarText(node);
      return found === undefined ? wrongType(node, place, 'a path') : textNode(found, node);
    },
    merge: replace,
    schema: { type: ['string', 'number', 'boolean', 'null'] },
    takesEmpty: true,
    keepsForm: true,
  };
  return pairedTexts(path, distinctTexts, 'ID=PATH', (id, place) =>
    id.value === 'default'
      ? { kind: 'empty', location: id.location }
      : broken(place, id, {
          code: 'invalid-value',
          message: `the SSH key \`${id.value}\` has no path`,
          hint: 'write `default` for the agent, or ID=PATH',
        }),
  );
}

function contexts(): Shape {
  return pairedTexts(text, texts, 'NAME=CONTEXT', (name, place) =>
    broken(place, name, {
      code: 'invalid-value',
      message: `the context \`${name.value}\` has no value`,
      hint: 'write NAME=CONTEXT',
    }),
  );
}

/** A map, or a list of `NAME=VALUE` that becomes one at once; `bare` tells what an item without a value is. */
function pairedTexts(
  value: Shape,
  asList: Shape,
  form: string,
  bare: (name: TextNode, place: Place) => Node,
): Shape {
  const asMap = mapOf(value);
  const entryOf = (pair: TextNode, place: Place): [string, Node] => {
    const equals = pair.value.indexOf('=');
    if (equals !== -1) return [pair.value.slice(0, equals), textNode(pair.value.slice(equals + 1), pair)];
    const unknown = place.asWritten && hasVariable(pair);
    return [pair.value, unknown ? { kind: 'empty', location: pair.location } : bare(pair, place)];
  };
  return {
    read: (node, place) => {
      if (node.kind === 'map') return asMap.read(node, place);
      if (node.kind !== 'list') return wrongType(node, place, `a map or a list of \`${form}\``);
      const list = asList.read(node, place);
      const entries = new Map<string, Entry>();
      for (const [index, pair] of (list.kind === 'list' ? list.items : []).entries()) {
        if (pair.kind !== 'text') continue;
        const [key, own] = entryOf(pair, item(place, index));
        entries.set(key, { value: own, at: pair.location });
      }
      return mapNode(entries, node);
    },
    merge: asMap.merge,
    schema: { oneOf: [asMap.schema, asList.schema] },
  };
}
