import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { publicationOf } from '../load/publication.ts';
import { printYaml } from '../load/yaml/print.ts';
import { readImageName } from '../model/image-name.ts';
import { failure, type Location, type Problem, ProblemsError, problemsOf } from '../model/problem.ts';
import type { ProjectFile, Registry } from '../model/registry.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { formatPlan } from '../plan/format.ts';
import { planPush } from '../plan/images.ts';
import { compareBytes } from '../plan/printing.ts';
import { withDigests } from './digests.ts';
import { aboutEnvironment, aboutMounts, aboutSensitive, refuseEnvironment } from './exposed.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { carryOut, tellLoaded } from './work.ts';

export interface PublishOptions {
  readonly load: LoadRequest;
  /** Where to: `HOST/NAME:TAG`. */
  readonly repository: string;
  /** Also keep the images of services there. */
  readonly withImages: boolean;
  readonly ociVersion?: '1.0' | '1.1' | undefined;
  /** Also say by their digests which images are meant. */
  readonly resolveDigests: boolean;
  /** Variables and env files may be published. */
  readonly withEnvironment: boolean;
  /** Asked before something is published that perhaps should not be; absent: it may be. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Gets what would be done, in the place of doing it. */
  readonly foresee?: (plan: string) => void;
}

/** Publishes the files of a stack in a registry, for `-f oci://HOST/NAME:TAG`, in the form of Docker Compose 2.40.3. */
export async function publish(
  options: PublishOptions,
  surroundings: Surroundings & { readonly registry: Registry },
): Promise<Outcome> {
  const { load, repository, withEnvironment, foresee } = options;
  const { signal } = surroundings;
  const loaded = await loadStack({ ...load, profiles: ['*'] });
  tellLoaded(loaded, surroundings);
  const { files, localIncludes } = await publicationOf(loaded);
  if (localIncludes.length > 0) throw hasIncludes(loaded, localIncludes);
  refuseUnnamedImages(loaded.stack);
  readImageName(repository);
  if (!(await mayBePublished(loaded, files, options))) return signal.aborted ? interrupted : succeeded;
  tellMissingFiles(files, options, surroundings);

  const pushes = planPush(loaded.stack, { ignoreFailures: true });
  if (foresee !== undefined) {
    foresee(`${formatPlan(pushes)}${title(repository)}: it was asked for\n`);
    return succeeded;
  }
  const problems =
    pushes.steps.length === 0 ? [] : await carryOut(pushes, 'push', surroundings, signal, loaded);
  if (signal.aborted) return interrupted;
  const kept = files.filter(({ kind }) => withEnvironment || kind !== 'environment');
  return outcomeOf([...problems, ...(await publishFiles(loaded.stack, kept, options, surroundings))]);
}

function title(repository: string): string {
  return `publish project ${repository}`;
}

async function publishFiles(
  stack: Stack,
  files: readonly ProjectFile[],
  { repository, withImages, resolveDigests, ociVersion }: PublishOptions,
  { registry, runtime, emit, signal }: Surroundings & { readonly registry: Registry },
): Promise<readonly Problem[]> {
  const id = `publish-project:${repository}`;
  const step = {
    id,
    kind: 'publish-project',
    title: title(repository),
    because: 'it was asked for',
    after: [],
  } as const;
  emit({ type: 'plan-made', purpose: 'publish', steps: [step] });
  const began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  emit({ type: 'step-started', id });
  try {
    const digests =
      withImages || resolveDigests
        ? [await digestsOf(stack, (image) => runtime.imageDigest(image, signal))]
        : [];
    const images = withImages ? Object.values(stack.services).flatMap(({ image }) => image ?? []) : [];
    await registry.publish({ reference: repository, files: [...files, ...digests], ociVersion, images });
    emit({ type: 'step-finished', id, milliseconds: elapsed() });
    return [];
  } catch (error) {
    // What is broken off has not failed.
    signal.throwIfAborted();
    const problems = problemsOf(error);
    for (const problem of problems) emit({ type: 'step-failed', id, milliseconds: elapsed(), problem });
    return problems;
  }
}

/** A file that is merged over the others and names each image by what it is now. */
async function digestsOf(stack: Stack, resolve: (image: string) => Promise<string>): Promise<ProjectFile> {
  const images = Object.entries(stack.services).map(([name, { image }]) => [
    name,
    image === undefined ? {} : { image },
  ]);
  const pinned = await withDigests(Object.fromEntries(images), resolve);
  const sorted = Object.entries(pinned).toSorted(([a], [b]) => compareBytes(a, b));
  const text = printYaml({ services: Object.fromEntries(sorted) });
  return { kind: 'stack', name: 'image-digests.yaml', content: Buffer.from(text) };
}

function hasIncludes(loaded: Loaded, places: readonly Location[]): ProblemsError {
  return new ProblemsError(
    places.map((location) => {
      const sourceLine = loaded.sourceLine(location);
      return {
        code: 'unsupported-source',
        severity: 'error',
        message: 'cannot publish compose file with local includes',
        location,
        ...(sourceLine === undefined ? {} : { sourceLine }),
        hint: 'publish what is included by itself, and include it as oci://HOST/NAME:TAG',
      };
    }),
  );
}

function refuseUnnamedImages({ services }: Stack): void {
  const unnamed = Object.keys(services).filter(
    (name) => services[name]?.image === undefined && services[name]?.build,
  );
  if (unnamed.length === 0) return;
  throw failure({
    code: 'invalid-value',
    message: `your Compose stack cannot be published as it only contains a build section for service(s): ${unnamed.map((name) => `"${name}"`).join(', ')}`,
    hint: 'give each an `image`: whoever uses what is published cannot build it',
  });
}

/** As with Docker Compose: whoever says yes to everything says yes to variables, too. */
async function mayBePublished(
  loaded: Loaded,
  files: readonly ProjectFile[],
  { load, confirm, withEnvironment }: PublishOptions,
): Promise<boolean> {
  if (confirm === undefined) return true;
  const { stack } = loaded;
  for (const question of [aboutMounts(stack), await aboutSensitive(stack, files)]) {
    if (question !== undefined && !(await confirm(question))) return false;
  }
  if (!withEnvironment) {
    const written = await loadStack({ ...load, profiles: ['*'], keepEnvFiles: true });
    refuseEnvironment(stack, written.stack);
  }
  const question = aboutEnvironment(stack);
  return question === undefined || confirm(question);
}

function tellMissingFiles(
  files: readonly ProjectFile[],
  { withEnvironment }: PublishOptions,
  { emit }: Surroundings,
): void {
  if (withEnvironment || files.every(({ kind }) => kind !== 'environment')) return;
  emit({
    type: 'problem-found',
    problem: {
      code: 'missing-env-file',
      severity: 'warning',
      message: 'the env files of services are not published, so what is published cannot be used',
      hint: 'publish them, too: --with-env',
    },
  });
}
