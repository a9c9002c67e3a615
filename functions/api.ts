import * as z from 'zod';
import { doorkeeper } from '#functions/auth/doorkeeper.ts';
import { issuer } from '#functions/auth/issuer.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import type { CustomSchemas } from '#functions/settings/field-schema.ts';
import type { OwnFields } from '#shared/own-fields.ts';
import { serveParts, type Part } from '#shared/http/parts.ts';
import { Reply, route, type Route } from '#shared/http/route.ts';
import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'the API for signed-in users',
  reads: 'everything',
  writes: [
    ...([
      'setting',
      'settingVersion',
      'settingDraft',
      'settingUse',
      'user',
      'team',
      'key',
      'keyUse',
      'identity',
      'person',
      'was',
      'client',
      'member',
      'pair',
      'merge',
      'erasure',
      'consent',
      'product',
      'raw',
      'lead',
      'leadWork',
      'deal',
      'dealWork',
      'activity',
      'touch',
      'due',
      'externalId',
      'webhook',
      'webhookKey',
      'delivery',
    ] as const),
    ...(['approval', 'order', 'letter', 'job', 'secret', 'event', 'join', 'idem', 'view'] as const),
  ],
  // Claims of addresses and numbers that are free again.
  removes: ['identity'],
  uses: ['secret', 'issuer', 'address', 'origin', 'outbound', 'files'],
  timeout: 20,
  memory: 1024,
};

/** Each domain is loaded with the first request for it. */
const parts: readonly Part[] = [
  { tag: 'Leads', under: ['leads'], routes: async () => (await import('#functions/leads/http.ts')).leadRoutes },
  {
    tag: 'Deals',
    under: ['deals', 'leads'],
    routes: async () => (await import('#functions/deals/http.ts')).dealRoutes,
  },
  {
    tag: 'Approvals',
    under: ['approvals', 'records'],
    routes: async () => (await import('#functions/approvals/http.ts')).approvalRoutes,
  },
  {
    tag: 'Orders',
    under: ['orders', 'deals', 'clients'],
    routes: async () => (await import('#functions/orders/http.ts')).orderRoutes,
  },
  {
    tag: 'Clients and people',
    under: ['clients', 'people', 'duplicates', 'consents'],
    routes: async () => (await import('#functions/clients/http.ts')).clientRoutes,
  },
  {
    tag: 'Catalogue',
    under: ['products'],
    routes: async () => (await import('#functions/catalog/http.ts')).productRoutes,
  },
  {
    tag: 'Intake',
    under: ['intake', 'sources'],
    routes: async () => (await import('#functions/marketing/http.ts')).marketingRoutes,
  },
  {
    tag: 'Letters',
    under: ['letters', 'records'],
    routes: async () => (await import('#functions/mail/http.ts')).mailRoutes,
  },
  {
    tag: 'Activities',
    under: ['activities', 'timeline'],
    routes: async () => (await import('#functions/activities/http.ts')).activityRoutes,
  },
  {
    tag: 'Activities',
    under: ['work'],
    routes: async () => (await import('#functions/reports/work-day.ts')).workRoutes,
  },
  { tag: 'Stories', under: ['stories'], routes: async () => (await import('#functions/reports/http.ts')).reportRoutes },
  {
    tag: 'Users and teams',
    under: ['me', 'rights', 'users', 'teams', 'api-keys'],
    routes: async () => (await import('#functions/auth/http.ts')).authRoutes,
  },
  {
    tag: 'Settings',
    under: ['settings'],
    routes: async () => {
      const [{ settingRoutes }, { settingFileRoutes }, { settingKinds }] = await Promise.all([
        import('#functions/settings/http.ts'),
        import('#functions/exchange/setting-file-http.ts'),
        import('#functions/exchange/setting-kinds.ts'),
      ]);
      return [...settingRoutes(settingKinds), ...settingFileRoutes(settingKinds)];
    },
  },
  {
    tag: 'Settings',
    under: ['starter'],
    routes: async () => (await import('#functions/exchange/http.ts')).starterRoutes,
  },
  {
    tag: "A person's data",
    under: ['people', 'erasures'],
    routes: async () => (await import('#functions/exchange/person-data-http.ts')).personDataRoutes,
  },
  {
    tag: 'Merges',
    under: ['merges', 'records'],
    routes: async () => (await import('#functions/exchange/merge-http.ts')).mergeRoutes,
  },
  {
    tag: 'Users and teams',
    under: ['users'],
    routes: async () => (await import('#functions/exchange/hand-over-http.ts')).handOverRoutes,
  },
  { tag: 'Views', under: ['views'], routes: async () => (await import('#functions/reports/view-http.ts')).viewRoutes },
  { tag: 'Jobs', under: ['jobs'], routes: async () => (await import('#functions/exchange/job-http.ts')).jobRoutes },
  {
    tag: 'Imports, exports, bulk actions',
    under: ['imports', 'exports', 'bulk', 'archives'],
    routes: async () => {
      const [{ importRoutes }, { exportRoutes }, { bulkRoutes }, { archiveRoutes }] = await Promise.all([
        import('#functions/exchange/import-http.ts'),
        import('#functions/exchange/export-http.ts'),
        import('#functions/exchange/bulk-http.ts'),
        import('#functions/exchange/archive-http.ts'),
      ]);
      return [...importRoutes, ...exportRoutes, ...bulkRoutes, ...archiveRoutes];
    },
  },
  {
    tag: 'Clients and people',
    under: ['people'],
    routes: async () => (await import('#functions/reports/touch-http.ts')).touchRoutes,
  },
  {
    tag: 'Integration',
    under: ['changes', 'external-ids', 'webhooks', 'deliveries'],
    routes: async () => {
      const [{ changeRoutes }, { externalIdRoutes }, { webhookRoutes }, { deliveryRoutes }] = await Promise.all([
        import('#functions/exchange/change-feed-http.ts'),
        import('#functions/exchange/external-id-http.ts'),
        import('#functions/exchange/webhook-http.ts'),
        import('#functions/exchange/webhook-delivery-http.ts'),
      ]);
      const everything = () => Promise.all([...parts, ...elsewhere].map((part) => part.routes()));
      return [...changeRoutes, ...externalIdRoutes, ...webhookRoutes(everything), ...deliveryRoutes];
    },
  },
];

