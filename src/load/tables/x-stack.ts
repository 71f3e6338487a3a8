import type {
  Provides,
  Readiness,
  ServiceExtras,
  StackExtras,
  SyncBack,
  VariableWish,
} from '../../model/x-stack.ts';
import { describe, hasVariable, type Node } from '../node.ts';
import { broken, complain, type Place, within } from '../report.ts';
import { adviceForKey } from './advice.ts';
import {
  about,
  anything,
  fields,
  listOf,
  mapOf,
  orNothing,
  readBy,
  replace,
  type Shape,
  type Table,
  wrongType,
} from './shape.ts';
import { duration, invalid, matching, oneOf, strictFlag, text, whole } from './shapes.ts';

const command = listOf(text, { expected: 'a list of words, or text for a shell', orOne: 'kept' });

const port = whole({ min: 1, max: 65_535 });

const readinessTable: Table<keyof Readiness> = {
  tcp: about('The service is ready when something listens on this port.', port),
  http: about('The service is ready when this path answers, on `port`.', {
    ...text,
    read: (node, place) => {
      const isPath = node.kind !== 'text' || node.value.startsWith('/') || hasVariable(node);
      return isPath ? text.read(node, place) : invalid(node, place, 'a path that begins with `/`');
    },
  }),
  log: about('The service is ready when it has written a line with this text.', {
    ...text,
    read: (node, place) =>
      node.kind === 'text' && node.value === '' ? invalid(node, place, 'a text') : text.read(node, place),
  }),
  exec: about('The service is ready when this command ends with 0 inside its container.', {
    ...command,
    read: (node, place) =>
      node.kind === 'list' && node.items.length === 0
        ? invalid(node, place, 'a list of words, or text for a shell')
        : command.read(node, place),
  }),
  port: about('The port that `http` asks.', port),
  status: about(
    'The status that `http` answers with; any below 400 if there is none.',
    whole({ min: 100, max: 599 }),
  ),
  timeout: about('How long it may take until the service is ready; a minute if there is none.', duration),
  retries: about('How many looks in a row may fail.', whole({ min: 1 })),
};

const kinds = ['tcp', 'http', 'log', 'exec'] as const;
const readinessFields = fields(readinessTable);

const readiness: Shape = {
  ...readinessFields,
  read: (node, place) => {
    const read = readinessFields.read(node, place);
    if (node.kind !== 'map') return read;
    const given = kinds.filter((kind) => node.entries.has(kind));
    const [first, second] = given;
    const isKnown = [...node.entries.keys()].every((key) => Object.hasOwn(readinessTable, key));
    // What is not known was told; it may have been meant for one of them.
    if (first === undefined && !isKnown) return read;
    if (first === undefined) {
      return broken(place, node, {
        code: 'invalid-value',
        message: `\`${place.path}\` does not say by what the service is ready`,
        hint: 'write `tcp: PORT`, `http: /PATH` with `port: PORT`, `log: TEXT` or `exec: [COMMAND]`',
      });
    }
    if (second !== undefined) {
      return broken(place, node, {
        code: 'invalid-value',
        message: `\`${place.path}\` has both \`${first}\` and \`${second}\``,
        hint: 'keep one of them',
      });
    }
    const forHttp = (['port', 'status'] as const).find((key) => node.entries.has(key));
    if (first === 'http' && !node.entries.has('port')) {
      return broken(place, node, {
        code: 'invalid-value',
        message: `\`${place.path}\` has no \`port\``,
        hint: 'say with `port` which port of the container `http` is to ask',
      });
    }
    if (first !== 'http' && forHttp !== undefined) {
      const entry = node.entries.get(forHttp)?.value ?? node;
      return broken(within(place, forHttp), entry, {
        code: 'invalid-value',
        message: `\`${forHttp}\` is only for \`http\`, but here is \`${first}\``,
        hint: 'remove it',
      });
    }
    return read;
  },
};

const providesTable: Table<keyof Provides> = {
  url: about(
    'The address that services get that use this one; {host} and {port} stand for its host and port.',
    text,
  ),
};

const keptImages = about(
  'How many earlier images of a service stay when it is built anew; 3 if nothing says it.',
  whole({ min: 0 }),
);

const syncBackTable: Table<keyof SyncBack> = {
  path: about(
    'The file or folder of the container whose changes come back; an absolute path.',
    matching(/^\/|\$/, 'a path of the container that begins with `/`'),
  ),
  target: about('Where it is on this machine, relative to the project directory.', text),
};

const syncBackFields = fields(syncBackTable);

