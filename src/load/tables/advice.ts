import { didYouMean } from '../../model/nearest.ts';
import { type ListNode, type MapNode, type Node, scalarText, type TextNode } from '../node.ts';
import { missingBlank } from '../yaml/syntax.ts';

/** What to do about a value of the wrong kind; `expected` is what follows "must be" in the message. */
export function adviceFor(node: Node, expected: string): { readonly hint?: string } {
  const hint = node.kind === 'broken' ? undefined : hintFor(node, expected);
  return hint === undefined ? {} : { hint };
}

function hintFor(node: Node, expected: string): string | undefined {
  switch (node.kind) {
    case 'date':
      return 'put it in quotes';
    case 'list':
      return hintForList(node, expected);
    case 'map':
      return hintForMap(node, expected);
    case 'text':
      if (expected.startsWith('a map')) return hintForText(node, expected);
      break;
    case 'number':
    case 'boolean':
      if (expected.startsWith('text')) return 'put it in quotes';
  }
  const text = scalarText(node);
  if (text === undefined || text.includes('\n') || !expected.startsWith('a list')) return undefined;
  return `write \`[${node.kind === 'text' ? JSON.stringify(text) : text}]\``;
}

function hintForText({ value }: TextNode, expected: string): string | undefined {
  const missing = missingBlank(value);
  if (missing !== undefined && !expected.includes('NAME=VALUE')) return `${missing.message}: ${missing.hint}`;
  if (/^service_(?:started|healthy|completed_successfully)$/.test(value)) {
    return `write \`{condition: ${value}}\``;
  }
  return value.includes('=') && expected.includes('NAME=VALUE')
    ? 'begin each line with `- `, or write `NAME: VALUE`'
    : undefined;
}

function hintForList({ items }: ListNode, expected: string): string | undefined {
  const [first] = items;
  if (expected === 'text') {
    const text = items.length === 1 && first !== undefined ? scalarText(first) : undefined;
    return text === undefined ? undefined : `write \`${text}\` without the \`-\` or the brackets`;
  }
  if (!expected.startsWith('a map') || expected.includes('list')) return undefined;
  if (items.length > 0 && items.every((item) => item.kind === 'map'))
    return 'remove the `-` before each item';
  const isName = first?.kind === 'text' && /^\w[\w.-]*$/.test(first.value);
  return isName ? `write \`${first.value}:\` instead of \`- ${first.value}\`` : undefined;
}

function hintForMap({ entries }: MapNode, expected: string): string | undefined {
  const [[key, { value }] = ['', { value: undefined }]] = entries;
  if (expected.startsWith('a list')) {
    const text = value && scalarText(value);
    const item = expected === 'a list of ports' ? `"${key}:${text}"` : key;
    return text === undefined || key === '' ? undefined : `write a list, with items such as \`- ${item}\``;
  }
  const isNested = expected === 'text' && value?.kind === 'map' && entries.size === 1;
  return isNested ? `remove the \`-\` before \`${key}\` and all that stand beside it` : undefined;
}

/** What people write who know a key from elsewhere. */
const otherNames: Readonly<Record<string, string>> = {
  cmd: 'command',
  cpu: 'cpus',
  env: 'environment',
  log_driver: 'logging',
  log_opt: 'logging',
  memory: 'mem_limit',
  name: 'container_name',
  net: 'network_mode',
  network: 'networks',
  volume_driver: 'volumes',
  workdir: 'working_dir',
};

/** Keys of earlier versions of the file. */
const former = new Set(['log_driver', 'log_opt', 'net', 'volume_driver']);

/** What to do about a key that is not known: where it belongs, or what was meant. */
export function adviceForKey(
  key: string,
  known: Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>>,
): { readonly hint?: string } {
  const other = Object.hasOwn(otherNames, key) ? otherNames[key] : undefined;
  if (other !== undefined && Object.hasOwn(known, other)) {
    const isFormer = former.has(key) ? ', or let `stack config --upgrade` rewrite the file' : '';
    return { hint: `write \`${other}\`${isFormer}` };
  }
  const owners = Object.keys(known).filter((name) => hasProperty(known[name]?.schema, key));
  const [owner] = owners;
  if (owner !== undefined && owners.length === 1) return { hint: `it belongs below \`${owner}\`` };
  return didYouMean(key, Object.keys(known));
}

function hasProperty(schema: unknown, key: string): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const { properties, oneOf } = schema as { properties?: object; oneOf?: readonly unknown[] };
  return Object.hasOwn(properties ?? {}, key) || (oneOf ?? []).some((one) => hasProperty(one, key));
}
