import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Host } from '../model/remedy.ts';

/** The programs by which machines are mended. */
const asked = ['apt-get', 'dnf', 'pacman', 'apk', 'brew', 'colima', 'docker', 'dockerd', 'sudo', 'orb'];

/** Looks at this machine. `searched`: the folders of PATH; `uid`: the number of the user, where users have some. */
export async function surveyHost(searched: string, uid: number | undefined): Promise<Host> {
  const [release, version, first, isOpenrc, found] = await Promise.all([
    textOf('/etc/os-release'),
    textOf('/proc/version'),
    textOf('/proc/1/comm'),
    isThere('/run/openrc/softlevel'),
    Promise.all(asked.map(async (name) => ((await isInstalled(name, searched)) ? [name] : []))),
  ]);
  const platform = os.platform();
  return {
    platform: platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other',
    distributions: distributionsIn(release),
    isWsl: /microsoft/i.test(version),
    isRoot: uid === 0,
    user: userName() ?? String(uid),
    init: initOf(first.trim(), isOpenrc),
    programs: new Set(found.flat()),
  };
}

/** In containers the number of the user often has no name. */
function userName(): string | undefined {
  try {
    return os.userInfo().username;
  } catch {
    return undefined;
  }
}

/** The names in the file by which distributions introduce themselves. */
export function distributionsIn(release: string): readonly string[] {
  const valueBehind = (key: string): string =>
    new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(release)?.[1] ?? '';
  return `${valueBehind('ID')} ${valueBehind('ID_LIKE')}`.split(/\s+/).filter((name) => name !== '');
}

function initOf(first: string, isOpenrc: boolean): Host['init'] {
  if (first === 'systemd') return 'systemd';
  if (isOpenrc) return 'openrc';
  return first === 'init' ? 'sysv' : 'none';
}

/** System folders are searched too: what only root uses may not be in the PATH of others. */
async function isInstalled(name: string, searched: string): Promise<boolean> {
  const folders = new Set([...searched.split(path.delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']);
  const found = await Promise.all(
    [...folders]
      .filter((folder) => folder !== '')
      .map((folder) => isThere(path.join(folder, name), constants.X_OK)),
  );
  return found.includes(true);
}

function isThere(file: string, mode: number = constants.F_OK): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
