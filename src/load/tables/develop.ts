import type { AttributeOf, WatchRule } from '../../model/stack.ts';
import { hook } from './hooks.ts';
import { about, fields, listOf, orNothing, requiring, type Shape, type Table } from './shape.ts';
import { invalid, oneOf, strictFlag, text } from './shapes.ts';

const patterns = listOf(text, {
  expected: 'a pattern, or a list of patterns',
  distinct: true,
  orOne: 'listed',
});

const ruleTable: Table<AttributeOf<WatchRule>> = {
  path: about('The file or folder that is watched, relative to the project directory.', {
    ...text,
    read: (node, place) =>
      node.kind === 'text' && node.value === '' ? invalid(node, place, 'a path') : text.read(node, place),
    schema: { type: 'string', minLength: 1 },
  }),
  action: about(
    'What happens when something changes.',
    oneOf('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
  ),
  target: about('The path inside the container that is kept equal.', text),
  exec: about('The command that `sync+exec` runs afterwards.', hook),
  include: about('Only changes of what matches these patterns count.', patterns),
  ignore: about('Changes of what matches these patterns do not count.', patterns),
  initial_sync: about('Copy everything when watching begins.', strictFlag),
};

/** What happens to a service while its files are watched. */
export const develop: Shape = orNothing(
  fields({
    watch: about(
      'What is watched, and what changes lead to.',
      listOf(requiring(fields(ruleTable), ['path', 'action']), { expected: 'a list of rules' }),
    ),
  }),
);
