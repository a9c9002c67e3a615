type Sign = string | { any: RegExp };

/** The variables of a published ARN: only names of objects and paths hold slashes. */
const published = (arn: string): Sign[] =>
  (arn.match(/\$\{[^}]+\}|./g) ?? []).map((part) =>
    part.length > 1 ? { any: /Object|Path/.test(part) ? /./ : /[^/:]/ } : part,
  );
const asked = (arn: string): Sign[] => arn.split('').map((sign) => (sign === '*' ? { any: /./ } : sign));

/** Whether some ARN fits both a resource of a policy, with its wildcards, and a published pattern like `arn:${Partition}:s3:::${BucketName}`. */
export function meets(resource: string, pattern: string): boolean {
  const [a, b] = [asked(resource), published(pattern)];
  const known = new Map<number, boolean>();
  const from = (at: number, to: number): boolean => {
    const place = at * (b.length + 1) + to;
    const found = known.get(place) ?? step(at, to);
    known.set(place, found);
    return found;
  };
  const step = (at: number, to: number): boolean => {
    const [one, other] = [a[at], b[to]];
    if (one === undefined && other === undefined) return true;
    if (typeof one === 'object') return from(at + 1, to) || (other !== undefined && from(at, to + 1));
    if (typeof other === 'object')
      return from(at, to + 1) || (one !== undefined && other.any.test(one) && from(at + 1, to));
    return one !== undefined && one === other && from(at + 1, to + 1);
  };
  return from(0, 0);
}
