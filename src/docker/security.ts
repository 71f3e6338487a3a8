import { readFile } from 'node:fs/promises';
import type { CreateContainer } from '../model/plan.ts';
import { failure } from '../model/problem.ts';

/** Asks for no paths of `/proc` and `/sys` to be hidden or read-only; the engine has two lists for that. */
const openPaths = 'systempaths=unconfined';

/** The security options of a container in the engine's words, and the paths that are hidden from it if none are to be. */
export function securityOf(options: readonly string[] | undefined): Record<string, unknown> {
  const opened = options?.includes(openPaths) === true;
  return {
    SecurityOpt: options?.filter((option) => option !== openPaths),
    ...(opened && { MaskedPaths: [], ReadonlyPaths: [] }),
  };
}

/**
 * The action with what the seccomp profiles say that it names as files: the engine takes no files. Throws `missing-file`
 * for one that cannot be read, `invalid-value` for one that is no JSON.
 */
export async function withProfiles(action: CreateContainer): Promise<CreateContainer> {
  const { security_opt: options } = action.service;
  if (options === undefined) return action;
  const read = options.map(async (option, index) => {
    const file = fileOf(option);
    return file === undefined ? option : `seccomp=${await readProfile(file, action, index)}`;
  });
  return { ...action, service: { ...action.service, security_opt: await Promise.all(read) } };
}

function fileOf(option: string): string | undefined {
  const file = /^seccomp[=:](.+)$/s.exec(option)?.[1];
  const isWord = file === 'unconfined' || file === 'builtin' || file?.trimStart().startsWith('{') === true;
  return isWord ? undefined : file;
}

async function readProfile(file: string, { container }: CreateContainer, index: number): Promise<string> {
  const { service } = container;
  const at = { service, path: `services.${service}.security_opt[${index}]` };
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw failure({
      code: 'missing-file',
      ...at,
      message: `the seccomp profile ${file} of ${service} cannot be read`,
      hint: 'create it, or correct the path: it is relative to the project directory',
      cause: error.message,
    });
  });
  try {
    JSON.parse(text);
  } catch (error) {
    throw failure({
      code: 'invalid-value',
      ...at,
      message: `the seccomp profile ${file} of ${service} is no JSON`,
      hint: 'write it as docker run --security-opt takes it',
      cause: String(error),
    });
  }
  return compact(text);
}

/** JSON without the blanks between its words, as Docker Compose sends it. */
function compact(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}
