import { didYouMean } from '../../model/nearest.ts';
import { type Config, type FileReference, joinPath, type Secret, type Service } from '../../model/stack.ts';
import type { Parts } from '../normal/normalize.ts';
import { type CheckContext, related, tell } from './context.ts';

/** Tells the configs, secrets and models that a service uses and nobody defines. */
export function checkReferences(service: Service, name: string, parts: Parts, context: CheckContext): void {
  const path = joinPath('services', name);
  const check = (section: 'configs' | 'secrets' | 'models', key: string, at: string) => {
    if (Object.hasOwn(parts[section], key) || context.spoiled(section)) return;
    tell(context, at, {
      code: 'undefined-reference',
      message: `the ${section.slice(0, -1)} \`${key}\` is not defined`,
      hint: `add \`${key}\` to the top-level \`${section}\``,
      ...didYouMean(key, Object.keys(parts[section])),
    });
  };
  const checkAll = (section: 'configs' | 'secrets', uses: readonly FileReference[] = [], at: string) => {
    for (const [index, { source }] of uses.entries()) {
      const place = `${at}[${index}]`;
      if (source) check(section, source, place);
      else if (!context.spoiled(place)) {
        tell(context, place, { code: 'invalid-value', message: `\`${place}\` has no \`source\`` });
      }
    }
  };
  checkAll('configs', service.configs, `${path}.configs`);
  checkAll('secrets', service.secrets, `${path}.secrets`);
  checkAll('secrets', service.build?.secrets, `${path}.build.secrets`);
  for (const key of Object.keys(service.models ?? {})) check('models', key, joinPath(`${path}.models`, key));
}

/** Checks that each config and secret comes from one place. */
export function checkSources({ configs, secrets }: Parts, context: CheckContext): void {
  for (const [key, config] of Object.entries(configs)) {
    checkSource(config, joinPath('configs', key), ['file', 'environment', 'content'], context);
  }
  for (const [key, secret] of Object.entries(secrets)) {
    checkSource(secret, joinPath('secrets', key), ['file', 'environment'], context);
  }
}

function checkSource<Part extends Config | Secret>(
  part: Part,
  path: string,
  sources: readonly (keyof Part & string)[],
  context: CheckContext,
): void {
  const [first, second] = sources.filter((source) => part[source] !== undefined);
  if (first !== undefined && second !== undefined) {
    tell(context, `${path}.${second}`, {
      code: 'conflicting-keys',
      message: `\`${path}\` has both \`${first}\` and \`${second}\``,
      hint: 'remove one of them',
      related: [related(context, 'the other one', `${path}.${first}`)],
    });
    return;
  }
  const isFilled = first !== undefined && (part[first] !== '' || first === 'content');
  if (part.external || isFilled || context.spoiled(path)) return;
  const words = sources.map((source) => `\`${source}\``);
  tell(context, path, {
    code: 'invalid-value',
    message: `\`${path}\` has no ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    hint: 'say where its content comes from, or that it is external',
  });
}
