import { readTable } from '#shared/read/read-table.ts';
import { segmentMembers, segments } from './segment-store.ts';

export const segmentTable = readTable({
  name: 'segments',
  parts: [segments],
  rights: 'segment.read',
  search: ['name'],
  sorts: ['name'],
});

export const segmentMemberTable = readTable({
  name: 'segment-members',
  parts: [segmentMembers],
  rights: 'segment.read',
  search: [],
  sorts: ['recordId', 'segmentId'],
  keyOf: (id) => {
    const [segmentId = '', recordId = ''] = id.split('/');
    return { segmentId, recordId };
  },
});
