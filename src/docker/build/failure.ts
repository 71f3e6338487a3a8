import { maskAddresses } from '../../model/masking.ts';
import { failure, type ProblemsError } from '../../model/problem.ts';
import { lineOfStep } from './instructions.ts';
import type { FailedStep } from './progress.ts';
import type { BuildSources } from './sources.ts';

/** A build the engine did not finish: what it said, and what is known of the step. */
export interface BuildFailure {
  readonly service: string;
  readonly sources: Pick<BuildSources, 'dockerfile' | 'ignore'>;
  readonly said: string;
  readonly step: FailedStep | undefined;
}

/** Tells why a build failed, as near to the user's own words in the Dockerfile as can be. */
export function explainBuild(failed: BuildFailure): ProblemsError {
  // What the builder says has the address of a context in it.
  const about = { ...failed, said: maskAddresses(failed.said) };
  return (
    notGiven(about) ?? notPossible(about) ?? baseImage(about) ?? brokenDockerfile(about) ?? failedStep(about)
  );
}

/** A secret or key that a step cannot do without. */
function notGiven({ service, said, step }: BuildFailure): ProblemsError | undefined {
  const secret = /secret (\S+?):? not found/.exec(said)?.[1];
  // The builder names no id where the step names none.
  const key = /(?:unset ssh forward key |no SSH key )"?([^\s"]*)"?/.exec(said)?.[1];
  if (secret === undefined && key === undefined) return undefined;
  const path = `services.${service}.build`;
  const at = step === undefined ? '' : ` at ${step.name}`;
  return failure({
    code: 'build-failed',
    service,
    path,
    message:
      secret === undefined
        ? `the build of ${service} needs the SSH key ${key || 'default'}, which it is not given${at}`
        : `the build of ${service} needs the secret ${secret}, which it is not given${at}`,
    hint:
      secret === undefined
        ? `add ${key || 'default'} to ${path}.ssh`
        : `add a secret with the target ${secret} to ${path}.secrets, and see that its variable is set`,
    cause: said,
  });
}

/** What the engine's builder does not do, and how it can be made to. */
const impossible: readonly (readonly [RegExp, string])[] = [
  [
    /granting entitlement (\S+) is not allowed/,
    'allow it in daemon.json of the engine, under "builder": {"entitlements": {…}}, and restart the engine',
  ],
  [
    /unsupported frontend capability|unknown (?:sub)?request|unsupported request/,
    'this builder is too old for it: begin the Dockerfile with `# syntax=docker/dockerfile:1`, or use a newer engine',
  ],
  [/unknown entitlement/, 'it is network.host or security.insecure'],
  [/invalid netmode|network mode .* not supported/, 'a build has the network default, host or none'],
];

function notPossible({ service, said }: BuildFailure): ProblemsError | undefined {
  const hint = impossible.find(([words]) => words.test(said))?.[1];
  if (hint === undefined) return undefined;
  return failure({
    code: 'build-failed',
    service,
    path: `services.${service}.build`,
    message: `the engine does not build ${service} like that: ${said}`,
    hint,
    cause: said,
  });
}

const notToBeHad =
  /failed to resolve source metadata|pull access denied|manifest unknown|manifest for .* not found|repository does not exist|no match for platform/i;

function baseImage({ service, said, step }: BuildFailure): ProblemsError | undefined {
  const metadata = /failed to resolve source metadata for (\S+?):? /.exec(said)?.[1];
  const from = /(?:\bFROM (?:--platform=\S+ )?|load metadata for )(\S+)/i.exec(step?.name ?? '')?.[1];
  const older = step?.name.includes('load metadata for ') === true;
  if (!notToBeHad.test(said) && !(from !== undefined && (older || networkFailure.test(said))))
    return undefined;
  const image = (metadata ?? from)?.replace(/^docker\.io\/(library\/)?/, '');
  return failure({
    code: 'image-not-found',
    service,
    path: `services.${service}.build`,
    message: `the base image ${image ?? 'of the Dockerfile'} for ${service} cannot be pulled`,
    hint: networkFailure.test(said)
      ? 'the engine does not reach the registry: check its network connection and the name after FROM'
      : 'check the name and the tag after FROM; a private image needs: docker login',
    cause: said,
  });
}

const networkFailure =
  /dial tcp|no such host|i\/o timeout|connection refused|TLS handshake|context deadline exceeded/i;

/** The builder's parser tells the line. */
function brokenDockerfile({ service, said, sources }: BuildFailure): ProblemsError | undefined {
  const { dockerfile } = sources;
  const parsed = /dockerfile parse error (?:on )?line (\d+): ([\s\S]*)/i.exec(said);
  if (parsed === null) return undefined;
  const line = Number(parsed[1]);
  const sourceLine = dockerfile.text?.split(/\r?\n/)[line - 1];
  const inline = dockerfile.path === undefined && dockerfile.text !== undefined;
  return failure({
    code: 'build-failed',
    service,
    path: `services.${service}.build${inline ? '.dockerfile_inline' : ''}`,
    message: `the Dockerfile of ${service} cannot be parsed: ${parsed[2]?.split('\n', 1)[0]}`,
    hint: inline ? `correct line ${line} of dockerfile_inline` : `correct line ${line} of the Dockerfile`,
    // The place in an inline Dockerfile is told by the path: its lines are not those of the stack file.
    ...(dockerfile.path === undefined ? {} : { location: { file: dockerfile.path, line, column: 1 } }),
    ...(dockerfile.path === undefined || sourceLine === undefined ? {} : { sourceLine }),
    cause: said,
  });
}

function failedStep({ service, said, step, sources }: BuildFailure): ProblemsError {
  const at = step === undefined ? '' : ` at ${step.name}`;
  const missing = /"\/([^"]+)":? not found|stat (\S+): file does not exist/.exec(said);
  const { text, path: file } = sources.dockerfile;
  const line =
    text === undefined || step === undefined ? undefined : lineOfStep(maskAddresses(text), step.name);
  return failure({
    code: 'build-failed',
    service,
    path: `services.${service}.build`,
    message: `the build of ${service} failed${at}`,
    hint: hintFor(service, said, missing?.[1] ?? missing?.[2], sources),
    ...(file === undefined || line === undefined
      ? {}
      : {
          location: { file, line, column: 1 },
          sourceLine: text?.split(/\r?\n/)[line - 1] ?? '',
        }),
    cause: [...(step?.lines ?? []), said].join('\n'),
  });
}

function hintFor(
  service: string,
  said: string,
  file: string | undefined,
  { ignore }: BuildFailure['sources'],
): string {
  if (file !== undefined && ignore.ignored(file))
    return `${file} is left out by .dockerignore: add the line !${file} to it`;
  if (file !== undefined)
    return `there is no ${file} in the build context of ${service}: add it, or correct the path`;
  const code = /(?:exit code|returned a non-zero code): (\d+)/.exec(said)?.[1];
  return hints[code ?? ''] ?? `correct it, and try it alone with: stack build ${service}`;
}

/** By the exit code of the step's command. */
const hints: Readonly<Record<string, string>> = {
  126: 'the command is there but cannot be executed: make the file executable, or start it by its interpreter',
  127: 'a command was not found: check its name, or install it in a step before',
  137: 'the step was killed, most likely for want of memory: give the engine more, or let the step do with less',
};
