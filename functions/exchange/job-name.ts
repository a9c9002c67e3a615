import type { JobName } from '#shared/jobs.ts';

/** Long work of this domain; what each does is loaded by the function that does it. */
export const IMPORT: JobName = { kind: 'import', on: 'imports' };
export const HAND_OVER: JobName = { kind: 'hand-over', on: 'imports' };
export const BULK: JobName = { kind: 'bulk', on: 'imports' };
export const UNDO: JobName = { kind: 'undo', on: 'imports' };
export const EXPORT: JobName = { kind: 'export', on: 'imports' };
/** Everything about a person, as a file. */
export const PERSON_DATA: JobName = { kind: 'person-data', on: 'imports' };
export const ARCHIVE: JobName = { kind: 'archive', on: 'imports' };
export const RESTORE: JobName = { kind: 'restore', on: 'imports' };