/** What another function serves, described here: there is one document. */
const elsewhere: readonly Part[] = [
  {
    tag: 'Imports, exports, bulk actions',
    under: ['imports'],
    routes: async () => (await import('#functions/exchange/preview-http.ts')).previewRoutes,
  },
  {
    tag: 'Segments',
    under: ['segments'],
    routes: async () => (await import('#functions/reports/segment-http.ts')).segmentRoutes,
  },
  {
    tag: 'Lists and search',
    under: ['lists', 'search'],
    routes: async () => {
      const [{ listFieldRoutes }, { listRoutes }, { duplicateSearchRoutes }] = await Promise.all([
        import('#functions/reports/list-field-http.ts'),
        import('#functions/reports/list-http.ts'),
        import('#functions/reports/duplicate-http.ts'),
      ]);
      return [...duplicateSearchRoutes, ...listFieldRoutes, ...listRoutes];
    },
  },
  {
    tag: 'Reports',
    under: ['reports'],
    routes: async () => (await import('#functions/reports/figure-http.ts')).figureRoutes,
  },
];

/** What the paths of a kind of record begin with. */
const PLURALS: Readonly<Record<string, string>> = {
  lead: 'leads',
  deal: 'deals',
  client: 'clients',
  person: 'people',
  product: 'products',
  activity: 'activities',
  order: 'orders',
};

async function documented(custom: Record<string, CustomSchemas>): Promise<string> {
  const [{ openApi }, { marketingPublic }, { approvalPublic }] = await Promise.all([
    import('#shared/openapi.ts'),
    import('#functions/marketing/public.ts'),
    import('#functions/approvals/public.ts'),
  ]);
  const groups = [...parts, ...elsewhere].map(async ({ tag, routes }) => ({
    tag,
    prefix: '/api',
    routes: await routes(),
  }));
  const open = { tag: 'Public', prefix: '/public', routes: [...marketingPublic, ...approvalPublic] };
  const own = Object.entries(custom).map(([kind, schemas]) => [kind, { ...schemas, plural: PLURALS[kind] ?? '' }]);
  return JSON.stringify(openApi([...(await Promise.all(groups)), open], '1.0.0', Object.fromEntries(own) as OwnFields));
}

/** Made again when another version of a field set comes into force. */
let document: { key: string; text: Promise<string> } | undefined;
async function documentInForce(): Promise<string> {
  const { customSchemas } = await import('#functions/settings/field-schema.ts');
  const { key, schemas } = await customSchemas();
  if (document?.key !== key) document = { key, text: documented(schemas) };
  return document.text;
}

const openApiRoute = route(
  'GET /openapi.json',
  { summary: 'This document', rights: 'me.read', returns: z.looseObject({ openapi: z.string() }) },
  async () => new Reply(200, await documentInForce(), { 'content-type': 'application/json; charset=utf-8' }),
);

/** The document holds no data: anybody who integrates may read it. */
const open: Part = {
  tag: 'Document',
  under: ['openapi.json'],
  routes: async () => [{ ...openApiRoute, rights: undefined }],
};

/** Everything this function serves. */
export const served: readonly Part[] = [...parts, open];
export const routes = async (): Promise<readonly Route[]> =>
  (await Promise.all(served.map((part) => part.routes()))).flat();

export const handler = serveParts(served, '/api', doorkeeper(issuer), loadSecret);
