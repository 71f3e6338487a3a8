import { originOf, type Stack } from '../model/stack.ts';

/** Where a path of the stack was written, to follow a reason: `, stack.yaml:14:9`; empty if nowhere. */
export function placeAfter(stack: Stack, path: string): string {
  const location = originOf(stack, path);
  if (location === undefined) return '';
  const { file, line, column } = location;
  const folder = `${stack.directory}/`;
  return `, ${file.startsWith(folder) ? file.slice(folder.length) : file}:${line}:${column}`;
}
