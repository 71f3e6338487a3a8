import { booleanNode, type Entry, mapNode, type Node, record, textNode } from '../node.ts';
import { cleanTarget } from '../paths.ts';
import { broken, type Place } from '../report.ts';
import { pairs } from './pairs.ts';
import { about, fields, listOf, type Shape, textOf, wrongType } from './shape.ts';
import { flag, oneOf, size, text, textLike, whole } from './shapes.ts';

const longForm = fields({
  type: about('What is mounted.', oneOf('bind', 'volume', 'tmpfs', 'image', 'npipe', 'cluster')),
  source: about(
    'A path of this machine for a bind mount, a key of the top-level volumes for a volume.',
    text,
  ),
  target: about('The path inside the container.', text),
  read_only: about('The container cannot write to it.', flag),
  consistency: about('Accepted and not used.', text),
  bind: about(
    'How a folder of this machine is mounted.',
    fields({
      propagation: about('How mounts inside it spread: rprivate, rshared and so on.', text),
      create_host_path: about('Create the folder on this machine if it is missing.', flag),
      selinux: about('z to share the folder between containers, Z to keep it to one.', oneOf('z', 'Z')),
      recursive: about(
        'Whether mounts inside it come along, and whether they can be written to.',
        oneOf('enabled', 'disabled', 'writable', 'readonly'),
      ),
    }),
  ),
  volume: about(
    'How a volume is mounted.',
    fields({
      nocopy: about('Do not fill a new volume with what the image has there.', flag),
      labels: about('Labels of a volume without a name.', pairs({ bare: 'blank' })),
      subpath: about('The folder inside the volume that is mounted.', text),
    }),
  ),
  tmpfs: about(
    'How memory is mounted.',
    fields({
      size: about('How large it can become.', size({ min: 0 })),
      mode: about('The access mode of its root, as an octal number.', whole({ min: 0, asText: false })),
    }),
  ),
  image: about(
    'How an image is mounted.',
    fields({ subpath: about('The folder inside the image that is mounted.', text) }),
  ),
});

const mount: Shape = {
  read: (node, place) => {
    if (node.kind === 'text') return readShort(node.value, node, place);
    if (node.kind !== 'map') return wrongType(node, place, 'a mount such as `./data:/data`');
    const long = longForm.read(node, place);
    return long.kind === 'map' ? checkLong(long.entries, long, place) : long;
  },
  merge: (_base, over) => over,
  schema: {
    oneOf: [
      textLike('..?|[^:]+(:[^:]+)*|(.*:)?[a-zA-Z]:.*'),
      { ...longForm.schema, required: ['type', 'target'] },
    ],
  },
};

/** Mounts; the last one with a target wins. */
export const mounts: Shape = listOf(mount, {
  expected: 'a list of mounts',
  unique: (node) => textOf(node, 'target'),
});

function checkLong(entries: ReadonlyMap<string, Entry>, node: Node, place: Place): Node {
  const type = entries.get('type');
  const target = entries.get('target');
  const lacks = (key: string, hint: string) =>
    broken(place, node, { code: 'invalid-value', message: `\`${place.path}\` has no \`${key}\``, hint });
  if (type === undefined) return lacks('type', 'write `type: bind`, `type: volume` or `type: tmpfs`');
  if (target === undefined || isBlank(target.value))
    return lacks('target', 'name the path inside the container');
  const source = entries.get('source');
  const noSource = source === undefined || isBlank(source.value);
  if (type.value.kind === 'text' && type.value.value === 'bind' && noSource) {
    return lacks('source', 'name the path on this machine');
  }
  const cleaned = new Map(entries);
  if (target.value.kind === 'text') {
    cleaned.set('target', { at: target.at, value: textNode(cleanTarget(target.value.value), target.value) });
  }
  return mapNode(cleaned, node);
}

function isBlank(node: Node): boolean {
  return node.kind === 'text' && node.value === '';
}

/** `[SOURCE:]TARGET[:OPTION,…]`. A single letter before a colon is a drive of Windows and no part of its own. */
function readShort(spec: string, node: Node, place: Place): Node {
  if (spec === '') return wrongSpec('it is empty', spec, node, place);
  // As short as this it is a target, whatever it looks like.
  if (spec.length <= 2) return record({ type: textNode('volume', node), target: textNode(spec, node) }, node);
  const parts = splitSpec(spec);
  if (parts.includes('')) return wrongSpec('there is nothing between two colons', spec, node, place);
  if (parts.length > 3) return wrongSpec('there are too many colons', spec, node, place);
  const [first = '', second, options = ''] = parts;
  const source = second === undefined ? undefined : first;
  const chosen = readOptions(options.split(','));
  const bind = source !== undefined && isPath(source);
  const yes = booleanNode(true, node);
  const bindOptions = record(
    {
      selinux: chosen.selinux === undefined ? undefined : textNode(chosen.selinux, node),
      propagation: chosen.propagation === undefined ? undefined : textNode(chosen.propagation, node),
      create_host_path: bind ? yes : undefined,
    },
    node,
  );
  const volumeOptions = record({ nocopy: chosen.nocopy ? yes : undefined }, node);
  return record(
    {
      type: textNode(bind ? 'bind' : 'volume', node),
      source: source === undefined ? undefined : textNode(source, node),
      target: textNode(cleanTarget(second ?? first), node),
      read_only: chosen.readOnly ? yes : undefined,
      bind: bindOptions.entries.size > 0 ? bindOptions : undefined,
      volume: !bind || chosen.nocopy ? volumeOptions : undefined,
    },
    node,
  );
}

/** The parts between colons; those inside `${…}` separate nothing. */
function splitSpec(spec: string): string[] {
  const parts = [''];
  let braces = 0;
  for (const [index, char] of [...spec].entries()) {
    const part = parts.at(-1) ?? '';
    if (char === '{' && (braces > 0 || spec[index - 1] === '$')) braces++;
    if (char === '}' && braces > 0) braces--;
    if (char === ':' && braces === 0 && !/^\p{L}$/u.test(part)) parts.push('');
    else parts[parts.length - 1] = part + char;
  }
  return parts;
}

interface MountOptions {
  readOnly: boolean;
  nocopy: boolean;
  selinux?: string;
  propagation?: string;
}

/** Options that are not known are ignored, as Docker Compose does. */
function readOptions(options: readonly string[]): MountOptions {
  const chosen: MountOptions = { readOnly: false, nocopy: false };
  for (const option of options) {
    if (option === 'ro') chosen.readOnly = true;
    else if (option === 'rw') chosen.readOnly = false;
    else if (option === 'nocopy') chosen.nocopy = true;
    else if (option === 'z' || option === 'Z') chosen.selinux = option;
    else if (/^r?(?:private|shared|slave)$/.test(option)) chosen.propagation = option;
  }
  return chosen;
}

function isPath(source: string): boolean {
  return /^(?:[./~]|\\\\|\p{L}:)/u.test(source);
}

function wrongSpec(why: string, spec: string, node: Node, place: Place): Node {
  return broken(place, node, {
    code: 'invalid-value',
    message: `\`${spec}\` is no mount: ${why}`,
    hint: 'write SOURCE:TARGET[:ro], for example ./data:/data',
  });
}
