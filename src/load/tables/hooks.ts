import type { AttributeOf, Hook, PreStartHook } from '../../model/stack.ts';
import { pairs } from './pairs.ts';
import { about, fields, listOf, requiring, type Shape, type Table } from './shape.ts';
import { command, flag, text } from './shapes.ts';

const hookTable: Table<AttributeOf<Hook>> = {
  command: about('The command to run.', command),
  user: about('The user that runs it.', text),
  privileged: about('Give it the rights of the host.', flag),
  working_dir: about('The folder in which it runs.', text),
  environment: about('Variables it has besides those of the container.', pairs({ bare: 'empty' })),
};

const preStartTable: Table<AttributeOf<PreStartHook>> = {
  ...hookTable,
  image: about('The image to run it in; that of the service if it is left out.', text),
  per_replica: about('Run it for each container of the service.', flag),
};

/** A command that runs inside a container. */
export const hook: Shape = requiring(fields(hookTable), ['command']);

const expected = 'a list of commands';

export const hooks: Shape = listOf(hook, { expected });

/** Commands that run in containers of their own before those of the service. */
export const preStartHooks: Shape = listOf(requiring(fields(preStartTable), ['command']), { expected });
