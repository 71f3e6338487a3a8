import type { Style } from './paint.ts';

/** What has ended and took so long: `40ms`, `0.4s`, `12.3s`, `2m 05s`, `1h 02m`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.max(0, Math.round(milliseconds))}ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)}s`;
  return formatLong(Math.round(milliseconds / 1000));
}

/** What still goes on: whole seconds, because it is told once a second. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return seconds < 60 ? `${seconds}s` : formatLong(seconds);
}

function formatLong(seconds: number): string {
  const pad = (part: number): string => String(part).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${pad(Math.floor((seconds % 3600) / 60))}m`;
}

/** `512 B`, `1.5 MB`: powers of a thousand, as registries and Docker tell them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = Math.max(0, bytes);
  let unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 99.95 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/** `1 image`, `4 images`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `19,950`. To load what Node knows of languages for it takes longer than most commands run. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Local time of day: `12:04:11`. */
export function formatTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Local date: `2026-11-21`. */
export function formatDay(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}

/** Without those that cannot be read on white. */
const serviceStyles: readonly Style[] = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'brightMagenta',
  'brightBlue',
];

/** The colour of the service at this place of the file. Red is left to what went wrong. */
export function serviceStyle(index: number): Style {
  return serviceStyles[Math.max(0, index) % serviceStyles.length] ?? 'cyan';
}

/** Exit codes that shells and kernels give a meaning to. */
const exitMeanings: Readonly<Record<number, string>> = {
  125: 'the engine could not start it',
  126: 'the command cannot be executed',
  127: 'command not found',
  130: 'interrupted',
  132: 'illegal instruction, SIGILL',
  134: 'aborted, SIGABRT',
  135: 'bus error, SIGBUS',
  136: 'arithmetic error, SIGFPE',
  137: 'killed, SIGKILL',
  139: 'segmentation fault, SIGSEGV',
  143: 'terminated, SIGTERM',
};

/** Why a program ended: `exit 1`, `exit 127: command not found`, `out of memory`. */
export function describeExit(exitCode: number | undefined, outOfMemory = false): string {
  if (outOfMemory) return 'out of memory';
  if (exitCode === undefined) return 'ended';
  const meaning = exitMeanings[exitCode];
  return meaning === undefined ? `exit ${exitCode}` : `exit ${exitCode}: ${meaning}`;
}
