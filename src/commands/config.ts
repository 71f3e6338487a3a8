import { type LoadRequest, loadStack } from '../load/load.ts';
import { escapeUnseen, printYaml } from '../load/yaml.ts';
import type { Problem } from '../model/problem.ts';
import { canonicalStack } from '../plan/canonical.ts';

export interface ConfigOptions {
  readonly load: LoadRequest;
  readonly format: 'yaml' | 'json';
}

/**
 * The stack in its normal form as text, as Docker Compose prints it: it can be loaded again, so dollar signs are doubled.
 * Needs no engine.
 */
export async function config({
  load,
  format,
}: ConfigOptions): Promise<{ readonly text: string; readonly warnings: readonly Problem[] }> {
  const { stack, warnings } = await loadStack(load);
  const text =
    format === 'json'
      ? `${escapeUnseen(JSON.stringify(canonicalStack(stack), undefined, 2))}\n`
      : printYaml(canonicalStack(stack, { extensions: true }));
  return { text: text.replaceAll('$', '$$$$'), warnings };
}
