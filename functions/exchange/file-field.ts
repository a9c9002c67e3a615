import { fieldSetInForce } from '#functions/settings/custom.ts';
import { FIELD_SETS, type FieldSetId } from '#functions/settings/field-set.ts';
import type { AnyRecordKind } from '#shared/record-kind.ts';
import { fieldsOf, type FileField } from './field.ts';

const hasOwnFields = (kind: string): kind is FieldSetId => (FIELD_SETS as readonly string[]).includes(kind);

/** The fields of a kind that a file may fill, those of the firm's own among them. */
export const fileFields = async (kind: AnyRecordKind): Promise<FileField[]> =>
  fieldsOf(kind, hasOwnFields(kind.kind) ? (await fieldSetInForce(kind.kind)).fields : []);
