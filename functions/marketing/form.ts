import * as z from 'zod';
import { FieldId } from '#functions/settings/field.ts';
import { fieldsAmong, fieldSetKind } from '#functions/settings/field-set.ts';
import type { Fault } from '#shared/errors.ts';
import { Purpose } from '#functions/clients/consent.ts';
import { Bilingual, settingKind, type Among, type Reference } from '#functions/settings/setting.ts';

/**
 * Where in a request, of whatever shape, each thing a lead has is found: paths such as `values.email`, tried in order.
 * What is named under `answers` is kept with the lead as it is.
 */
export const Mapping = z.object({
  email: z.array(z.string().max(200)).max(20).optional(),
  phone: z.array(z.string().max(200)).max(20).optional(),
  name: z.array(z.string().max(200)).max(20).optional(),
  company: z.array(z.string().max(200)).max(20).optional(),
  message: z.array(z.string().max(200)).max(20).optional(),
  answers: z.record(z.string().regex(/^\w{1,40}$/), z.array(z.string().max(200)).max(20)).optional(),
  /** Own fields of leads, by their ids. */
  custom: z.record(FieldId, z.array(z.string().max(200)).max(20)).optional(),
});
export type Mapping = z.output<typeof Mapping>;

const Intake = {
  channel: z.string().max(61),
  /** The team whose members get the leads in turn. */
  teamId: z.string(),
  mapping: Mapping,
  locale: z.enum(['ru', 'en']),
  /** Template of the letter a new lead gets; none: no letter. */
  welcome: z.string().max(61).optional(),
  limitPerMinute: z.int().min(1).max(100_000).default(60),
};

/** Leads go to a team that is there. */
const refers = ({ teamId }: { teamId: string }): Reference[] => [
  { pointer: '/body/body/teamId', kind: 'team', id: teamId },
];

const Field = z
  .object({
    name: z.string().regex(/^[A-Za-z]\w{0,39}$/),
    type: z.enum(['text', 'email', 'tel', 'textarea', 'select', 'checkbox', 'consent']),
    label: Bilingual,
    required: z.boolean().default(false),
    options: z
      .array(z.object({ value: z.string().max(200), label: Bilingual }))
      .max(100)
      .optional(),
    /** Of a box that gives consent: what for, and to which wording. */
    purpose: Purpose.optional(),
    textVersion: z.string().max(100).optional(),
  })
  .refine(
    ({ type, purpose, textVersion }) => type !== 'consent' || (purpose !== undefined && textVersion !== undefined),
    {
      error: 'a box that gives consent says what for (purpose) and to which wording (textVersion)',
    },
  );

/** A web form: what it shows, who may embed it, and how what it sends becomes a lead. */
export const Form = z.object({
  ...Intake,
  title: Bilingual,
  submit: Bilingual,
  thanks: Bilingual,
  fields: z.array(Field).max(40),
  /** Origins that may post from a browser; empty: any. */
  allowedOrigins: z.array(z.string().regex(/^https?:\/\/[^/\s]+$/)).max(50),
  /** A field people do not see: whoever fills it is not one. */
  honeypot: z.string().max(40).default('website'),
  /**
   * Whether a visitor is known again before he says who he is: his browser keeps a number, and where he came from is kept
   * under it. Off unless the firm's notice on personal data speaks of it.
   */
  track: z.boolean().default(false),
  /** Faster than a person can fill the form. */
  minSeconds: z.int().min(0).max(60).default(2),
});
export type Form = z.output<typeof Form>;

/** A mapping fills only fields that there are. */
async function faultsOf({ mapping }: { mapping: Mapping }, _: unknown, among: Among): Promise<Fault[]> {
  const { fields } = await fieldsAmong(among, 'lead');
  const known = new Set(fields.filter(({ retired }) => !retired).map(({ id }) => id));
  return Object.keys(mapping.custom ?? {})
    .filter((id) => !known.has(id))
    .map((id) => ({
      pointer: `/body/body/mapping/custom/${id}`,
      code: 'unknown_field',
      detail: `Leads have no field ${id}, or it is retired.`,
    }));
}

const rests = { refers, restsOn: [fieldSetKind.kind] };
export const formKind = settingKind('form', 'forms', Form, faultsOf, rests);

/** Another system that posts leads by signed webhooks. */
const Source = z.object(Intake);
export const sourceKind = settingKind('source', 'sources', Source, faultsOf, rests);
