import type { CreateContainer } from '../model/plan.ts';
import type { Mount } from '../model/stack.ts';
import { withoutEmpty } from './body.ts';

/**
 * The mounts of a container in the engine's two forms. Docker Compose sends binds that may create their host folder, and
 * named volumes without options of their own, as text, and everything else as objects; doing the same gives the same
 * container.
 */
export function mountsOf(action: CreateContainer): {
  readonly Binds: readonly string[];
  readonly Mounts: readonly object[];
} {
  const mounts = action.service.volumes ?? [];
  return {
    Binds: mounts.filter(isShort).map((mount) => bindOf(mount, action)),
    Mounts: [
      ...mounts.flatMap((mount) => mountOf(mount, action)),
      ...inheritedMounts(action),
      ...action.files.map(({ source, target }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: true,
      })),
    ],
  };
}

function isShort(mount: Mount): boolean {
  if (mount.type === 'bind') return mount.bind === undefined || mount.bind.create_host_path === true;
  if (mount.type !== 'volume' || mount.source === undefined) return false;
  return mount.volume?.subpath === undefined && mount.volume?.labels === undefined;
}

function bindOf(mount: Mount, action: CreateContainer): string {
  const options = [mount.read_only === true ? 'ro' : 'rw'];
  if (mount.bind?.selinux !== undefined) options.push(mount.bind.selinux);
  if (mount.type === 'bind' && mount.bind?.propagation !== undefined) options.push(mount.bind.propagation);
  if (mount.type === 'volume' && mount.volume?.nocopy === true) options.push('nocopy');
  return `${sourceOf(mount, action)}:${mount.target}:${options.join(',')}`;
}

function sourceOf(mount: Mount, { volumes }: CreateContainer): string | undefined {
  if (mount.type === 'tmpfs') return undefined;
  const { type, source } = mount;
  return type === 'volume' && source !== undefined ? (volumes[source] ?? source) : source;
}

function mountOf(mount: Mount, action: CreateContainer): readonly object[] {
  if (isShort(mount)) return [];
  const handedOver = mount.type === 'volume' && action.inheritedVolumes[mount.target] !== undefined;
  if (handedOver) return [];
  return [
    withoutEmpty({
      Type: mount.type,
      Source: sourceOf(mount, action),
      Target: mount.target,
      ReadOnly: mount.read_only,
      Consistency: mount.consistency,
      ...optionsOf(mount),
    }),
  ];
}

function optionsOf(mount: Mount): Record<string, unknown> {
  switch (mount.type) {
    case 'bind':
      return { BindOptions: withoutEmpty({ Propagation: mount.bind?.propagation, ...recursionOf(mount) }) };
    case 'volume': {
      const { labels, nocopy, subpath } = mount.volume ?? {};
      return { VolumeOptions: withoutEmpty({ Labels: labels, NoCopy: nocopy, Subpath: subpath }) };
    }
    case 'tmpfs':
      return { TmpfsOptions: withoutEmpty({ SizeBytes: mount.tmpfs?.size, Mode: mount.tmpfs?.mode }) };
    case 'image':
      return { ImageOptions: withoutEmpty({ Subpath: mount.image?.subpath }) };
    default:
      return {};
  }
}

function recursionOf({ bind }: Mount): Record<string, unknown> {
  switch (bind?.recursive) {
    case 'disabled':
      return { NonRecursive: true };
    case 'writable':
      return { ReadOnlyNonRecursive: true };
    case 'readonly':
      return { ReadOnlyForceRecursive: true };
    default:
      return {};
  }
}

/** Those the image asks for are in no file and can be written to. */
function inheritedMounts({ inheritedVolumes, service }: CreateContainer): readonly object[] {
  return Object.entries(inheritedVolumes).map(([target, name]) => {
    const written = service.volumes?.find((mount) => mount.target === target);
    return withoutEmpty({ Type: 'volume', Source: name, Target: target, ReadOnly: written?.read_only });
  });
}
