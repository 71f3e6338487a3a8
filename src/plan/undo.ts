import type { BrokenCopy, KeptVolume } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Stack } from '../model/stack.ts';
import { endCopies } from './broken-copies.ts';
import { createStepList } from './steps.ts';

/** Makes removed volumes again as they were, with what they had; `as`: under another name, as nobody's. */
export function planUndo(
  project: Pick<Stack, 'name' | 'directory'>,
  kept: readonly KeptVolume[],
  broken: readonly BrokenCopy[],
  as: string | undefined,
): Plan {
  const list = createStepList();
  const names = kept.map(({ name }) => as ?? name);
  const tried = broken.filter(({ to }) => names.includes(to));
  const { ended } = endCopies(list, { volumes: [], brokenCopies: tried }, project.name, names);
  for (const volume of kept) {
    const name = as ?? volume.name;
    const options = Object.entries(volume.options);
    const create = list.add(
      {
        kind: 'create-volume',
        key: name,
        volume: { name, ...(options.length > 0 && { driver_opts: volume.options }) },
        labels: as === undefined ? volume.labels : withoutProject(volume.labels),
      },
      'it was removed',
      'volumes',
      [ended.get(name)],
    );
    const clone = list.add(
      { kind: 'clone-volume', key: name, volume: name, from: volume.holder, size: volume.size },
      'what it had was kept',
      'volumes',
      [create],
    );
    const forget = { kind: 'forget-volume', holder: volume.holder, name: volume.name } as const;
    list.add(forget, `volume ${name} has it again`, 'volumes', [clone]);
  }
  return { stack: project, steps: list.steps, warnings: [] };
}

function withoutProject(labels: KeptVolume['labels']): KeptVolume['labels'] {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('com.docker.')));
}
