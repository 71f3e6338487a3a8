import { readFileSync } from 'node:fs';

/** What a process has used. */
export interface Use {
  /** Seconds of one core since it began. */
  readonly cpu: number;
  /** Bytes of memory now. */
  readonly memory: number;
}

/** The kernel tells of processor time in hundredths of a second, and of memory in pages. */
const ticks = 100;
const page = 4096;

/** Asks the kernel; undefined once the process is gone. Linux only. */
export function readUse(pid: number): Use | undefined {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) /);
    const words = fields.split(' ');
    const [, resident = ''] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return { cpu: (Number(words[11]) + Number(words[12])) / ticks, memory: Number(resident) * page };
  } catch {
    return undefined;
  }
}

/** The program that a shell is waiting for. */
export function childOf(pid: number): number | undefined {
  const [first = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return first === '' ? undefined : Number(first);
}

export interface Stretch {
  readonly name: string;
  readonly seconds: number;
  /** Of the program, in percent of one core. */
  readonly cpu: number;
  /** Bytes, at its end. */
  readonly memory: number;
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Each is a frame, or what had come of it when the terminal read it. */
  readonly writesPerSecond: number;
}

/** The table of what was measured. */
export function tableOf(stretches: readonly Stretch[]): string {
  const rows = stretches.map((one) => [
    one.name,
    one.seconds.toFixed(0),
    one.linesPerSecond.toFixed(0),
    `${one.cpu.toFixed(1)} %`,
    megabytes(one.memory),
    `${(one.bytesPerSecond / 1024).toFixed(1)} KB`,
    one.writesPerSecond.toFixed(1),
  ]);
  const head = ['', 'seconds', 'lines/s', 'CPU', 'memory', 'written/s', 'writes/s'];
  return [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

/** Memory minute by minute, and how much of it came after the first five, when all that is kept has been filled. */
export function growthOf(minutes: readonly number[]): string {
  const told = minutes
    .map((memory, index) => ({ memory, minute: index + 1 }))
    .filter(({ minute }) => minute === 1 || minute % 5 === 0 || minute === minutes.length)
    .map(({ memory, minute }) => `minute ${minute}: ${megabytes(memory)}`);
  const settled = minutes.slice(4);
  const [first] = settled;
  const last = settled.at(-1);
  const growth =
    first === undefined || last === undefined || settled.length < 2
      ? []
      : [`${megabytes(last - first)} in the ${settled.length - 1} minutes after the fifth`];
  return `${[...told, ...growth].join(', ')}\n`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
