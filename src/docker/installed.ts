import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { DockerFacts } from '../model/facts.ts';
import { configFolder, contextNames, readConfig, type Variables } from './contexts.ts';

/** What is installed and configured for the docker CLI, of which parts of the work depend. Never throws. */
export async function surveyDocker(env: Variables): Promise<DockerFacts> {
  const folder = configFolder(env);
  const [contexts, credentialPrograms, ...plugins] = await Promise.all([
    contextNames(env),
    credentialProgramsOf(env),
    ...['compose', 'buildx'].map((name) => findPlugin(name, folder)),
  ]);
  return { folder, contexts, credentialPrograms, plugins: plugins.filter((plugin) => plugin !== undefined) };
}

async function credentialProgramsOf(env: Variables): Promise<DockerFacts['credentialPrograms']> {
  const { credsStore, credHelpers } = (readConfig(env) ?? {}) as {
    credsStore?: unknown;
    credHelpers?: unknown;
  };
  const kept = typeof credHelpers === 'object' && credHelpers !== null ? Object.values(credHelpers) : [];
  const names = [credsStore, ...kept].filter((name) => typeof name === 'string' && name !== '');
  return Promise.all(
    [...new Set(names)].map(async (name) => {
      const program = `docker-credential-${name}`;
      const places = (env.PATH ?? '').split(delimiter).filter((place) => place !== '');
      const found = await Promise.all(
        places.flatMap((place) => ['', '.exe'].map((end) => isProgram(join(place, program + end)))),
      );
      return { name: program, isThere: found.includes(true) };
    }),
  );
}

/** Where the docker CLI looks for plugins, in its order. */
const pluginFolders = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

async function findPlugin(name: string, config: string): Promise<DockerFacts['plugins'][number] | undefined> {
  for (const folder of [join(config, 'cli-plugins'), ...pluginFolders]) {
    const file = join(folder, `docker-${name}`);
    if (await isProgram(file)) return { name, version: await versionOf(file), file };
  }
  return undefined;
}

/** As the plugin tells the docker CLI; empty if it does not in time. */
function versionOf(plugin: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(plugin, ['docker-cli-plugin-metadata'], { timeout: 5000 }, (error, stdout) => {
      if (error !== null) return resolve('');
      try {
        const { Version } = JSON.parse(stdout) as { Version?: unknown };
        resolve(typeof Version === 'string' ? Version : '');
      } catch {
        resolve('');
      }
    });
  });
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