const syncBack: Shape = {
  ...syncBackFields,
  read: (node, place) => {
    const read = syncBackFields.read(node, place);
    const missing = (['path', 'target'] as const).find(
      (key) => node.kind === 'map' && !node.entries.has(key),
    );
    if (missing === undefined) return read;
    return broken(place, node, {
      code: 'invalid-value',
      message: `\`${place.path}\` has no \`${missing}\``,
      hint: 'write `path: /IN/THE/CONTAINER` and `target: ./HERE`',
    });
  },
  schema: { ...syncBackFields.schema, required: ['path', 'target'] },
};

const serviceExtrasTable: Table<keyof ServiceExtras> = {
  watch: about('False: changes of files do not rebuild the service.', strictFlag),
  discovery: about('False: no variables tell the service where those are that it uses.', strictFlag),
  provides: about('What services are told that use this one.', fields(providesTable)),
  supervise: about(
    'False: its containers are left as they are if they vanish or become unhealthy.',
    strictFlag,
  ),
  ready: about('When the service is ready, if it has no healthcheck.', readiness),
  replace: about(
    'Whether the new container runs and is ready before the old one stops, or starts after that.',
    oneOf('start-first', 'stop-first'),
  ),
  keep_images: keptImages,
  sync_back: about(
    'Files that the container changes and that come back while files are watched, e.g. lock files.',
    listOf(syncBack, { expected: 'a list of maps' }),
  ),
};

const wishTable: Table<keyof VariableWish> = {
  describe: about('What the variable is for; said where it is asked for.', text),
  generate: about(
    'Make its value up at random, with so many letters and digits.',
    whole({ min: 8, max: 1024 }),
  ),
  secret: about('Its value is not shown while it is typed (default: as its name says).', strictFlag),
};

const wishes = mapOf(orNothing(fields(wishTable)), {
  keys: {
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    message: (key) => `\`${key}\` cannot be the name of a variable in a stack file`,
  },
});

/** Variables that have to be in `.env`; false: none is asked for. */
const variableWishes: Shape = {
  read: (node, place) => {
    if (node.kind === 'map') return wishes.read(node, place);
    const isOff = node.kind === 'boolean' && !node.value;
    return isOff ? node : wrongType(node, place, 'a map of variables, or `false`');
  },
  merge: (base, over) =>
    base.kind === 'map' && over.kind === 'map' ? wishes.merge(base, over) : replace(base, over),
  schema: { oneOf: [wishes.schema, { const: false }] },
};

const stackExtrasTable: Table<keyof StackExtras> = {
  supervise: about('False: containers that vanish or become unhealthy are left as they are.', strictFlag),
  discovery: about('False: no service is told by variables where those are that it uses.', strictFlag),
  publish: about(
    'Where ports are published that say no address: local for this machine alone, or all, which others can reach.',
    oneOf('local', 'all'),
  ),
  env: about(
    'How variables get a value that .env does not have yet; false: none is asked for.',
    variableWishes,
  ),
  keep_images: keptImages,
};

/** What stands under `x-stack` in a service. */
export const serviceExtras = about('What stack does beyond Docker Compose.', extras(serviceExtrasTable));

/** What stands under `x-stack` at the top of a file. */
export const topExtras = about('What stack does beyond Docker Compose.', extras(stackExtrasTable));

/**
 * A map under an `x-` key: it stays as it is written, since that is how it is printed. Someone else may use the key for
 * something else, and such a file has to run: what is not known is only doubtful.
 */
function extras(table: Table): Shape {
  const doubt = (place: Place, node: Pick<Node, 'location'>, message: string, hint: object): void =>
    complain(place, node, { code: 'unknown-key', severity: 'warning', message, ...hint });
  return {
    ...anything,
    read: (node, place) => {
      if (node.kind === 'empty' || node.kind === 'broken') return node;
      if (node.kind !== 'map') {
        doubt(place, node, `\`${place.path}\` is ${describe(node)}, of which nothing is used`, {
          hint: 'write a map, or give it another name that begins with `x-`',
        });
        return node;
      }
      for (const [key, { value, at }] of node.entries) {
        const inside = within(place, key);
        const shape = Object.hasOwn(table, key) ? table[key] : undefined;
        if (shape === undefined) {
          doubt(inside, { location: at }, `\`${inside.path}\` is not known`, adviceForKey(key, table));
          continue;
        }
        if (value.kind === 'empty') continue;
        readBy(shape, value, inside);
      }
      return node;
    },
    schema: { ...fields(table).schema, type: ['object', 'null'], additionalProperties: true },
  };
}
