import { clean } from './text.ts';

/** What separates folders, means something to a shell or a header, or turns the direction of writing around. */
// oxlint-disable-next-line no-control-regex -- control characters are what is replaced here
const UNSAFE = /[\u0000-\u001F/\\:*?"<>|%\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
const LONGEST = 120;

/** A file name that any system takes as it is; the ending stays when the rest is cut. */
export function safeFileName(name: string): string {
  const plain = clean(name)
    .replace(UNSAFE, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const dot = plain.lastIndexOf('.');
  const ending = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  const stem = plain.slice(0, Math.min(plain.length, LONGEST) - ending.length).replace(/[\uD800-\uDBFF]$/, '');
  return stem === '' ? `file${ending}` : stem + ending;
}

/** The Content-Disposition of a download (RFC 6266): the name in ASCII for old programs, whole in UTF-8 for all others. */
export function downloadAs(name: string): string {
  const safe = safeFileName(name);
  const ascii = safe.replace(/[^\u0020-\u007E]/g, '_');
  // RFC 8187 allows fewer characters than encodeURIComponent leaves.
  const encoded = encodeURIComponent(safe).replace(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
