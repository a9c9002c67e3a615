/** Local time of a zone, as if it were UTC: what the clock on the wall there shows. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError when there is no such zone */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const two = '2-digit';
  const time = { hour: two, minute: two, second: two } as const;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: two,
    day: two,
    ...time,
  });
  formats.set(zone, made);
  return made;
}

export function wallOf(instant: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** The first instant at which the wall shows `wall`; undefined for a time that summer time skips. */
export function instantOf(wall: number, zone: string): number | undefined {
  const day = 86_400_000;
  const offsets = [wall - day, wall + day].map((near) => wallOf(near, zone) - near);
  const found = offsets.map((offset) => wall - offset).filter((instant) => wallOf(instant, zone) === wall);
  return found.length > 0 ? Math.min(...found) : undefined;
}
