import { dirname, isAbsolute, join, normalize, posix, relative, resolve } from 'node:path';

export { basename, delimiter, dirname, resolve } from 'node:path';

/** The folder and all above it, nearest first. */
export function upwards(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
}

/** The home folder of the user, on any system. */
export function homeIn(variables: ReadonlyMap<string, string>): string | undefined {
  return variables.get('HOME') ?? variables.get('USERPROFILE');
}

/** A path of the stack file on this machine: `~` is the home folder, others are relative to the project directory. */
export function hostPath(path: string, directory: string, home: string | undefined): string {
  if (path.startsWith('~') && home !== undefined) return normalize(join(home, path.slice(1)));
  if (isAbsolute(path) || isWindowsPath(path)) return path;
  return resolve(directory, path);
}

/** A path as one would write it in a folder. */
export function shownFrom(directory: string, path: string): string {
  const short = relative(directory, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}

/** A mount target without `.`, `..` and doubled slashes, as Docker Compose cleans it. */
export function cleanTarget(path: string): string {
  const clean = path === '' ? '' : posix.normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

function isWindowsPath(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path) || path.startsWith('\\\\');
}
