import type { LoadRequest } from '../load.ts';
import { resolve } from '../paths.ts';
import { addDotenv, processVariables, type Reading } from '../variables/variables.ts';
import { namedFolder } from './find.ts';

/** What is said of where a stack is. */
export type Whereabouts = Pick<
  LoadRequest,
  'directory' | 'projectDirectory' | 'files' | 'environment' | 'envFiles'
>;

/** The project directory, if one is named. */
export function namedDirectory({ directory, projectDirectory }: Whereabouts): string | undefined {
  return projectDirectory === undefined ? undefined : resolve(directory, projectDirectory);
}

/** The variables that are known before any stack file is looked for. */
export async function readFirstVariables(
  request: Whereabouts,
  reading: Reading,
): Promise<Map<string, string>> {
  const variables = processVariables(request.environment);
  const folder =
    namedDirectory(request) ?? namedFolder({ ...request, variables: new Map() }) ?? request.directory;
  return addDotenv(variables, folder, request, reading);
}
