/** A path as one would type it from `directory`: relative when inside, otherwise as it is. */
export function shownPath(path: string, directory: string): string {
  const separator = directory.includes('\\') ? '\\' : '/';
  const prefix = directory.endsWith(separator) ? directory : directory + separator;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
