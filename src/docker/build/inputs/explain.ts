import type { BuildPart } from '../../../model/event.ts';
import type { BuildExplanation, BuiltBefore, ExplainedStep } from '../../../model/explanation.ts';
import type { BuildChange } from '../../../model/observed.ts';
import type { BuildImage } from '../../../model/plan.ts';
import { createIgnore } from '../dockerignore.ts';
import { type BuildSources, findSources } from '../sources.ts';
import {
  copiedFromContext,
  type Dockerfile,
  type Instruction,
  readDockerfile,
  type Stage,
} from './dockerfile.ts';
import { findDoubts } from './doubts.ts';

/** Explains a build that has taken place: which steps came from the cache, and why the others did not. */
export async function explainSteps(build: BuildImage, known: BuiltBefore): Promise<BuildExplanation> {
  const sources = await findSources(build.service, build.build);
  const dockerfile = readDockerfile(sources.dockerfile.text ?? '', build.build.args);
  const { changes, parts } = known;
  return {
    service: build.service,
    ...(changes !== undefined && { changes }),
    steps: stepsOf(dockerfile, sources, known),
    doubts: await findDoubts(build, sources, dockerfile, parts),
  };
}

/** An instruction that the builder counts among its steps, or the image that a stage begins with. */
interface Counted {
  readonly stage: Stage;
  readonly instruction?: Instruction;
  readonly line: number;
  readonly part: BuildPart;
}

function stepsOf(
  dockerfile: Dockerfile,
  { dockerfile: { path, text } }: BuildSources,
  { changes = [], parts }: BuiltBefore,
): readonly ExplainedStep[] {
  const counted = parts.flatMap((part) => place(dockerfile, part) ?? []).toSorted((a, b) => a.line - b.line);
  // The builder looks at the image that a stage begins with each time; it is another one only if it has changed.
  const again = counted.filter(
    (one) => one.part.state !== 'cached' && (one.instruction !== undefined || ownReason(one, changes)),
  );
  return counted.map((one): ExplainedStep => {
    const { line, part } = one;
    const { lines: _, ...step } = part;
    const because = again.includes(one) ? reason(one, again, dockerfile, changes) : undefined;
    return {
      ...step,
      name: nameOf(one, text ?? ''),
      ...(path !== undefined && { place: { file: path, line, column: 1 } }),
      ...(because !== undefined && { because }),
    };
  });
}

/** `[2/5] RUN npm ci`, with a stage where there are several: `[build 2/5]`. Whatever else it did is its own business. */
const numbered = /^\[(?:[a-z0-9]+\/\S+ )?(?:(\S+) )?(\d+)\/(\d+)\] /;

function place({ stages }: Dockerfile, part: BuildPart): Counted | undefined {
  const [, name, number = '', total = ''] = numbered.exec(part.name) ?? [];
  const unnamed = /^stage-(\d+)$/.exec(name ?? '')?.[1];
  const stage =
    stages.find((one) => one.name === name && name !== undefined) ??
    stages[unnamed === undefined ? stages.length - 1 : Number(unnamed)];
  if (stage === undefined) return undefined;
  const isOnImage = stage.from !== 'scratch' && stageBefore(stages, stage) === undefined;
  const steps = [
    ...(isOnImage ? [undefined] : []),
    ...stage.instructions.filter((one) => ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(one.name)),
  ];
  // The builder reads the file in another way than we do.
  if (steps.length !== Number(total)) return undefined;
  const instruction = steps[Number(number) - 1];
  return {
    stage,
    ...(instruction !== undefined && { instruction }),
    line: instruction?.line ?? stage.line,
    part,
  };
}

function stageBefore(stages: readonly Stage[], stage: Stage): Stage | undefined {
  return stages.slice(0, stages.indexOf(stage)).findLast(({ name }) => name === stage.from?.toLowerCase());
}

/** As it is written. */
function nameOf({ instruction, stage }: Counted, text: string): string {
  const written = text.split(/\r?\n/)[(instruction?.line ?? stage.line) - 1]?.trim() ?? '';
  return instruction === undefined ? written : written.replace(/\s*\\$/, ' …');
}

function reason(
  one: Counted,
  again: readonly Counted[],
  dockerfile: Dockerfile,
  changes: readonly BuildChange[],
): string {
  const { stage, instruction, line } = one;
  const own = ownReason(one, changes);
  if (own !== undefined) return own;
  const before = again.findLast((other) => other.stage === stage && other.line < line);
  if (before !== undefined) return `it follows line ${before.line}`;
  const used = [
    instruction === undefined ? undefined : instruction.flags.from?.[0],
    stageBefore(dockerfile.stages, stage)?.name,
  ];
  const other = again.findLast(({ stage: { name } }) => name !== undefined && used.includes(name));
  if (other !== undefined) return `it uses stage ${other.stage.name}, which line ${other.line} made anew`;
  if (changes.some(({ what }) => what === 'Dockerfile' || what === 'dockerfile_inline'))
    return 'the Dockerfile changed';
  return 'the builder does not have it in its cache';
}

/** Files that it copies, arguments that it sees, the image that the stage begins with. */
function ownReason({ stage, instruction }: Counted, changes: readonly BuildChange[]): string | undefined {
  const told = (found: readonly BuildChange[]): string | undefined => {
    const [first, ...more] = found;
    if (first === undefined) return undefined;
    return `${first.what} ${first.how}${more.length > 0 ? ` and ${more.length} more` : ''}`;
  };
  if (instruction === undefined) return told(changes.filter(({ what }) => what === `image ${stage.from}`));
  if (instruction.name === 'RUN') {
    const args = stage.instructions.flatMap(({ name, text, line }) =>
      name === 'ARG' && line < instruction.line ? text.split(/[\s=]/).slice(0, 1) : [],
    );
    return told(changes.filter(({ what }) => args.some((arg) => what === `args.${arg}`)));
  }
  const copied = copiedFromContext({ ...stage, instructions: [instruction] })[0]?.sources ?? [];
  if (copied.length === 0) return undefined;
  const included = copied.includes('.') ? undefined : createIgnore(copied);
  return told(changes.filter(({ file }) => file?.context === '' && (included?.ignored(file.name) ?? true)));
}
