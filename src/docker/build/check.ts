import type { Problem } from '../../model/problem.ts';
import type { BuildSources } from './sources.ts';

/** What the Dockerfile frontend says when it is only asked to look a Dockerfile over: its `result.json`. */
interface Findings {
  readonly warnings?: readonly Finding[] | null;
  readonly sources?: readonly { readonly filename?: string; readonly data?: string }[] | null;
  readonly buildError?: { readonly message?: string } | null;
}

interface Finding {
  readonly ruleName: string;
  readonly detail?: string;
  readonly description?: string;
  readonly url?: string;
  readonly location?: {
    readonly sourceIndex?: number;
    readonly ranges?: readonly { readonly start?: { readonly line?: number } }[];
  };
}

/** What is doubtful in a Dockerfile, each with its line where that is one of a file of this machine. */
export function readFindings(
  text: string,
  service: string,
  { dockerfile }: Pick<BuildSources, 'dockerfile'>,
): readonly Problem[] {
  const { warnings, sources, buildError } = JSON.parse(text) as Findings;
  const found = (warnings ?? []).map((warning): Problem => {
    const line = warning.location?.ranges?.[0]?.start?.line;
    const source = sources?.[warning.location?.sourceIndex ?? 0]?.data;
    const sourceLine = Buffer.from(source ?? '', 'base64')
      .toString('utf8')
      .split(/\r?\n/)[(line ?? 1) - 1];
    const location =
      dockerfile.path === undefined || line === undefined
        ? {}
        : { location: { file: dockerfile.path, line, column: 1 }, ...(sourceLine && { sourceLine }) };
    return {
      ...about(service),
      message: `${warning.ruleName}: ${warning.detail ?? warning.description}`,
      ...(warning.url && { hint: warning.url }),
      ...location,
    };
  });
  if (!buildError?.message) return found;
  return [...found, { ...about(service), code: 'build-failed', message: buildError.message }];
}

function about(service: string) {
  const path = `services.${service}.build`;
  return { code: 'dockerfile-doubtful', severity: 'error', service, path } as const;
}
