import type { ImageDetails } from '../model/details.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { jsonLine } from './json.ts';
import { formatAge } from './moments.ts';
import { formatSize } from './sizes.ts';
import { formatTable, wideLayout } from './table.ts';

/** The image of a container as the list of `images` needs it. */
export interface ImageRow {
  readonly container: Pick<ObservedContainer, 'name' | 'image' | 'imageId'>;
  readonly details: ImageDetails | undefined;
}

const columns = ['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED'];
const none = '<none>';

/** The table of `images`; `now` in milliseconds since 1970. */
export function formatImages(images: readonly ImageRow[], now: number): string {
  const rows = images.map(({ container, details }) => {
    const { repository, tag } = nameOf(container.image);
    const created = details?.lastTagTime;
    return [
      container.name,
      repository || none,
      tag || none,
      details?.platform ?? '',
      shortId(container.imageId),
      details === undefined ? 'N/A' : formatSize(details.size),
      created === undefined ? 'N/A' : `${formatAge((now - Date.parse(created)) / 1000)} ago`,
    ];
  });
  return formatTable([columns, ...rows], wideLayout);
}

/** One array. */
export function formatImagesJson(images: readonly ImageRow[]): string {
  return jsonLine(
    images.map(({ container, details }) => {
      const { repository, tag } = nameOf(container.image);
      return {
        ID: container.imageId,
        ContainerName: container.name,
        Repository: repository,
        Tag: tag,
        Platform: details?.platform ?? '',
        Size: details?.size ?? 0,
        ...(details?.lastTagTime === undefined ? {} : { LastTagTime: details.lastTagTime }),
      };
    }),
  );
}

/** Each image once, by its whole id. */
export function formatImageIds(images: readonly ImageRow[]): string {
  const ids = images.map(({ container }) => container.imageId.replace(/^sha256:/, ''));
  return [...new Set(ids)].map((id) => `${id}\n`).join('');
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

/** The name as people write it. A container whose image lost its name goes by an id, which is none. */
function nameOf(image: string): { readonly repository: string; readonly tag: string } {
  if (/^(sha256:)?[0-9a-f]{12,64}$/.test(image)) return { repository: '', tag: '' };
  const [name = '', digest] = image.split('@');
  const [, repository = name, tag] = /^(.+):([^:/]+)$/.exec(name) ?? [];
  const familiar = repository.replace(/^(docker\.io|index\.docker\.io)\//, '').replace(/^library\//, '');
  return { repository: familiar, tag: tag ?? (digest === undefined ? 'latest' : '') };
}
