import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';

const sshd = ['/usr/sbin/sshd', '/usr/bin/sshd'].find((file) => existsSync(file));
const docker = spawnSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).stdout.trim();

/** Why no ssh server can be started here; empty: one can. */
export const sshIsMissing =
  sshd === undefined
    ? 'there is no sshd here'
    : docker === ''
      ? 'there is no docker CLI here'
      : spawnSync('ssh', ['-V']).status === 0
        ? ''
        : 'there is no ssh here';

export interface SshServer {
  /** What a program needs for its `ssh` to know the server by the names below, and to leave nothing elsewhere. */
  readonly environment: Readonly<Record<string, string>>;
  /** How often someone has logged in. */
  logins(): number;
  close(): Promise<void>;
}

/**
 * An ssh server on a port of its own that lets in this user, behind which is the engine. It is known as `host`; as
 * `stranger` its key is unknown, and as `locked` it does not let in. It hangs up on who knocks while another one does.
 */
export async function startSshServer(engine: string): Promise<SshServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const at = (name: string): string => path.join(folder, name);
  const port = await freePort();
  for (const key of ['host-key', 'user-key', 'other-key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
  const [type, hostKey] = readFileSync(at('host-key.pub'), 'utf8').split(' ');
  writeFileSync(at('known'), `[127.0.0.1]:${port} ${type} ${hostKey}\n`);
  writeFileSync(at('nothing'), '');
  writeFileSync(
    at('sshd_config'),
    `Port ${port}
ListenAddress 127.0.0.1
HostKey ${at('host-key')}
AuthorizedKeysFile ${at('user-key.pub')}
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
MaxStartups 1
SetEnv DOCKER_HOST=${engine} PATH=${path.dirname(docker)}:/usr/bin:/bin
LogLevel VERBOSE
`,
  );
  const common = `HostName 127.0.0.1\nPort ${port}\nIdentitiesOnly yes\nUser ${os.userInfo().username}\n`;
  writeFileSync(
    at('ssh_config'),
    `Host host\n${common}IdentityFile ${at('user-key')}\nUserKnownHostsFile ${at('known')}
Host stranger\n${common}IdentityFile ${at('user-key')}\nUserKnownHostsFile ${at('nothing')}
Host locked\n${common}IdentityFile ${at('other-key')}\nUserKnownHostsFile ${at('known')}
`,
  );
  // ssh looks for its configuration where the system says the user is at home, whatever HOME says.
  const real = spawnSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).stdout.trim();
  mkdirSync(at('bin'));
  writeFileSync(at('bin/ssh'), `#!/bin/sh\nexec ${real} -F ${at('ssh_config')} "$@"\n`);
  chmodSync(at('bin/ssh'), 0o755);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(sshd ?? '', ['-D', '-f', at('sshd_config'), '-E', at('log')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()));
  await listening(port, ended);
  const environment = { PATH: `${at('bin')}:${process.env.PATH}`, XDG_RUNTIME_DIR: folder };
  return {
    environment,
    logins: () => readFileSync(at('log'), 'utf8').match(/^Accepted publickey/gm)?.length ?? 0,
    async close() {
      const shared = at(`stack-ssh-${process.getuid?.()}`);
      for (const name of existsSync(shared) ? readdirSync(shared) : [])
        spawnSync('ssh', ['-S', path.join(shared, name), '-O', 'exit', 'host'], { env: environment });
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(port: number, ended: Promise<void>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => setImmediate(resolve, false));
      socket.on('close', () => resolve(false));
    });
  while (!(await answers())) if (over) throw new Error('sshd has ended');
}
