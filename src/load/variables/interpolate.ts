import type { Location, Problem } from '../../model/problem.ts';
import type { Entry, ListNode, MapNode, Node, TextNode } from '../node.ts';
import { complain, item, type Place, within } from '../report.ts';
import { expandTemplate, type TemplateFault } from './template.ts';

/** Variables by name, as interpolation sees them. */
export type Variables = ReadonlyMap<string, string>;

/**
 * Replaces the variables in all values of a tree; keys are left alone. Values stay text: that `"${PORT}"` is a number
 * is for the reader of the attribute to say. What has no variables stays the same node.
 */
export function interpolate(root: Node, variables: Variables, place: Place): Node {
  // A value with an anchor is one node wherever an alias stands for it; it is expanded once.
  const done = new Map<Node, Node>();
  const visit = (node: Node, at: Place): Node => {
    if (node.tag === 'reset') return node;
    if (node.kind === 'text' ? node.written === undefined : node.kind !== 'list' && node.kind !== 'map') {
      return node;
    }
    const known = done.get(node);
    if (known !== undefined) return known;
    const expanded =
      node.kind === 'text'
        ? interpolateText(node, variables, at)
        : node.kind === 'list'
          ? inList(node, at)
          : inMap(node as MapNode, at);
    done.set(node, expanded);
    return expanded;
  };
  const inList = (node: ListNode, at: Place): Node => {
    const items = node.items.map((value, index) => visit(value, item(at, index)));
    return items.every((value, index) => value === node.items[index]) ? node : { ...node, items };
  };
  const inMap = (node: MapNode, at: Place): Node => {
    let entries: Map<string, Entry> | undefined;
    for (const [key, entry] of node.entries) {
      const value = visit(entry.value, within(at, key));
      if (value === entry.value) continue;
      entries ??= new Map(node.entries);
      entries.set(key, { at: entry.at, value });
    }
    return entries === undefined ? node : { ...node, entries };
  };
  return visit(root, place);
}

function interpolateText(node: TextNode, variables: Variables, place: Place): Node {
  let failed = false;
  let places: ReadonlyMap<number, Location> | undefined;
  const value = expandTemplate(node.value, {
    lookup: (name) => variables.get(name),
    fault: (fault) => {
      failed ||= fault.kind !== 'unset';
      places ??= dollarPlaces(node);
      tellFault(fault, node.value, places.get(fault.index) ?? node.location, place);
    },
  });
  if (failed) return { kind: 'broken', location: node.location };
  return {
    kind: 'text',
    value,
    location: node.location,
    ...(node.tag && { tag: node.tag }),
    ...(node.keepsQuotes && { keepsQuotes: true }),
  };
}

/** Tells a fault in the text of a stack file or of an env file. */
export function tellFault(fault: TemplateFault, template: string, location: Location, place: Place): void {
  switch (fault.kind) {
    case 'unset':
      complain(
        place,
        { location },
        {
          code: 'unset-variable',
          severity: 'warning',
          message: `the variable \`${fault.name}\` is not set; a blank text takes its place`,
          once: `unset-variable ${fault.name}`,
          withMore: (more) =>
            `the variable \`${fault.name}\` is not set here and in ${more}; a blank text takes its place`,
          hint: `set ${fault.name}, or give a default: \${${fault.name}:-default}`,
          variable: fault.name,
        },
      );
      return;
    case 'required':
      complain(
        place,
        { location },
        {
          code: 'missing-variable',
          message: `the variable \`${fault.name}\` needs a value${fault.words === '' ? '' : `: ${fault.words}`}`,
          hint: `set ${fault.name} in the environment or in .env`,
          variable: fault.name,
        },
      );
      return;
    case 'deep':
      complain(
        place,
        { location },
        {
          code: 'invalid-interpolation',
          message: 'variables are nested too deeply here',
          hint: 'give them simpler defaults',
        },
      );
      return;
    case 'invalid':
      complain(
        place,
        { location },
        {
          code: 'invalid-interpolation',
          message: `\`${excerpt(template.slice(fault.index))}\` is no variable that can be replaced`,
          hint: 'write $NAME or ${NAME}, with :- - :+ + :? or ? after the name; for a dollar sign write $$',
        },
      );
  }
}

/** The variable without which a value cannot be made, if that is what a problem tells. */
export function requiredVariable({ code, message }: Problem): string | undefined {
  return code === 'missing-variable' ? /^the variable `(\w+)`/.exec(message)?.[1] : undefined;
}

function excerpt(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  const closing = line.indexOf('}');
  const short = closing === -1 ? line : line.slice(0, closing + 1);
  return short.length > 40 ? `${short.slice(0, 40)}…` : short;
}

/**
 * The places of the `$` of a value in the file, by their index in the value: dollar signs are never escaped, so the n-th
 * of both is the same.
 */
function dollarPlaces(node: TextNode): ReadonlyMap<number, Location> {
  const places = new Map<number, Location>();
  const { file, line, column } = node.location;
  const lines = (node.written ?? '').split('\n');
  let index = -1;
  for (const [below, text] of lines.entries()) {
    for (let at = text.indexOf('$'); at !== -1; at = text.indexOf('$', at + 1)) {
      index = node.value.indexOf('$', index + 1);
      if (index === -1) return places;
      places.set(index, { file, line: line + below, column: below === 0 ? column + at : at + 1 });
    }
  }
  return places;
}
