import type { StringMap } from '../../../model/stack.ts';

/** A Dockerfile as far as it tells what a build is made from. The builder itself reads more of it, and more strictly. */
export interface Dockerfile {
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly name?: string;
  /** An image, or an earlier stage; absent if the name of it depends on what is not known here. */
  readonly from?: string;
  /** Where the stage begins; lines count from 1. */
  readonly line: number;
  readonly instructions: readonly Instruction[];
}

export interface Instruction {
  /** In upper case: `COPY`. */
  readonly name: string;
  /** What follows the flags, on one line. */
  readonly text: string;
  /** `from`, `mount` …, with all values that each is given. */
  readonly flags: Readonly<Record<string, readonly string[]>>;
  readonly line: number;
}

/** What a COPY or ADD takes from the context. */
export interface CopiedSources {
  readonly instruction: Instruction;
  /** Relative to the context, as ignore files write it; `.` for all of it. */
  readonly sources: readonly string[];
}

/** Reads a Dockerfile; arguments in the names of images are those of the build, else the defaults that are written. */
export function readDockerfile(text: string, args: StringMap = {}): Dockerfile {
  const known = new Map<string, string>();
  const stages: (Omit<Stage, 'instructions'> & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of instructionsOf(text)) {
    const { name, text: words, line } = instruction;
    if (name === 'FROM') {
      const [image = '', as, alias] = words.split(/\s+/);
      const from = expand(image, known);
      stages.push({
        ...(as?.toUpperCase() === 'AS' && alias !== undefined && { name: alias.toLowerCase() }),
        ...(from !== undefined && { from }),
        line,
        instructions: [],
      });
    } else if (stages.length > 0) {
      stages.at(-1)?.instructions.push(instruction);
    } else if (name === 'ARG') {
      for (const [argument, value] of declared(words, args, known)) known.set(argument, value);
    }
  }
  return { stages };
}

/** The stages that a target needs, in the order in which they are written; without a target the last one counts. */
export function stagesFor({ stages }: Dockerfile, target?: string): readonly Stage[] {
  const last = target === undefined ? stages.length - 1 : indexOf(stages, target, stages.length);
  // A target that is not there: the builder says so.
  if (last < 0) return stages;
  const needed = new Set<number>();
  const waiting = [last];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const stage = stages[index];
    if (stage === undefined || needed.has(index)) continue;
    needed.add(index);
    for (const name of [stage.from, ...sourcesBesideContext(stage)]) {
      const other = name === undefined ? -1 : indexOf(stages, name, index);
      if (other >= 0) waiting.push(other);
    }
  }
  return stages.filter((_, index) => needed.has(index));
}

/** The images that the stages begin with which a target needs; `undefined` for one whose name is not known. */
export function baseImagesOf(dockerfile: Dockerfile, target?: string): readonly (string | undefined)[] {
  const { stages } = dockerfile;
  const images = stagesFor(dockerfile, target)
    .filter((stage) => stage.from === undefined || indexOf(stages, stage.from, stages.indexOf(stage)) < 0)
    .map(({ from }) => from);
  return [...new Set(images)].filter((image) => image !== 'scratch');
}

/** The images that stages begin with or take files from, without those of which the name is not known. */
export function imagesOf(dockerfile: Dockerfile, target: string | undefined, named: ReadonlySet<string>) {
  const { stages } = dockerfile;
  const images = stagesFor(dockerfile, target).flatMap((stage) => {
    const index = stages.indexOf(stage);
    const names = [stage.from, ...sourcesBesideContext(stage)].filter((name) => name !== undefined);
    return names.filter((name) => indexOf(stages, name, index) < 0 && !named.has(name) && name !== 'scratch');
  });
  return [...new Set(images)];
}

/** What instructions copy from the context itself. */
export function copiedFromContext({ instructions }: Stage): readonly CopiedSources[] {
  return instructions.flatMap((instruction) => {
    const { name, flags, text } = instruction;
    if ((name !== 'COPY' && name !== 'ADD') || flags.from !== undefined) return [];
    const words = listed(text);
    const sources = words
      .slice(0, -1)
      .filter((source) => !source.startsWith('<<') && !/^(?:https?:|git@|git:)/.test(source));
    return sources.length === 0 ? [] : [{ instruction, sources: sources.map(relative) }];
  });
}

/**
 * The sources that are copied by name, not with the whole context, and that a later RUN may use: manifests, usually. In the
 * patterns of ignore files.
 */
export function namedBeforeRun(dockerfile: Dockerfile, target?: string): readonly string[] {
  const stages = stagesFor(dockerfile, target);
  const lastRun = Math.max(
    ...stages.flatMap(({ instructions }) =>
      instructions.map(({ name, line }) => (name === 'RUN' ? line : 0)),
    ),
    0,
  );
  const named = stages.flatMap((stage) =>
    copiedFromContext(stage).flatMap(({ instruction, sources }) =>
      instruction.line < lastRun ? sources.filter((source) => source !== '.') : [],
    ),
  );
  return [...new Set(named)];
}

