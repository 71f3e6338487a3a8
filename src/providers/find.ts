import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Where the docker CLI looks for its plugins besides the folders of the user. */
const systemFolders = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map((folder) =>
  path.join(folder, 'docker/cli-plugins'),
);

/** The file of a plugin of the docker CLI, `docker-NAME`, where that would look for it. */
export async function findPlugin(name: string, env: Variables): Promise<string | undefined> {
  const configFolder = env.DOCKER_CONFIG || path.join(env.HOME ?? '', '.docker');
  const folders = [
    ...(await extraFolders(configFolder)),
    path.join(configFolder, 'cli-plugins'),
    ...systemFolders,
  ];
  return firstProgram(folders, `docker-${name}`);
}

/** The file of a program that is found on PATH, or that is named by its path. */
export async function findProgram(name: string, env: Variables): Promise<string | undefined> {
  if (name.includes('/')) return firstProgram([''], name);
  return firstProgram((env.PATH ?? '').split(path.delimiter), name);
}

async function extraFolders(configFolder: string): Promise<readonly string[]> {
  try {
    const config: unknown = JSON.parse(await readFile(path.join(configFolder, 'config.json'), 'utf8'));
    const { cliPluginsExtraDirs: folders } = config as { readonly cliPluginsExtraDirs?: unknown };
    return Array.isArray(folders) ? folders.map(String) : [];
  } catch {
    // Without one, or with one that cannot be read, there are no others.
    return [];
  }
}

async function firstProgram(folders: readonly string[], name: string): Promise<string | undefined> {
  const files = [name, `${name}.exe`];
  for (const folder of folders) {
    for (const file of files) {
      const candidate = path.join(folder, file);
      if (await isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
