import { entity } from '#shared/table/entity.ts';
import { View } from './view.ts';

export const views = entity('view', View, { part: 'R' });
