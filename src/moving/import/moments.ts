/** Nobody was created before computers had a clock of this kind. */
const earliest = 0;
/** What comes later than the clock of this machine by more than a day is a mistake, and ids would sort wrongly for ever. */
const maxLeadMs = 86_400_000;

/**
 * A moment as sources write it: ISO 8601, what PostgreSQL prints, or milliseconds since 1970, as a number or as text; seconds, where
 * that alone is after 1970. Null for what is none.
 */
export function momentOf(value: unknown): Date | null {
  const ms = millisecondsOf(value);
  return ms >= earliest && ms <= Date.now() + maxLeadMs ? new Date(Math.trunc(ms)) : null;
}

function millisecondsOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return Number.NaN;
  if (/^\d{12,14}$/.test(value)) return Number(value);
  // 2024-01-02 03:04:05.123456+00, without a zone UTC
  const [, date, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i.exec(value) ?? [];
  if (date === undefined) return Date.parse(value);
  return Date.parse(`${date}T${time}${zoneOf(zone)}`);
}

function zoneOf(zone: string): string {
  if (/^(?:Z|UTC)$/i.test(zone)) return 'Z';
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
