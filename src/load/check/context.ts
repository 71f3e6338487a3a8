import type { Problem, RelatedPlace } from '../../model/problem.ts';
import { originOf, type Service } from '../../model/stack.ts';
import type { Parts } from '../normal/normalize.ts';
import type { Origins } from '../normal/origins.ts';
import { type Report, serviceIn } from '../report.ts';

export interface CheckContext {
  /** The services that are on; the others are not looked at. */
  readonly enabled: ReadonlySet<string>;
  /** Those of them that containers are to be made for. */
  readonly chosen: ReadonlySet<string>;
  readonly origins: Origins;
  readonly report: Report;
  /** True if something was wrong at the path or below it, so that what follows from that is not told as well. */
  readonly spoiled: (path: string) => boolean;
}

/** Names come from the file, and a record also answers to names such as `constructor`. */
export function serviceOf({ services }: Parts, name: string): Service | undefined {
  return Object.hasOwn(services, name) ? services[name] : undefined;
}

/** Tells an error, or what `severity` says, at the place where a path was written. */
export function tell(
  context: CheckContext,
  path: string,
  problem: Pick<Problem, 'code' | 'message' | 'hint' | 'related'> & Partial<Pick<Problem, 'severity'>>,
): void {
  const location = originOf({ origins: context.origins }, path);
  context.report({ severity: 'error', ...(location && { location }), path, ...serviceIn(path), ...problem });
}

export function related(context: CheckContext, message: string, path: string): RelatedPlace {
  const location = originOf({ origins: context.origins }, path);
  return { message, ...(location && { location }) };
}