function sourcesBesideContext({ instructions }: Stage): readonly string[] {
  return instructions.flatMap(({ flags }) => [
    ...(flags.from ?? []),
    ...(flags.mount ?? []).flatMap((mount) => /(?:^|,)from=([^,]+)/.exec(mount)?.[1] ?? []),
  ]);
}

/** The stage of that name, or number, before another one; -1 if there is none. */
function indexOf(stages: readonly Stage[], name: string, before: number): number {
  const earlier = stages.slice(0, before);
  const found = earlier.findLastIndex((stage) => stage.name === name.toLowerCase());
  if (found >= 0 || !/^\d+$/.test(name)) return found;
  return Number(name) < earlier.length ? Number(name) : -1;
}

function* instructionsOf(text: string): Generator<Instruction> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escaping = escapeOf(lines);
  const continued = new RegExp(`${escaping === '\\' ? '\\\\' : '`'}[ \t]*$`);
  for (let at = 0; at < lines.length; ) {
    const begin = at;
    let whole = '';
    for (; at < lines.length; at++) {
      const line = lines[at] ?? '';
      if (/^\s*#/.test(line) || line.trim() === '') {
        if (whole === '') break;
        continue;
      }
      whole += line.replace(continued, '');
      if (!continued.test(line)) break;
    }
    at += 1;
    const [, name = '', rest = ''] = /^\s*([A-Za-z]+)\s+([\s\S]*)$/.exec(whole) ?? [];
    if (name === '') continue;
    const upper = name.toUpperCase();
    if (upper === 'RUN' || upper === 'COPY' || upper === 'ADD') at = behindDocuments(lines, at, rest);
    yield { name: upper, ...withFlags(rest.trim()), line: begin + 1 };
  }
}

/** `# escape=` counts at the top only, before anything else. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^\s*#\s*([a-zA-Z]+)\s*=\s*(\S*)\s*$/.exec(line);
    if (directive === null) return '\\';
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] === '`' ? '`' : '\\';
  }
  return '\\';
}

/** What is written between `<<EOF` and `EOF` are no instructions. */
function behindDocuments(lines: readonly string[], from: number, text: string): number {
  let at = from;
  for (const [, dash, word] of text.matchAll(/<<(-?)["']?([A-Za-z_][A-Za-z0-9_]*)["']?/g)) {
    const end = lines.findIndex(
      (line, index) => index >= at && (dash === '-' ? line.replace(/^\t+/, '') : line) === word,
    );
    if (end < 0) return from;
    at = end + 1;
  }
  return at;
}

function withFlags(text: string): Pick<Instruction, 'text' | 'flags'> {
  // Without what objects have by themselves: `--constructor` is a flag like any other.
  const flags: Record<string, string[]> = Object.create(null);
  let rest = text;
  for (;;) {
    const found = /^--([a-z-]+)(?:=(\S*))?\s*/.exec(rest);
    if (found === null) return { text: rest.trim(), flags };
    const [whole, name = '', value = ''] = found;
    flags[name] = [...(flags[name] ?? []), value];
    rest = rest.slice(whole.length);
  }
}

/** The words of an instruction, or the texts of its JSON form. */
function listed(text: string): readonly string[] {
  if (text.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list)) return list.map(String);
    } catch {
      // Then it is no JSON, and a name that begins with a bracket.
    }
  }
  return text.split(/\s+/).filter((word) => word !== '');
}

/** `./src/` is `src`; an absolute path is meant relative to the context, too. A variable may stand for anything. */
function relative(source: string): string {
  if (/(?<!\\)\$/.test(source)) return '.';
  const parts = source.replaceAll('\\ ', ' ').split('/');
  const kept = parts.filter((part) => part !== '' && part !== '.');
  return kept.length === 0 || kept.every((part) => part === '*' || part === '**') ? '.' : kept.join('/');
}

function declared(
  words: string,
  args: StringMap,
  known: ReadonlyMap<string, string>,
): readonly (readonly [string, string])[] {
  return words.split(/\s+/).flatMap((word) => {
    const [, name = '', written] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/.exec(word) ?? [];
    const given = Object.hasOwn(args, name) ? args[name] : undefined;
    const value = given ?? (written === undefined ? undefined : expand(unquoted(written), known));
    return name === '' || value === undefined ? [] : [[name, value] as const];
  });
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

/** With the values of variables; `undefined` if one of them is not known. */
function expand(text: string, known: ReadonlyMap<string, string>): string | undefined {
  let isKnown = true;
  const variable = /\$(?:\{([A-Za-z_]\w*)(?:(:?[-+])([^{}]*))?\}|([A-Za-z_]\w*))/g;
  const expanded = text.replace(variable, (_, braced, how: string | undefined, other: string, plain) => {
    const value = known.get(braced ?? plain);
    const isSet = value !== undefined && !(how?.startsWith(':') && value === '');
    if (how?.endsWith('-')) return isSet ? value : other;
    if (how?.endsWith('+')) return isSet ? other : '';
    if (value === undefined) isKnown = false;
    return value ?? '';
  });
  return isKnown && expanded !== '' ? expanded : undefined;
}
