/** Which files of a machine are nobody's to give to a container without a word. All paths are absolute and normal. */

export interface Lookup {
  /** The user's home folder. */
  readonly home: string;
  /** See `DemandOptions.own`. */
  readonly own: readonly string[];
  /** The folder of the stack: what is in it may be used. */
  readonly directory: string;
  readonly readOnly: boolean;
}

/** What who has a path of a machine has by it, in words; undefined: nothing that others would mind. */
export function sensitivityOf(path: string, { home, own, directory, readOnly }: Lookup): string | undefined {
  if (isEngineSocket(path)) return `control over the engine (${path})`;
  if (path === '/') return 'all files of the machine (/)';
  const homes = [home, ...homeOf(path)];
  if (homes.some((one) => isWithin(path, one))) return `the home folder (${path})`;
  // A stack that lies in the home folder itself has no folder of its own.
  const isOwn = isWithin(directory, path) && !homes.some((one) => isWithin(directory, one));
  const secrets = [...own, ...homes.flatMap((one) => privateInHome.map((name) => `${one}/${name}`))];
  if (secrets.some((one) => touches(path, one)) && !isOwn) return `what is private at home (${path})`;
  if (isOwn || harmless.test(path) || (readOnly && harmlessToRead.test(path))) return undefined;
  const folders = readOnly ? systemFolders : [...systemFolders, ...programFolders];
  return folders.some((one) => touches(path, one)) ? `files of the system (${path})` : undefined;
}

/** Whether a path is in a folder, or is the folder. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** Who has a folder has what is in it. */
function touches(path: string, sensitive: string): boolean {
  return isWithin(sensitive, path) || isWithin(path, sensitive);
}

/** Of an engine elsewhere only the usual places of home folders are known. */
function homeOf(path: string): readonly string[] {
  return /^(?:\/root|\/home\/[^/]+|\/Users\/[^/]+)(?=\/|$)/.exec(path)?.slice(0, 1) ?? [];
}

function isEngineSocket(path: string): boolean {
  return /\/(?:docker|podman|containerd|buildkitd|crio|cri-dockerd)(?:\.raw|-cli)?\.sock$/.test(path);
}

/** Credentials, what shells and programs run when they start or are called by, and what engines have there. */
const privateInHome =
  `.ssh .gnupg .aws .azure .docker .kube .netrc .npmrc .pypirc .pgpass .my.cnf .vault-token .git-credentials .gitconfig
.terraform.d .password-store .cargo/credentials .cargo/credentials.toml .config/gcloud .config/gh .config/git .config/op
.config/rclone .config/containers .config/systemd .config/autostart .config/fish .config/google-chrome .config/chromium
.local/share/keyrings .mozilla .thunderbird Library/Keychains .bashrc .bash_profile .bash_login .bash_history .profile
.zshrc .zshenv .zprofile .zsh_history .zlogin .zlogout .bash_aliases .bash_logout .config/zsh .config/environment.d
.nvm .local/bin .cargo/bin go/bin Library/LaunchAgents .local/state/stack .cache/stack .local/share/docker
.local/share/containers .colima .orbstack .rd .lima`.split(/\s+/);

const systemFolders =
  '/etc /proc /sys /dev /boot /run /var/run /var/lib/docker /var/lib/containerd /var/lib/containers /var/lib/kubelet /var/spool/cron /private/etc /private/var/run'.split(
    ' ',
  );

/** Where programs are that others run: to read them is nothing. */
const programFolders = '/usr /bin /sbin /lib /lib32 /lib64 /opt/homebrew /Library /System'.split(' ');

const harmless =
  /^\/(?:etc\/(?:localtime|timezone)|usr\/share\/zoneinfo(?:\/.*)?|dev\/(?:null|zero|full|random|urandom|shm))$/;

/** What every user may read, and every program does. */
const harmlessToRead =
  /^\/(?:etc\/(?:passwd|group|hosts|hostname|machine-id|os-release|resolv\.conf|ssl\/certs(?:\/.*)?|ca-certificates(?:\/.*)?|pki\/ca-trust(?:\/.*)?)|sys\/fs\/cgroup)$/;
