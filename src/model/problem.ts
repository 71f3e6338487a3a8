/** A place in a file the user wrote. Line and column count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Names the cause, never the symptom. Codes are part of the public contract: they appear in `--json` output and are
 * what scripts and tests match on.
 */
export type ProblemCode =
  | 'no-stack-file'
  | 'unreadable-file'
  | 'unwritable-file'
  | 'remote-failed'
  | 'unsupported-source'
  | 'invalid-yaml'
  | 'unknown-key'
  | 'unsupported-key'
  | 'wrong-type'
  | 'misread-value'
  | 'invalid-value'
  | 'invalid-interpolation'
  | 'missing-variable'
  | 'unset-variable'
  | 'missing-env-file'
  | 'invalid-env-file'
  | 'invalid-project-name'
  | 'unknown-service'
  | 'undefined-reference'
  | 'dependency-cycle'
  | 'conflicting-keys'
  | 'obsolete-key'
  | 'no-effect'
  | 'port-conflict'
  | 'nothing-found'
  | 'nothing-selected'
  | 'invalid-option'
  | 'project-busy'
  | 'other-folder'
  | 'not-trusted'
  | 'engine-unreachable'
  | 'engine-back'
  | 'engine-gone'
  | 'engine-refused'
  | 'engine-too-old'
  | 'image-not-found'
  | 'image-stale'
  | 'image-unknown'
  | 'registry-unreachable'
  | 'registry-refused'
  | 'command-not-executable'
  | 'command-not-found'
  | 'wrong-processor'
  | 'build-failed'
  | 'dockerfile-doubtful'
  | 'missing-build-file'
  | 'ssh-unavailable'
  | 'missing-file'
  | 'port-in-use'
  | 'name-in-use'
  | 'subnet-in-use'
  | 'no-subnet-left'
  | 'too-few-processors'
  | 'memory-short'
  | 'disk-short'
  | 'clock-wrong'
  | 'bind-source-missing'
  | 'external-missing'
  | 'foreign-object'
  | 'volume-differs'
  | 'nothing-to-clone'
  | 'stack-changed'
  | 'dependency-failed'
  | 'service-exited'
  | 'killed-after-grace'
  | 'hook-failed'
  | 'missing-program'
  | 'provider-failed'
  | 'not-foreseeable'
  | 'service-unhealthy'
  | 'container-vanished'
  | 'no-healthcheck'
  | 'no-container'
  | 'not-published'
  | 'ports-reachable'
  | 'not-listening'
  | 'orphan-containers'
  | 'object-in-use'
  | 'left-volume'
  | 'undo-broken-off'
  | 'volume-not-kept'
  | 'volume-unreadable'
  | 'volume-elsewhere'
  | 'nothing-kept'
  | 'watch-failed'
  | 'watch-covered'
  | 'not-watched'
  | 'nothing-recorded'
  | 'sync-conflict'
  | 'sync-failed'
  | 'file-overwritten'
  | 'fix-failed'
  | 'sync-refused'
  | 'interrupted'
  | 'internal';

/** Another place that helps to understand a problem: the other definition, the service that asked. */
export interface RelatedPlace {
  readonly message: string;
  readonly location?: Location;
}

/** The one shape of everything that can be wrong, from a typing error in a file to an engine that went away. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** One sentence, without a full stop, in the user's words. */
  readonly message: string;
  readonly location?: Location;
  /** The text of the line that `location` points into, for the frame with the caret. */
  readonly sourceLine?: string;
  /** Dotted path in the stack, e.g. `services.web.ports[0]`. */
  readonly path?: string;
  readonly service?: string;
  /** What to do about it, as an order. */
  readonly hint?: string;
  readonly related?: readonly RelatedPlace[];
  /** What the engine, the program or the operating system said, word for word; may have several lines. */
  readonly cause?: string;
}

/** Carries one or more problems up to the command that reports them. The message is the first problem's. */
export class ProblemsError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems[0]?.message ?? 'unknown problem');
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}

/** Shorthand for the common case of a single error. */
export function failure(problem: Omit<Problem, 'severity'>): ProblemsError {
  return new ProblemsError([{ severity: 'error', ...problem }]);
}

/** The problems inside anything that was thrown; what is not ours becomes an `internal` problem. */
export function problemsOf(thrown: unknown): readonly Problem[] {
  if (thrown instanceof ProblemsError) return thrown.problems;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return [
    {
      code: 'internal',
      severity: 'error',
      message: `stack made a mistake: ${error.message}`,
      hint: 'please report this with the lines below',
      ...(error.stack === undefined ? {} : { cause: error.stack }),
    },
  ];
}
