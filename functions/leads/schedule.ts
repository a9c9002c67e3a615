import type { DueKind } from '#shared/due.ts';
import { leadReturn } from './postpone.ts';

export const leadDues: readonly DueKind[] = [leadReturn];
