import type { Problem } from '../../model/problem.ts';
import { dockerfileNames, joinPath, originOf, type Service, type Stack } from '../../model/stack.ts';
import { kindOf } from '../files.ts';
import { resolve, shownFrom } from '../paths.ts';
import { serviceIn } from '../report.ts';

/** What a stack needs on this machine before it can be started but does not find there. */
export function checkDisk(stack: Stack): readonly Problem[] {
  const problems: Problem[] = [];
  const tell: Tell = (path, { code, message, hint }) => {
    const location = originOf(stack, path);
    problems.push({
      code,
      severity: 'error',
      message,
      ...(location && { location }),
      path,
      ...serviceIn(path),
      hint,
    });
  };
  for (const [name, service] of Object.entries(stack.services)) {
    const path = joinPath('services', name);
    checkBuild(service, path, stack, tell);
    checkMounts(service, path, stack, tell);
  }
  for (const section of ['configs', 'secrets'] as const) {
    for (const [key, { file, external }] of Object.entries(stack[section])) {
      if (file === undefined || external) continue;
      const found = kindOf(resolve(stack.directory, file));
      if (found !== 'missing') continue;
      tell(`${joinPath(section, key)}.file`, {
        code: 'missing-file',
        message: `the file ${shownFrom(stack.directory, file)} of the ${section.slice(0, -1)} \`${key}\` does not exist`,
        hint: 'create it, or correct the path',
      });
    }
  }
  return problems;
}

type Tell = (
  path: string,
  problem: { readonly code: Problem['code']; readonly message: string; readonly hint: string },
) => void;

function checkBuild({ build }: Service, path: string, { directory }: Stack, tell: Tell): void {
  if (build === undefined || !isLocal(build.context)) return;
  const shown = shownFrom(directory, build.context);
  const context = kindOf(build.context);
  if (context !== 'folder') {
    tell(`${path}.build.context`, {
      code: 'missing-build-file',
      message:
        context === 'missing'
          ? `the build context ${shown} does not exist`
          : `the build context ${shown} is no folder`,
      hint: 'create the folder, or correct the path',
    });
    return;
  }
  if (build.dockerfile === undefined || build.dockerfile_inline !== undefined || !isLocal(build.dockerfile))
    return;
  const dockerfile = resolve(build.context, build.dockerfile);
  const found = kindOf(dockerfile);
  const [, ...others] = dockerfileNames(build.dockerfile);
  const isOther =
    found === 'missing' && others.some((name) => kindOf(resolve(build.context, name)) === 'file');
  if (found === 'file' || isOther) return;
  tell(`${path}.build.dockerfile`, {
    code: 'missing-build-file',
    message: `the Dockerfile ${shownFrom(directory, dockerfile)} ${found === 'missing' ? 'does not exist' : 'is a folder'}`,
    hint: isDockerfileAt(resolve(directory, build.dockerfile), dockerfile)
      ? 'its path is relative to the build context, not to the stack file'
      : 'create it, or name it with `dockerfile:`',
  });
}

function isDockerfileAt(path: string, other: string): boolean {
  return path !== other && kindOf(path) === 'file';
}

function checkMounts({ volumes = [] }: Service, path: string, { directory }: Stack, tell: Tell): void {
  for (const [index, mount] of volumes.entries()) {
    if (mount.type !== 'bind' || mount.bind?.create_host_path !== false) continue;
    if (kindOf(mount.source) !== 'missing') continue;
    tell(`${path}.volumes[${index}].source`, {
      code: 'bind-source-missing',
      message: `${shownFrom(directory, mount.source)} is to be mounted but does not exist`,
      hint: 'create it, or correct the path',
    });
  }
}

/** What is fetched from elsewhere is not looked for. */
function isLocal(path: string): boolean {
  return !path.includes('://') && !/^(?:service:|github\.com\/|git@)/.test(path);
}
