export const Encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1251', 'ibm866'] as const;
export type Encoding = (typeof Encodings)[number];
export const Delimiters = [';', ',', '\t', '|'] as const;
export type Delimiter = (typeof Delimiters)[number];

/** The encoding of a text file by its content: its mark, else UTF-8 if it can be that, else the one that makes words of it. */
export function encodingOf(bytes: Uint8Array): Encoding {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  const sample = bytes.subarray(0, 64 * 1024);
  const zeros = (odd: number): number => sample.filter((byte, place) => byte === 0 && place % 2 === odd).length;
  if (zeros(1) > sample.length / 8) return 'utf-16le';
  if (zeros(0) > sample.length / 8) return 'utf-16be';
  if (isUtf8(bytes)) return 'utf-8';
  return wordsIn('windows-1251', sample) >= wordsIn('ibm866', sample) ? 'windows-1251' : 'ibm866';
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** In the right one of two Cyrillic encodings most letters are small, and none is drawn of lines. */
function wordsIn(encoding: Encoding, sample: Uint8Array): number {
  const text = textIn(sample, encoding);
  const letters = text.match(/[а-яё]{2,}|\b[А-ЯЁ][а-яё]+/gu)?.join('').length ?? 0;
  const strange = text.match(/[\u2500-\u259FЂЃѓ‰ЉЊЌЋЏђќћџ]/gu)?.length ?? 0;
  return letters - 2 * strange;
}

/** The text of a file without its mark. */
export const textIn = (bytes: Uint8Array, encoding: Encoding): string => new TextDecoder(encoding).decode(bytes);

/** What stands between the cells: the sign that stands equally often in the first lines. */
export function delimiterOf(text: string): Delimiter {
  const lines = text
    .slice(0, 20_000)
    .replaceAll(/"(?:[^"]|"")*"/g, '')
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, 20);
  const scored = Delimiters.map((delimiter) => {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const [first = 0] = counts;
    return { delimiter, score: first === 0 ? 0 : counts.filter((count) => count === first).length * 100 + first };
  });
  const best = scored.toSorted((a, b) => b.score - a.score)[0];
  return best && best.score > 0 ? best.delimiter : ';';
}
