import type { PrepareModel } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { findPlugin, type Variables } from './find.ts';
import { runProgram } from './program.ts';

/**
 * Has a model ready by the plugin `docker-model` of the docker CLI: pulled if it is missing, and configured. Tells where it
 * is served. Throws `missing-program` without the plugin, `provider-failed` if that fails.
 */
export async function prepareModel(
  { key, model }: PrepareModel,
  context: PerformContext,
  env: Variables,
): Promise<void> {
  const { signal, progress } = context;
  const path = `models.${key}`;
  const program = await findPlugin('model', env);
  if (program === undefined) {
    throw failure({
      code: 'missing-program',
      path,
      message: "'models' support requires Docker Model plugin",
      hint: 'install the plugin docker-model of the docker CLI, or enable Docker Model Runner in Docker Desktop',
    });
  }
  const ask = async (words: readonly string[]): Promise<string> => {
    const hear = (line: string): void => progress({ text: line });
    const told = words.includes('--json') ? {} : { hear };
    const { code, stdout, complaint } = await runProgram({ program, words, env, signal, ...told });
    if (code === 0) return stdout;
    throw failure({
      code: 'provider-failed',
      path,
      message: `docker model ${words[0]} ended with ${code ?? 'a signal'} for the model \`${key}\``,
      hint: `see what \`docker model ${words.join(' ')}\` says`,
      cause: [stdout, ...complaint].filter((text) => text !== '').join('\n'),
    });
  };
  if (!isAmong(await ask(['ls', '--json']), model.model)) await ask(['pull', model.model]);
  const size = model.context_size ? ['--context-size', String(model.context_size)] : [];
  const flags = model.runtime_flags?.length ? ['--', ...model.runtime_flags] : [];
  await ask(['configure', ...size, model.model, ...flags]);
  context.found?.({ kind: 'endpoint', model: key, url: endpointIn(await ask(['status', '--json']), path) });
}

function isAmong(listed: string, model: string): boolean {
  const models: unknown = parse(listed);
  const all = Array.isArray(models) ? models.flatMap(({ tags }: { tags?: string[] }) => tags ?? []) : [];
  return all.includes(model) || all.includes(`${model}:latest`);
}

function endpointIn(status: string, path: string): string {
  const said = parse(status) as { readonly endpoint?: unknown } | undefined;
  if (typeof said?.endpoint === 'string') return said.endpoint;
  throw failure({
    code: 'provider-failed',
    path,
    message: 'docker model status does not tell where models are served',
    hint: 'see whether the model runner runs: docker model status',
    cause: status,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
