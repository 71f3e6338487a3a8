import type { ServiceView, Usage, View } from '../../report/view.ts';
import { formatBytes } from '../../report/words.ts';

/** What the running containers of a service use together; nothing before they were measured. */
export function usageOf({ replicas }: ServiceView): Usage | undefined {
  const used = replicas.flatMap(({ usage }) => (usage === undefined ? [] : [usage]));
  return used.length < 2 ? used[0] : used.reduce(add);
}

/** What all containers use together. */
export function usageOfAll({ services }: View): Usage | undefined {
  const used = services.flatMap((service) => usageOf(service) ?? []);
  return used.length === 0 ? undefined : used.reduce(add);
}

export function formatPercent(percent: number): string {
  return `${percent >= 0.05 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)}%`;
}

/** `38 MB of 512 MB`, where it has a limit at all. */
export function formatMemory({ memory, memoryLimit }: Usage): string {
  return memoryLimit > 0 ? `${formatBytes(memory)} of ${formatBytes(memoryLimit)}` : formatBytes(memory);
}

/** Whether its memory will soon be at an end. */
export function isShort({ memory, memoryLimit }: Usage): boolean {
  return memoryLimit > 0 && memory > memoryLimit * 0.9;
}

function add(one: Usage, other: Usage): Usage {
  return {
    cpuPercent: one.cpuPercent + other.cpuPercent,
    memory: one.memory + other.memory,
    memoryLimit: one.memoryLimit + other.memoryLimit,
    cpuHistory: addHistories(one.cpuHistory, other.cpuHistory),
    memoryHistory: addHistories(one.memoryHistory, other.memoryHistory),
  };
}

/** Their latest values were measured at the same time. */
function addHistories(one: readonly number[], other: readonly number[]): readonly number[] {
  const [long, short] = one.length >= other.length ? [one, other] : [other, one];
  const offset = long.length - short.length;
  return long.map((value, index) => value + (short[index - offset] ?? 0));
}
