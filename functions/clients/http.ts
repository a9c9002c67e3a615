import { clientRecordRoutes } from './client-route.ts';
import { consentRoutes } from './consent-route.ts';
import { duplicateRoutes } from './duplicate-route.ts';
import { memberRoutes } from './member-route.ts';

export const clientRoutes = [...clientRecordRoutes, ...memberRoutes, ...duplicateRoutes, ...consentRoutes];
