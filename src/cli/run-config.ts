import { config } from '../commands/config.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { tellPeople } from './tell.ts';

interface Options {
  readonly format: 'yaml' | 'json';
  readonly quiet?: true;
}

export async function runConfig(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  const { text, warnings } = await config({ load: loadRequest(services, globals), format: options.format });
  tellPeople(warnings, globals);
  if (options.quiet !== true) process.stdout.write(text);
  return succeeded;
}
