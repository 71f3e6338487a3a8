import { failure } from '../model/problem.ts';

/**
 * Headers that the user wants sent to the engine: those of DOCKER_CUSTOM_HEADERS, `NAME=VALUE` with commas between, each in
 * quotes if it has commas itself, else `HttpHeaders` of the docker CLI's configuration. `undefined` for none.
 *
 * @throws ProblemsError with `invalid-option` for what is no header.
 */
export function readHeaders(
  text: string | undefined,
  config: unknown,
): Readonly<Record<string, string>> | undefined {
  const kept = (config as { HttpHeaders?: unknown } | undefined)?.HttpHeaders;
  const pairs = text ? readList(text) : Object.entries(typeof kept === 'object' && kept !== null ? kept : {});
  const headers = pairs.filter(([name]) => name.toLowerCase() !== 'user-agent');
  return headers.length === 0
    ? undefined
    : Object.fromEntries(headers.map(([name, value]) => [name, String(value)]));
}

function readList(text: string): [string, string][] {
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return fields.map(([, quoted, plain = '']) => {
    const field = quoted?.replaceAll('""', '"') ?? plain;
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([\t\x20-\x7e\x80-\xff]*)$/.exec(field.trim()) ?? [];
    if (name === undefined || value === undefined)
      throw failure({
        code: 'invalid-option',
        message: `DOCKER_CUSTOM_HEADERS has something that is no header: ${field}`,
        hint: 'write it as NAME=VALUE,NAME=VALUE',
      });
    return [name, value];
  });
}
