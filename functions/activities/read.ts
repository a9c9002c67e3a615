import { readTable } from '#shared/read/read-table.ts';
import { activities, activityWorks } from './store.ts';

export const activityTable = readTable({
  name: 'activities',
  parts: [activities, activityWorks],
  rights: 'activity.read',
  search: ['subject', 'text'],
  sorts: ['nextAt', 'at', 'createdAt'],
});
