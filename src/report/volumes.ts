import type { VolumeDetails } from '../model/details.ts';
import { type Formattable, formatItems } from './formatted.ts';

/** The list of `volumes`: `table`, `table TEMPLATE`, `json` or a template, with the fields of Docker. */
export function formatVolumes(volumes: readonly VolumeDetails[], format: string): string {
  return formatItems(format, volumes, formattable);
}

const unknown = 'N/A';

const formattable: Formattable<VolumeDetails> = {
  table: '{{.Driver}}\t{{.Name}}',
  headings: {
    Availability: 'AVAILABILITY',
    Driver: 'DRIVER',
    Group: 'GROUP',
    Labels: 'LABELS',
    Links: 'LINKS',
    Mountpoint: 'MOUNTPOINT',
    Name: 'VOLUME NAME',
    Scope: 'SCOPE',
    Size: 'SIZE',
    Status: 'STATUS',
  },
  fields: ({ name, driver, scope, mountpoint, labels }) => ({
    Availability: unknown,
    Driver: driver,
    Group: unknown,
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(','),
    Links: unknown,
    Mountpoint: mountpoint,
    Name: name,
    Scope: scope,
    Size: unknown,
    Status: unknown,
  }),
  labels: ({ labels }) => labels,
};
