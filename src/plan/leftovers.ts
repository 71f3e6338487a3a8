import { groupBy } from '../model/groups.ts';
import { label } from '../model/labels.ts';
import {
  type EngineContents,
  isAlive,
  type ObservedContainer,
  type WeighedVolume,
} from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { refOf } from './existing.ts';
import { createStepList } from './steps.ts';
import { discard, type Keeping, tidy } from './trash.ts';

export interface LeftoverOptions {
  readonly directory: string;
  /** Whose leftovers; absent: those of all projects. */
  readonly project?: string | undefined;
  /** Projects whose folders are not there any more. */
  readonly gone: ReadonlySet<string>;
  /** How many unnamed images of a service stay as long as its project has containers. */
  readonly kept: (service: string) => number;
  /**
   * Volumes that the stack has: they wait for it, whether it runs or not. Absent: its file is not known, and all volumes of
   * a project that has containers may be meant for more of them.
   */
  readonly declared?: ReadonlySet<string> | undefined;
  /** Also volumes, with their data. */
  readonly volumes: boolean;
  /** What is kept of those. */
  readonly keeping: Keeping;
  /** Also all that is kept of removed volumes. */
  readonly trash: boolean;
}

export interface Leftovers {
  readonly plan: Plan;
  /** Those that something is removed of. */
  readonly projects: readonly string[];
  /** Volumes that nothing mounts and that stay. */
  readonly volumes: readonly WeighedVolume[];
}

/**
 * Removes what projects have left on the engine: containers that have ended, of folders that are gone; networks of
 * projects without containers; images without a name. Nothing that runs, is used by what stays, or has no label of a
 * project.
 */
export function planLeftovers(contents: EngineContents, options: LeftoverOptions): Leftovers {
  const list = createStepList();
  const isMeant = ({ labels }: Labelled): boolean =>
    labels[label.project] !== undefined &&
    (options.project ?? labels[label.project]) === labels[label.project];
  const meant = (container: ObservedContainer): string | undefined =>
    isMeant(container) ? reasonToGo(container, options.gone) : undefined;
  const leaving = contents.containers.filter((container) => meant(container) !== undefined);
  const staying = contents.containers.filter((container) => !leaving.includes(container));
  const inhabited = new Set(staying.map(projectOf));
  const removed = leaving.map((container) =>
    list.add(
      { kind: 'remove-container', container: refOf(container), id: container.id, volumes: false },
      meant(container) ?? '',
      `services.${container.service}`,
    ),
  );
  const isDeserted = (thing: Labelled): boolean => isMeant(thing) && !inhabited.has(projectOf(thing));
  const networks = contents.networks.filter(
    (network) =>
      isDeserted(network) &&
      !staying.some((container) =>
        container.networks.some(({ name, id }) => name === network.name || id === network.id),
      ),
  );
  for (const { name, id } of networks)
    list.add(
      { kind: 'remove-network', name, id, ifUsed: 'keep' },
      'no container uses it',
      'networks',
      removed,
    );
  const images = unnamedImages(contents, staying, inhabited, options).filter(isMeant);
  for (const { id } of images)
    list.add({ kind: 'remove-image', image: id }, 'a newer one took its name', 'services', removed);
  const mounted = new Set(staying.flatMap(({ mounts }) => mounts.map(({ name }) => name)));
  const volumes = contents.volumes.filter(
    (volume) =>
      !mounted.has(volume.name) &&
      (options.declared === undefined
        ? isDeserted(volume)
        : isMeant(volume) && !options.declared.has(volume.name)),
  );
  const lost = options.volumes ? volumes : [];
  const because = 'no container mounts it';
  const going = lost.map((volume) => ({
    name: volume.name,
    path: 'volumes',
    project: projectOf(volume),
    because,
    quiet: removed,
    free: removed,
  }));
  if (options.trash) {
    for (const { holder, name, project } of contents.trash.kept) {
      if ((options.project ?? project) !== project) continue;
      list.add({ kind: 'forget-volume', holder, name }, 'it was asked for', 'volumes');
    }
  }
  discard(list, going, options.keeping);
  tidy(list, options.keeping, options.keeping.rules.size);
  const things: readonly Labelled[] = [...leaving, ...networks, ...images, ...lost];
  const forgotten = new Set(
    list.steps.flatMap(({ action }) => (action.kind === 'forget-volume' ? [action.holder] : [])),
  );
  const { kept, unfinished } = contents.trash;
  const theirs = [...kept, ...unfinished].filter(({ holder }) => forgotten.has(holder));
  return {
    plan: {
      stack: { name: options.project ?? '', directory: options.directory },
      steps: list.steps,
      warnings: [],
    },
    projects: [...new Set([...things.map(projectOf), ...theirs.map(({ project }) => project)])].sort(),
    volumes: options.volumes ? [] : volumes,
  };
}

type Labelled = Pick<ObservedContainer, 'labels'>;

function projectOf({ labels }: Labelled): string {
  return labels[label.project] ?? '';
}

function reasonToGo(container: ObservedContainer, gone: ReadonlySet<string>): string | undefined {
  if (isAlive(container) || container.state === 'removing') return undefined;
  if (container.state === 'dead') return 'the engine could not remove it';
  return gone.has(projectOf(container)) ? 'the folder of its stack is gone' : undefined;
}

/** Those of a project that has containers may be gone back to. */
function unnamedImages(
  { unnamedImages: images }: EngineContents,
  staying: readonly ObservedContainer[],
  inhabited: ReadonlySet<string>,
  { kept }: LeftoverOptions,
): EngineContents['unnamedImages'] {
  const used = new Set(staying.map(({ imageId }) => imageId));
  const groups = groupBy(images, (image) => `${projectOf(image)}\0${image.labels[label.service] ?? ''}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const count = inhabited.has(projectOf(first)) ? kept(first.labels[label.service] ?? '') : 0;
    const newest = group.toSorted((a, b) => b.created - a.created);
    return newest.slice(count).filter(({ id }) => !used.has(id));
  });
}
