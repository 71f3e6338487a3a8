import { failure, type ProblemsError } from '../../model/problem.ts';
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
export function explainBuild(about: BuildFailure): ProblemsError {
  return baseImage(about) ?? brokenDockerfile(about) ?? failedStep(about);
}

const notToBeHad =
  /failed to resolve source metadata|pull access denied|manifest unknown|manifest for .* not found|repository does not exist|no match for platform/i;

function baseImage({ service, said, step }: BuildFailure): ProblemsError | undefined {
  const metadata = /failed to resolve source metadata for (\S+?):? /.exec(said)?.[1];
  const from = /\bFROM (?:--platform=\S+ )?(\S+)/i.exec(step?.name ?? '')?.[1];
  if (!notToBeHad.test(said) && !(from !== undefined && networkFailure.test(said))) return undefined;
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
  const sourceLine = dockerfile.text.split(/\r?\n/)[line - 1];
  const inline = dockerfile.path === undefined;
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
  const missing = /"\/([^"]+)": not found|stat (\S+): file does not exist/.exec(said);
  const file = missing?.[1] ?? missing?.[2];
  return failure({
    code: 'build-failed',
    service,
    path: `services.${service}.build`,
    message: `the build of ${service} failed${at}`,
    ...(file !== undefined && sources.ignore.ignored(file)
      ? { hint: `${file} is left out by .dockerignore: add the line !${file} to it` }
      : {}),
    cause: [...(step?.lines ?? []), said].join('\n'),
  });
}
