import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type Build, isRemoteContext } from '../../../model/stack.ts';
import { createIgnore } from '../dockerignore.ts';
import {
  baseImagesOf,
  copiedFromContext,
  type Instruction,
  readDockerfile,
  stagesFor,
} from './dockerfile.ts';

/** By name in the context, with `/`. */
export type Needed = (name: string) => boolean;

/**
 * Which files of its context a build needs: what the instructions of the stages copy that its target needs, as the links in
 * the context are now. All of them where that is not sure. `plain`: see `plainBases`.
 */
export function filesNeeded(build: Build, text: string | undefined, plain: ReadonlySet<string>): Needed {
  const sources = sourcesOf(build, text ?? '', plain);
  if (sources === undefined || sources.some((source) => !isSteady(build.context, source))) return () => true;
  const copied = createIgnore(sources);
  return (name) =>
    name === '' || copied.ignored(name) || sources.some((source) => source.startsWith(`${name}/`));
}

/** `undefined`: not all that the build takes from its context is known. */
function sourcesOf(build: Build, text: string, plain: ReadonlySet<string>): readonly string[] | undefined {
  const { args, target, additional_contexts: contexts = {} } = build;
  // Something else may stand for an image or a stage.
  const isReplaced = Object.values(contexts).some(
    (value) => isRemoteContext(value) || value.startsWith('service:'),
  );
  if (isReplaced || args?.BUILDKIT_SYNTAX !== undefined || isUnusual(text)) return undefined;
  const dockerfile = readDockerfile(text, args);
  const stages = stagesFor(dockerfile, target);
  const isKnown =
    stages.length > 0 &&
    stages.every(({ instructions }) => instructions.every(isPlainInstruction)) &&
    baseImagesOf(dockerfile, target).every((base) => base !== undefined && plain.has(base));
  const copied = stages.flatMap((stage) => copiedFromContext(stage).flatMap(({ sources }) => sources));
  return isKnown && copied.every(isPlainSource) ? copied : undefined;
}

/** Written for another builder, with here-documents, with another escape character, or one that may be an escaped one. */
export function isUnusual(text: string): boolean {
  const [, syntax] = /^\W*syntax\s*=\s*(\S+)/im.exec(text) ?? [];
  const isUsual =
    syntax === undefined || /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/.test(syntax);
  return !isUsual || text.includes('<<') || /^\s*#\s*escape\s*=/im.test(text) || /\\\\[ \t]*$/m.test(text);
}

/** Instructions that take no files from anywhere. */
const withoutFiles = new Set(
  'ARG CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

/** What an exclusion takes away again still counts. */
const flagsOfCopies = ['from', 'chown', 'chmod', 'link', 'exclude', 'checksum', 'keep-git-dir', 'unpack'];
const flagsOfRuns = ['mount', 'network', 'security'];

/** One of which it is plain what it takes from where. */
export function isPlainInstruction({ name, text, flags }: Instruction): boolean {
  const isCopy = name === 'COPY' || name === 'ADD';
  if (!isCopy && name !== 'RUN') return withoutFiles.has(name);
  const usual = isCopy ? flagsOfCopies : flagsOfRuns;
  const { from = [], mount = [] } = flags;
  return (
    !text.startsWith('--') &&
    Object.keys(flags).every((flag) => usual.includes(flag)) &&
    from.every(isPlainName) &&
    mount.every(isBesideContext)
  );
}

/** A mount that shows nothing of the context. */
function isBesideContext(mount: string): boolean {
  const fields = mount.split(',').map((field) => field.split('=', 2) as [string, string?]);
  if (!fields.every(([key]) => /^[a-z]+$/.test(key))) return false;
  const { type = 'bind', from } = Object.fromEntries(fields);
  if (from !== undefined) return isPlainName(from);
  return ['cache', 'tmpfs', 'secret', 'ssh'].includes(type);
}

function isPlainName(text: string): boolean {
  return /^[\w.:@/-]+$/.test(text);
}

function isPlainSource(source: string): boolean {
  return (
    source !== '.' &&
    source === source.trim() &&
    !/["'\\]|^!|(?:^|\/)\.\.(?:\/|$)/.test(source) &&
    isPattern(source)
  );
}

function isPattern(source: string): boolean {
  try {
    createIgnore([source]);
    return true;
  } catch {
    return false;
  }
}

/** False for one that a symbolic link leads elsewhere, or may. */
function isSteady(context: string, source: string): boolean {
  const names = source.split('/');
  const wild = names.findIndex((name) => /[*?[]/.test(name));
  if (wild >= 0 && wild < names.length - 1) return false;
  const plain = wild < 0 ? names : names.slice(0, wild);
  const places = plain.map((_, index) => path.join(context, ...names.slice(0, index + 1)));
  try {
    if (places.some((place) => lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true))
      return false;
    if (wild < 0) return true;
    const folder = path.join(context, ...plain);
    return !readdirSync(folder, { withFileTypes: true }).some((entry) => entry.isSymbolicLink());
  } catch {
    return false;
  }
}
