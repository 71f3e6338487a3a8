/** Times as Docker writes them. */

/** `3 minutes`, `About an hour`, `2 weeks`: how long ago something was. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 1) return 'Less than a second';
  if (whole === 1) return '1 second';
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.floor(whole / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(whole / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.floor(hours / 24);
  if (days < 14) return `${days} days`;
  if (days < 60) return `${Math.floor(days / 7)} weeks`;
  if (days < 730) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(days / 365)} years`;
}

/** `2026-01-02 15:04:05 +0100 CET`; milliseconds since 1970, in the zone of this machine. */
export function formatMoment(milliseconds: number): string {
  const { date, time, offset } = localParts(milliseconds);
  return `${date} ${time} ${offset.replace(':', '')} ${zoneOf(milliseconds)}`;
}

/** `2026-01-02 15:04:05.000000`; microseconds since 1970. */
export function formatMicroseconds(microseconds: number): string {
  const { date, time } = localParts(Math.floor(microseconds / 1000));
  return `${date} ${time}.${fraction(microseconds)}`;
}

/** `2026-01-02T15:04:05.000000+01:00`; microseconds since 1970. */
export function formatRfc3339(microseconds: number): string {
  const { date, time, offset } = localParts(Math.floor(microseconds / 1000));
  return `${date}T${time}.${fraction(microseconds)}${offset === '+00:00' ? 'Z' : offset}`;
}

function localParts(milliseconds: number): { date: string; time: string; offset: string } {
  const minutes = -new Date(milliseconds).getTimezoneOffset();
  const [date = '', time = ''] = new Date(milliseconds + minutes * 60_000).toISOString().split('T');
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const size = Math.abs(minutes);
  return {
    date,
    time: time.slice(0, 8),
    offset: `${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`,
  };
}

function fraction(microseconds: number): string {
  return String(microseconds % 1_000_000).padStart(6, '0');
}

function zoneOf(milliseconds: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(milliseconds);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}
