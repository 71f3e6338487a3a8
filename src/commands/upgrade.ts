import { readText } from '../load/files.ts';
import type { LoadRequest } from '../load/load.ts';
import { findFiles } from '../load/project/find.ts';
import { Problems } from '../load/report.ts';
import { upgradeFile } from '../load/upgrade.ts';
import { processVariables } from '../load/variables/variables.ts';
import { parseYaml } from '../load/yaml/parse.ts';
import { failure, type Problem, ProblemsError } from '../model/problem.ts';

/** An old stack file as one of today, and what has to be looked at. Works on the text of one file, not on a stack. */
export async function upgrade(
  request: LoadRequest,
): Promise<{ readonly text: string; readonly warnings: readonly Problem[] }> {
  const { paths } = findFiles({ ...request, variables: processVariables(request.environment) });
  const [path = ''] = paths;
  if (paths.length > 1) {
    throw failure({
      code: 'invalid-option',
      message: '`--upgrade` works on one file at a time',
      hint: `name it with -f: stack -f ${path} config --upgrade`,
    });
  }
  const text = await textOf(path, request);
  if (text.trim() === '') {
    throw failure({
      code: 'invalid-value',
      message: 'the stack file is empty',
      location: { file: path, line: 1, column: 1 },
      hint: 'with `> FILE` the shell empties FILE before it can be read: write `-o FILE` instead',
    });
  }
  const problems = new Problems();
  const texts = new Map([[path, text]]);
  if (parseYaml(text, path, problems.report) === undefined || problems.failed) {
    throw new ProblemsError(problems.sorted(texts));
  }
  const upgraded = upgradeFile(text, path);
  for (const warning of upgraded.warnings) problems.report(warning);
  return { text: upgraded.text, warnings: problems.sorted(texts) };
}

async function textOf(path: string, { readStdin }: LoadRequest): Promise<string> {
  if (path === '-') return (await readStdin?.()) ?? '';
  const file = await readText(path);
  if (file.kind === 'text') return file.text;
  const missing = file.kind === 'missing';
  throw failure({
    code: missing ? 'no-stack-file' : 'unreadable-file',
    message: `the stack file ${path} ${missing ? 'does not exist' : 'cannot be read'}`,
    ...(file.kind === 'unreadable' ? { cause: file.cause } : {}),
  });
}
