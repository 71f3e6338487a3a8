/** What a machine can lack: each is how a shell starts a program, `"$@"`, so that it lacks that. */
const shells = {
  /** The disk with all that the program keeps is full. */
  'no space': inFolder('dd if=/dev/zero of="$XDG_STATE_HOME/full" bs=4096 2>/dev/null'),
  'read-only': inFolder('mount -o remount,ro "$XDG_STATE_HOME"'),
  'few files': 'ulimit -n 40; exec "$@"',
} as const;

export type Lack = keyof typeof shells;

export const lacks = Object.keys(shells) as readonly Lack[];

/** Whether this machine lets it be tried: only root on Linux may mount. */
export function canLack(lack: Lack): boolean {
  return lack === 'few files'
    ? process.platform !== 'win32'
    : process.platform === 'linux' && process.getuid?.() === 0;
}

/** The words that start a program so, for a shell. */
export function lacking(lack: Lack, program: readonly string[]): readonly string[] {
  return ['-c', shells[lack], 'sh', ...program];
}

/** A small file system for this program alone in the place of the folder that all its folders are in. */
function inFolder(prepare: string): string {
  const inner = `mount -t tmpfs -o size=64k none "$XDG_STATE_HOME" && mkdir -m 700 "$TMPDIR" "$XDG_RUNTIME_DIR" && { ${prepare}; exec "$@"; }`;
  return `exec unshare -m sh -c '${inner}' sh "$@"`;
}
