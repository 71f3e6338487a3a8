import type { EngineEvent } from '../model/details.ts';
import { jsonLine } from './json.ts';
import { formatMicroseconds, formatRfc3339 } from './moments.ts';
import { sanitiseField } from './sanitise.ts';

/** `2026-01-02 15:04:05.000000 container start ID (image=redis, name=shop-db-1)` and an empty line. */
export function formatEngineEvent({ time, action, id, attributes }: EngineEvent): string {
  const told = sortedEntries(attributes).map(([key, value]) => `${key}=${value}`);
  const text = `${formatMicroseconds(time)} container ${action} ${id} (${told.join(', ')})`;
  return `${sanitiseField(text)}\n\n`;
}

/** One line, with the keys of Docker Compose. */
export function formatEngineEventJson({ time, action, id, service, attributes }: EngineEvent): string {
  return jsonLine({
    action,
    attributes: Object.fromEntries(sortedEntries(attributes)),
    id,
    service,
    time: formatRfc3339(time),
    type: 'container',
  });
}

function sortedEntries(attributes: EngineEvent['attributes']): readonly (readonly [string, string])[] {
  return Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
}
