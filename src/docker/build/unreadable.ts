import { failure, type ProblemsError } from '../../model/problem.ts';

/** True if a path is gone, or is another thing than it was when its folder was read. */
export function vanished(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EINVAL' || code === 'ENXIO';
}

/** The problem of a file or folder that would be part of the context but cannot be read. */
export function unreadable(path: string, error: unknown): ProblemsError {
  return failure({
    code: 'unreadable-file',
    message: `cannot read ${path}, which is part of the build context`,
    hint: 'make it readable, or name it in .dockerignore',
    cause: error instanceof Error ? error.message : String(error),
  });
}
