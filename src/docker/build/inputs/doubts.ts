import path from 'node:path';
import type { BuildPart } from '../../../model/event.ts';
import type { BuildImage } from '../../../model/plan.ts';
import type { Problem } from '../../../model/problem.ts';
import { type BuildSources, readIgnoreFile } from '../sources.ts';
import { openFolder, showInTurns, walk } from '../walk.ts';
import {
  type CopiedSources,
  copiedFromContext,
  type Dockerfile,
  type Instruction,
  stagesFor,
} from './dockerfile.ts';

/** What makes builds slow, or has no effect, each with the place where it is to be mended. */
export async function findDoubts(
  { service, build }: BuildImage,
  sources: BuildSources,
  dockerfile: Dockerfile,
  parts: readonly BuildPart[],
): Promise<readonly Problem[]> {
  const about = { severity: 'warning', code: 'dockerfile-doubtful', service } as const;
  const stages = stagesFor(dockerfile, build.target);
  const copies = stages.flatMap((stage) => copiedFromContext(stage));
  const whole = copies.find(({ sources: copied }) => copied.includes('.'));
  const orders = stages.flatMap((stage) => installedAfterAll(stage.instructions, copiedFromContext(stage)));
  return [
    ...orders.map(({ copy, install }) => ({
      ...about,
      message: `line ${copy.line} copies all files before line ${install.line} installs: each change of any file installs anew`,
      hint: 'copy the manifest and the lock file first, install, and copy the rest afterwards',
      ...at(copy, sources, service),
    })),
    ...(await aboutContext(service, sources, whole)).map((problem) => ({ ...about, ...problem })),
    ...missingCaches(build.cache_from ?? [], parts).map(({ name, index }) => ({
      ...about,
      path: `services.${service}.build.cache_from[${index}]`,
      message: `the builder finds no cache at ${name}`,
      hint: 'correct the name, or push a cache there with `cache_to`; until then it has no effect',
    })),
  ];
}

/** Commands that fetch what a manifest names. */
const installs =
  /\b(?:npm (?:ci|i|install)|pnpm (?:i|install)|yarn(?: install)?(?=\s|$)|bun (?:i|install)|pip3? install|uv sync|poetry install|pipenv install|bundle install|composer install|go mod download|cargo (?:fetch|build)|mvn |gradle |dotnet restore|mix deps\.get)/;

/** Where a stage copies all and then installs, without having installed before. */
function installedAfterAll(
  instructions: readonly Instruction[],
  copies: readonly CopiedSources[],
): readonly { readonly copy: Instruction; readonly install: Instruction }[] {
  const copy = copies.find(({ sources }) => sources.includes('.'))?.instruction;
  const install = instructions.find(({ name, text }) => name === 'RUN' && installs.test(text));
  return copy === undefined || install === undefined || install.line < copy.line ? [] : [{ copy, install }];
}

/** Bytes of a context that are worth a word. */
const large = 100_000_000;

async function aboutContext(
  service: string,
  sources: BuildSources,
  whole: CopiedSources | undefined,
): Promise<readonly Pick<Problem, 'message' | 'hint' | 'path' | 'location'>[]> {
  if (sources.remote) return [];
  const { context, ignore, dockerfile } = sources;
  const { path: ignoreFile } = await readIgnoreFile(context, dockerfile.path);
  const isIgnoring = ignoreFile !== undefined;
  const sizes = new Map<string, number>();
  await showInTurns(walk(openFolder(context), ignore), (entry) => {
    if (entry.kind !== 'file') return;
    const { name } = entry;
    const folder = name.includes('/') ? `${name.slice(0, name.indexOf('/'))}/` : name;
    const { size = 0 } = entry.look() ?? {};
    sizes.set(folder, (sizes.get(folder) ?? 0) + size);
  });
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const biggest = [...sizes].filter(([, size]) => size >= all / 100).toSorted(([, a], [, b]) => b - a);
  const told = biggest
    .slice(0, 3)
    .map(([name, size]) => `${name} ${inMegabytes(size)}`)
    .join(', ');
  const ignored = isIgnoring
    ? `in ${path.basename(ignoreFile)}`
    : 'in a file .dockerignore beside the Dockerfile';
  return [
    ...(all < large
      ? []
      : [
          {
            path: `services.${service}.build.context`,
            message: `the build context of ${service} has ${inMegabytes(all)}: ${told}`,
            hint: `name what the build does not need ${ignored}`,
          },
        ]),
    ...(whole === undefined || isIgnoring
      ? []
      : [
          {
            ...at(whole.instruction, sources, service),
            message: `line ${whole.instruction.line} copies all files, and there is no .dockerignore: what is of no use to the image comes along`,
            hint: 'write one, with .git, what is installed and what is built: each change of these builds anew',
          },
        ]),
  ];
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

function at(
  { line }: Instruction,
  { dockerfile }: BuildSources,
  service: string,
): Pick<Problem, 'path' | 'location' | 'sourceLine'> {
  const { path: file, text = '' } = dockerfile;
  // The lines of one that is written in the stack file are not those of that.
  if (file === undefined) return { path: `services.${service}.build.dockerfile_inline` };
  const sourceLine = text.split(/\r?\n/)[line - 1];
  return { location: { file, line, column: 1 }, ...(sourceLine !== undefined && { sourceLine }) };
}

/** Sources of caches that the builder could not read. It says so in passing, and goes on without. */
function missingCaches(
  names: readonly string[],
  parts: readonly BuildPart[],
): readonly { readonly name: string; readonly index: number }[] {
  return names.flatMap((written, index) => {
    const name = /(?:^|,)ref=([^,]+)/.exec(written)?.[1] ?? written;
    const isMissing = parts.some(
      (part) =>
        part.state === 'failed' &&
        part.name.startsWith('importing cache manifest from') &&
        part.name.includes(name),
    );
    return isMissing ? [{ name, index }] : [];
  });
}
