/** One pattern is several times as fast as several: whole trees are asked about. */
const noise = new RegExp(
  [
    /^\.git$/,
    /^\.idea$/,
    // Backups, swap files and probes of vim, Emacs, Kate, gedit and JetBrains' editors, and of Go's tools.
    /~$/,
    /^\..*\.sw.$/,
    /^4913$/,
    /^\.#/,
    /^#.*#$/,
    /\.kate-swp$/,
    /^\.goutputstream-/,
    /___jb_(tmp|old)___$/,
    /-go-tmp-umask$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** True for what editors and tools leave beside the files they work on, below the folder or in it. */
export function isNoise(folder: string, file: string): boolean {
  const below = file.startsWith(folder) ? file.slice(folder.length) : file;
  return below.split(/[\\/]/).some(isNoiseName);
}

/** The same of the last part of a path alone. */
export function isNoiseName(name: string): boolean {
  return noise.test(name);
}
