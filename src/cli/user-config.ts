import path from 'node:path';
import { homeFolder } from '../docker/places.ts';
import { readText } from '../load/files.ts';
import type { MapNode, Node } from '../load/node.ts';
import { Problems, type Report } from '../load/report.ts';
import { readSize } from '../load/tables/size.ts';
import { nearest } from '../model/nearest.ts';
import type { Location, Problem } from '../model/problem.ts';
import { applyKeys } from '../terminal/keys.ts';
import type { Ui } from '../terminal/start.tsx';

/** What a user wants of the screens wherever no option says otherwise. */
export interface UserConfig {
  readonly ui?: Ui;
  readonly ascii?: boolean;
  /** How long what removed volumes had is kept, in seconds, and how much of it, in bytes. */
  readonly keepTrash?: { readonly age?: number; readonly size?: number };
  /** Keys of the user's own, by the names of what they do. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

interface Read {
  readonly config: UserConfig;
  /** Warnings: what is wrong counts as not said. */
  readonly problems: readonly Problem[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Where it is, which need not exist; XDG_CONFIG_HOME counts if it is absolute, as the XDG specification has it. */
export function userConfigFile({ XDG_CONFIG_HOME = '', HOME }: Variables): string {
  const home = path.isAbsolute(XDG_CONFIG_HOME)
    ? XDG_CONFIG_HOME
    : path.join(HOME || homeFolder(), '.config');
  return path.join(home, 'stack', 'config.yaml');
}

/** What the user's file says; one that is not there says nothing. Never throws: nothing in it keeps a command from working. */
export async function readUserConfig(file: string): Promise<Read> {
  const found = await readText(file);
  if (found.kind === 'missing') return { config: { keys: {} }, problems: [] };
  const problems = new Problems();
  const report: Report = (problem) => problems.report({ ...problem, severity: 'warning' });
  if (found.kind === 'unreadable') {
    report({
      code: 'unreadable-file',
      severity: 'warning',
      message: `${file} cannot be read: ${found.cause}`,
      hint: 'what it says does not count; let it be a text file that you can read',
    });
    return { config: { keys: {} }, problems: problems.sorted(new Map()) };
  }
  // Few users have such a file: the parser is loaded for those who do.
  const { parseYaml } = await import('../load/yaml/parse.ts');
  const [node] = parseYaml(found.text, file, report) ?? [];
  const config = node === undefined ? { keys: {} } : readConfig(node, report);
  return { config, problems: problems.sorted(new Map([[file, found.text]])) };
}

const uis: readonly Ui[] = ['inline', 'full'];
const keysOfFile = ['ui', 'ascii', 'keep_trash', 'keys'];

function readConfig(node: Node, report: Report): UserConfig {
  if (node.kind === 'empty') return { keys: {} };
  const map = asMap(node, 'the configuration of stack', report);
  if (map === undefined) return { keys: {} };
  for (const [key, { at }] of map.entries) {
    if (keysOfFile.includes(key)) continue;
    const meant = nearest(key, keysOfFile);
    const hint = meant === undefined ? `it has ${keysOfFile.join(', ')}` : `did you mean \`${meant}\`?`;
    report({
      code: 'unknown-key',
      severity: 'warning',
      message: `the configuration of stack has no \`${key}\``,
      location: at,
      hint,
    });
  }
  const ui = readUi(map.entries.get('ui')?.value, report);
  const ascii = readSwitch(map.entries.get('ascii')?.value, report);
  const keepTrash = readTrash(map.entries.get('keep_trash')?.value, report);
  return {
    ...(ui === undefined ? {} : { ui }),
    ...(ascii === undefined ? {} : { ascii }),
    ...(keepTrash === undefined ? {} : { keepTrash }),
    keys: readKeys(map.entries.get('keys')?.value, report),
  };
}

function readUi(node: Node | undefined, report: Report): Ui | undefined {
  if (node === undefined || node.kind === 'empty') return undefined;
  const ui = node.kind === 'text' ? uis.find((one) => one === node.value) : undefined;
  if (ui === undefined) wrong(node.location, '`ui` is neither inline nor full', 'write `ui: full`', report);
  return ui;
}

function readSwitch(node: Node | undefined, report: Report): boolean | undefined {
  if (node === undefined || node.kind === 'empty') return undefined;
  if (node.kind === 'boolean') return node.value;
  wrong(node.location, '`ascii` is neither true nor false', 'write `ascii: true`', report);
  return undefined;
}

/** `{days: 7, size: 5g}` */
function readTrash(node: Node | undefined, report: Report): UserConfig['keepTrash'] {
  if (node === undefined || node.kind === 'empty') return undefined;
  const map = asMap(node, '`keep_trash`', report);
  const read: { age?: number; size?: number } = {};
  for (const [key, { at, value }] of map?.entries ?? []) {
    const text = value.kind === 'text' ? value.value : value.kind === 'number' ? value.text : '';
    const size = key === 'size' ? readSize(text) : undefined;
    if (key === 'days' && /^\d+(\.\d+)?$/.test(text)) read.age = Number(text) * 86_400;
    else if (size !== undefined && size >= 0) read.size = size;
    else wrong(at, `\`keep_trash\` cannot be read`, 'write `keep_trash: {days: 7, size: 5g}`', report);
  }
  return read;
}

function readKeys(node: Node | undefined, report: Report): UserConfig['keys'] {
  if (node === undefined || node.kind === 'empty') return {};
  const map = asMap(node, '`keys`', report);
  const given = [...(map?.entries ?? [])].flatMap(([action, { value }]) => {
    const keys = keysIn(value);
    if (keys !== undefined) return [[action, keys] as const];
    wrong(
      value.location,
      `the keys of ${action} are not given as text`,
      'write `r`, or `[r, ctrl-r]`',
      report,
    );
    return [];
  });
  const { faults } = applyKeys(Object.fromEntries(given));
  for (const { action, message, hint } of faults) {
    const entry = map?.entries.get(action);
    if (entry !== undefined) wrong(entry.at, message, hint, report);
  }
  const faulty = new Set(faults.map(({ action }) => action));
  return Object.fromEntries(given.filter(([action]) => !faulty.has(action)));
}

/** One key or several; a digit is a key as well. */
function keysIn(node: Node): readonly string[] | undefined {
  if (node.kind === 'list') {
    const keys = node.items.map(keyIn);
    return keys.every((key) => key !== undefined) ? keys : undefined;
  }
  const key = keyIn(node);
  return key === undefined ? undefined : [key];
}

function keyIn(node: Node): string | undefined {
  if (node.kind === 'text') return node.value;
  return node.kind === 'number' ? (node.written ?? node.text) : undefined;
}

function asMap(node: Node, what: string, report: Report): MapNode | undefined {
  if (node.kind === 'map') return node;
  if (node.kind !== 'broken')
    wrong(node.location, `${what} is no map`, 'write a name, a colon and a value', report);
  return undefined;
}

function wrong(location: Location, message: string, hint: string | undefined, report: Report): void {
  const more = hint === undefined ? {} : { hint };
  report({ code: 'invalid-value', severity: 'warning', message, location, ...more });
}
