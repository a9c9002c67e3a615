import * as z from 'zod';
import { approvalRoutes } from '#functions/approvals/http.ts';
import { policyKind } from '#functions/approvals/policy.ts';
import { doorkeeper } from '#functions/auth/doorkeeper.ts';
import { authRoutes } from '#functions/auth/http.ts';
import { issuer } from '#functions/auth/issuer.ts';
import { productRoutes } from '#functions/catalog/http.ts';
import { clientRoutes } from '#functions/clients/http.ts';
import { dealTypeKind } from '#functions/deals/deal-type.ts';
import { dealRoutes } from '#functions/deals/http.ts';
import { starterRoutes } from '#functions/exchange/http.ts';
import { jobRoutes } from '#functions/exchange/job-http.ts';
import { leadTypeKind } from '#functions/leads/lead-type.ts';
import { leadRoutes } from '#functions/leads/http.ts';
import { scoringKind } from '#functions/leads/scoring.ts';
import { channelKind } from '#functions/marketing/channel.ts';
import { formKind, sourceKind } from '#functions/marketing/form.ts';
import { marketingRoutes } from '#functions/marketing/http.ts';
import { approvalPublic } from '#functions/approvals/public.ts';
import { marketingPublic } from '#functions/marketing/public.ts';
import { mailRoutes } from '#functions/mail/http.ts';
import { templateKind } from '#functions/mail/template.ts';
import { orderRoutes } from '#functions/orders/http.ts';
import { listRoutes } from '#functions/reports/list-http.ts';
import { reportRoutes } from '#functions/reports/http.ts';
import { settingRoutes } from '#functions/settings/http.ts';
import { fieldSetKind } from '#functions/settings/field-set.ts';
import { legalEntityKind } from '#functions/settings/legal-entity.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import { Reply, route, type Route } from '#shared/http/route.ts';
import { serve } from '#shared/http/serve.ts';
import type { Needs } from '#shared/needs.ts';
import { openApi } from '#shared/openapi.ts';

export const needs: Needs = {
  what: 'the API for signed-in users',
  reads: 'everything',
  writes: [
    ...([
      'setting',
      'user',
      'team',
      'identity',
      'person',
      'was',
      'client',
      'member',
      'product',
      'raw',
      'lead',
      'leadWork',
      'deal',
      'dealWork',
    ] as const),
    ...(['approval', 'order', 'letter', 'job', 'secret', 'event', 'join', 'idem'] as const),
  ],
  uses: ['secret', 'issuer', 'address', 'origin'],
  timeout: 20,
  memory: 1024,
};

const kinds = [
  ...settingRoutes(channelKind),
  ...settingRoutes(formKind),
  ...settingRoutes(sourceKind),
  ...settingRoutes(templateKind),
  ...settingRoutes(policyKind),
  ...settingRoutes(scoringKind),
  ...settingRoutes(leadTypeKind),
  ...settingRoutes(dealTypeKind),
  ...settingRoutes(legalEntityKind),
  ...settingRoutes(fieldSetKind),
];

const domains: readonly { tag: string; routes: readonly Route[] }[] = [
  { tag: 'Leads', routes: leadRoutes },
  { tag: 'Deals', routes: dealRoutes },
  { tag: 'Approvals', routes: approvalRoutes },
  { tag: 'Orders', routes: orderRoutes },
  { tag: 'Clients and people', routes: clientRoutes },
  { tag: 'Catalogue', routes: productRoutes },
  { tag: 'Intake', routes: marketingRoutes },
  { tag: 'Letters', routes: mailRoutes },
  { tag: 'Stories', routes: reportRoutes },
  { tag: 'Users and teams', routes: authRoutes },
  { tag: 'Settings', routes: [...kinds, ...starterRoutes] },
  { tag: 'Jobs', routes: jobRoutes },
];

/** What another function serves, described here: there is one document. */
const elsewhere: typeof domains = [{ tag: 'Lists and search', routes: listRoutes }];

let document: string | undefined;
const openApiRoute = route(
  'GET /openapi.json',
  { summary: 'This document', rights: 'me.read', returns: z.looseObject({ openapi: z.string() }) },
  async () => {
    document ??= JSON.stringify(
      openApi(
        [
          ...[...domains, ...elsewhere].map((domain) => ({ ...domain, prefix: '/api' })),
          { tag: 'Public', prefix: '/public', routes: [...marketingPublic, ...approvalPublic] },
        ],
        '1.0.0',
      ),
    );
    return new Reply(200, document, { 'content-type': 'application/json; charset=utf-8' });
  },
);

/** The document holds no data: anybody who integrates may read it. */
const open: Route = { ...openApiRoute, rights: undefined };

export const routes: readonly Route[] = [...domains.flatMap((domain) => domain.routes), open];

export const handler = serve(routes, '/api', doorkeeper(issuer), loadSecret);
