import type { Location } from '../../model/problem.ts';
import { basename } from '../paths.ts';
import type { Report } from '../report.ts';

export interface NameSources {
  /** `-p` on the command line. */
  readonly option: string | undefined;
  /** COMPOSE_PROJECT_NAME. */
  readonly variable: string | undefined;
  /** `name:` of the last file that has one, with its variables replaced. */
  readonly file: { readonly name: string; readonly at: Location } | undefined;
  readonly directory: string;
}

/**
 * The project name by the order of Docker Compose 2.40.3. A name that is given from outside must be valid as it is; one
 * of a file or folder is made valid. Where that is impossible, `invalid-project-name` is told and the name is empty.
 */
export function projectName(sources: NameSources, report: Report): string {
  const given = sources.option || sources.variable || '';
  if (given !== '') {
    if (/^[a-z0-9][a-z0-9_-]*$/.test(given)) return given;
    report({
      code: 'invalid-project-name',
      severity: 'error',
      message: `\`${given}\` cannot be the name of a project`,
      hint: 'use lower case letters, digits, `-` and `_`, and begin with a letter or digit',
    });
    return '';
  }
  const file = sources.file?.name === '' ? undefined : sources.file;
  const written = file?.name ?? basename(sources.directory);
  const name = written
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
  if (name !== '') return name;
  report({
    code: 'invalid-project-name',
    severity: 'error',
    message: `no project name can be made out of \`${written}\``,
    hint: 'give the stack a `name:` of letters and digits, or name it with -p',
    ...(file === undefined ? {} : { location: file.at, path: 'name' }),
  });
  return '';
}
