import { clientRecordRoutes } from './client-route.ts';
import { memberRoutes } from './member-route.ts';

export const clientRoutes = [...clientRecordRoutes, ...memberRoutes];
