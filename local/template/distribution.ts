import type { Resource } from '../contract.ts';

type Origins = { Origins?: { OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[] }[] };

/** The headers the distribution adds to what it sends to its origins, such as the origin secret; names in lower case. */
export function originHeadersOf(resources: readonly Resource[]): Record<string, string> {
  const headers = resources
    .filter(({ type }) => type === 'AWS::CloudFront::Distribution')
    .flatMap(({ props }) => (props['DistributionConfig'] as Origins | undefined)?.Origins ?? [])
    .flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders);
  return Object.fromEntries(
    headers.flatMap(({ HeaderName, HeaderValue }) =>
      typeof HeaderValue === 'string' ? [[HeaderName.toLowerCase(), HeaderValue]] : [],
    ),
  );
}

type PageHeaders = {
  SecurityHeadersConfig?: {
    ContentSecurityPolicy?: { ContentSecurityPolicy: string };
    FrameOptions?: { FrameOption: string };
    ReferrerPolicy?: { ReferrerPolicy: string };
  };
};

/**
 * The security headers the distribution adds to the console's pages, so that what they forbid fails here too. Uploads go
 * to another port of this machine, where on AWS they go to S3 by HTTPS.
 */
export function pageHeadersOf(resources: readonly Resource[]): Record<string, string> {
  const policy = resources.find(({ type }) => type === 'AWS::CloudFront::ResponseHeadersPolicy');
  const { SecurityHeadersConfig: said = {} } = (policy?.props['ResponseHeadersPolicyConfig'] ?? {}) as PageHeaders;
  const content = said.ContentSecurityPolicy?.ContentSecurityPolicy;
  return {
    ...(content !== undefined && {
      'content-security-policy': content.replace(/(connect-src [^;]*)/, '$1 http://127.0.0.1:*'),
    }),
    ...(said.FrameOptions && { 'x-frame-options': said.FrameOptions.FrameOption }),
    ...(said.ReferrerPolicy && { 'referrer-policy': said.ReferrerPolicy.ReferrerPolicy }),
  };
}
