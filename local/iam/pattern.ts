const cache = new Map<string, RegExp>();

/** An IAM pattern (`*` any text, `?` one character) as a regular expression over the whole value; compiled once. */
export function wildcard(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`;
  let compiled = cache.get(key);
  if (!compiled) {
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^]*')
      .replaceAll('?', '[^]');
    compiled = new RegExp(`^${source}$`, flags);
    cache.set(key, compiled);
  }
  return compiled;
}
