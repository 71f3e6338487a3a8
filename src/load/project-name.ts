import { failure } from '../model/problem.ts';
import { basename } from './paths.ts';

export interface NameSources {
  /** `-p` on the command line. */
  readonly option: string | undefined;
  /** COMPOSE_PROJECT_NAME. */
  readonly variable: string | undefined;
  /** `name:` of the last file that has one, with its variables replaced. */
  readonly file: string | undefined;
  readonly directory: string;
}

/**
 * The project name by the order of Docker Compose 2.40.3. A name that is given from outside must be valid as it is; one
 * of a file or folder is made valid. Throws `invalid-project-name`.
 */
export function projectName(sources: NameSources): string {
  const given = sources.option || sources.variable;
  if (given !== undefined && given !== '') {
    if (/^[a-z0-9][a-z0-9_-]*$/.test(given)) return given;
    throw failure({
      code: 'invalid-project-name',
      message: `\`${given}\` cannot be the name of a project`,
      hint: `use lower case letters, digits, \`-\` and \`_\`, and begin with a letter or digit`,
    });
  }
  const written = sources.file || basename(sources.directory);
  const name = written.toLowerCase().replace(/[^a-z0-9_-]/g, '').replace(/^[_-]+/, '');
  if (name !== '') return name;
  throw failure({
    code: 'invalid-project-name',
    message: `no project name can be made out of \`${written}\``,
    hint: 'give the stack a `name:`, or name it with -p',
  });
}
