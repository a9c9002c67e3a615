import type { Route } from '#shared/http/route.ts';
import { attentionRoutes } from './attention-http.ts';
import { channelRoutes } from './channel-http.ts';
import { historyRoutes } from './history-http.ts';
import { postponedRoutes } from './postponed-http.ts';

/** Reports over the read copy, served by `query`. */
export const figureRoutes: readonly Route[] = [
  ...channelRoutes,
  ...postponedRoutes,
  ...historyRoutes,
  ...attentionRoutes,
];
