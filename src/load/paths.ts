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

/** A path of the stack file on this machine: `~` is the home folder, others are relative to the folder. */
export function hostPath(path: string, folder: string, home: string | undefined): string {
  const expanded = expandHome(path, home);
  return isAbsolute(expanded) ? expanded : below(folder, expanded);
}

/** As `hostPath`, but a path of Windows stays as it is on any system. */
export function mountPath(path: string, folder: string, home: string | undefined): string {
  return isWindowsPath(path) ? path : hostPath(path, folder, home);
}

function expandHome(path: string, home: string | undefined): string {
  return path.startsWith('~') && home !== undefined ? normalize(join(home, path.slice(1))) : path;
}

/** A path below a folder that may itself be relative. */
function below(folder: string, path: string): string {
  if (isAbsolute(folder)) return resolve(folder, path);
  const joined = join(folder, path);
  return joined.length > 1 && /[\\/]$/.test(joined) ? joined.slice(0, -1) : joined;
}

/** The way from one folder to another; blank if they are the same. */
export function wayTo(from: string, to: string): string {
  return relative(from, to);
}

/** True if a path is a folder or something in it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(/[\\/]/, 1)[0] !== '..';
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
