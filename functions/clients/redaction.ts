/** Words of a name that are too short to tell anybody are left alone. */
const MIN_WORD = 4;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A short name stands inside many words: it is meant only where it stands alone. */
const patternOf = (marker: string): string =>
  marker.length < MIN_WORD ? `(?<![\\p{L}\\p{N}])${escaped(marker)}(?![\\p{L}\\p{N}])` : escaped(marker);

/** Every way somebody may be named in a text: full names and their longer words, addresses, numbers as people write them. */
export function markersOf(names: readonly string[], addresses: readonly string[]): string[] {
  const words = names.flatMap((name) => [
    name,
    ...name.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length >= MIN_WORD),
  ]);
  const numbers = addresses.filter((one) => one.startsWith('+')).flatMap((phone) => [phone.slice(1), phone.slice(2)]);
  return [
    ...new Set([...words, ...addresses, ...numbers].map((one) => one.trim()).filter((one) => one.length > 1)),
  ].sort((a, b) => b.length - a.length);
}

/** A text without what names somebody: each such place is `…`, whatever case it was written in. */
export function redacted(text: string, markers: readonly string[]): string {
  if (markers.length === 0) return text;
  return text.replaceAll(new RegExp(markers.map(patternOf).join('|'), 'giu'), '…');
}

export const names = (text: string, markers: readonly string[]): boolean => redacted(text, markers) !== text;
