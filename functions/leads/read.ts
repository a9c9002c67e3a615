import { readTable } from '#shared/read/read-table.ts';
import { leads, leadWorks } from './store.ts';

export const leadTable = readTable({
  name: 'leads',
  parts: [leads, leadWorks],
  rights: 'lead.read',
  search: ['name', 'company', 'email', 'phone', 'message'],
  sorts: ['nextAt', 'score', 'capturedAt', 'name'],
});
