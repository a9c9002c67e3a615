import type { Resource } from '../contract.ts';

type Config = { Origins?: { OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[] }[] };

/** The headers the distribution adds to what it sends to its origins, such as the origin secret; names in lower case. */
export function originHeadersOf(resources: readonly Resource[]): Record<string, string> {
  const headers = resources
    .filter(({ type }) => type === 'AWS::CloudFront::Distribution')
    .flatMap(({ props }) => (props['DistributionConfig'] as Config | undefined)?.Origins ?? [])
    .flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders);
  return Object.fromEntries(
    headers.flatMap(({ HeaderName, HeaderValue }) =>
      typeof HeaderValue === 'string' ? [[HeaderName.toLowerCase(), HeaderValue]] : [],
    ),
  );
}
