import * as z from 'zod';
import { Email } from '#shared/email.ts';
import { planFields } from '#functions/activities/plan.ts';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { changeFields, recordFields, removable } from '#shared/record-kind.ts';
import { Name, Text } from '#shared/text.ts';
import { PlainDate } from '#shared/time.ts';
import { ScorePart } from './scoring.ts';

const LeadState = z.enum(['new', 'working', 'qualified', 'converted', 'rejected']);
/** Where a lead lies in the work lists: one that is put off lies apart, whatever its state. */
export const LeadWorkState = z.enum([...LeadState.options, 'postponed']);

/** Somebody who might buy. Needs no tax number, contract or company: those come with the first document. */
export const Lead = z.object({
  id: Id('lead'),
  version: z.int(),
  storyId: z.string(),
  rawId: z.string().optional(),
  sourceId: z.string(),
  channel: z.string(),
  personId: Id('person'),
  name: z.string().optional().meta(personal),
  email: z.string().optional().meta(personal),
  phone: z.string().optional().meta(personal),
  company: z.string().optional().meta(personal),
  message: z.string().optional().meta(personal),
  answers: z.record(z.string(), z.string()).meta(personal),
  /** What stood where the e-mail should be and is none. */
  wrongEmail: z.string().optional().meta(personal),
  locale: z.enum(['ru', 'en']),
  ownerId: Id('user'),
  teamId: Id('team').optional(),
  state: LeadState,
  reason: z.string().optional(),
  /** Other records that may be the same human: proposed for a merge, never merged by itself. */
  duplicates: z.array(z.object({ personId: z.string(), by: z.enum(['email', 'phone']) })),
  clientId: Id('client').optional(),
  dealId: Id('deal').optional(),
  capturedAt: z.string(),
  firstContactAt: z.string().optional(),
  qualifiedAt: z.string().optional(),
  /** Put off to a day, while it is; when, why and how often it was, and when it last came back. */
  postponedUntil: PlainDate.optional(),
  postponedAt: z.string().optional(),
  postponeReason: z.string().optional(),
  postponeNote: z.string().optional().meta(personal),
  postponements: z.int().optional(),
  returnedAt: z.string().optional(),
  ...recordFields,
});
export type Lead = z.output<typeof Lead>;

export const Answers = z.record(z.string().max(40), Text(2000));
const Locale = z.enum(['ru', 'en']);
const Phone = z.string().max(60);

/** A lead as somebody enters it: a walk-in, a call, a row of a file. What is known of him, and in which way he came. */
export const NewLead = z.object({
  name: Name().optional(),
  email: Email.optional(),
  phone: Phone.optional(),
  company: Name().optional(),
  message: Text().optional(),
  answers: Answers.optional(),
  /** A channel of the settings; `manual` unless said. */
  channel: z.string().max(61).optional(),
  locale: Locale.optional(),
  /** Whoever enters it unless said. */
  ownerId: Id('user').optional(),
  custom: changeFields.custom,
});
export type NewLead = z.output<typeof NewLead>;

export const LeadChange = z.object({
  name: removable(Name()),
  email: removable(Email),
  phone: removable(Phone),
  company: removable(Name()),
  message: removable(Text()),
  channel: z.string().max(61).optional(),
  locale: Locale.optional(),
  ownerId: Id('user').optional(),
  ...changeFields,
});
export type LeadChange = z.output<typeof LeadChange>;

export const Postponement = z.object({
  until: PlainDate,
  /** One of the lead type's reasons. */
  reason: z.string().max(40),
  note: Text(2000).optional(),
});
export type Postponement = z.output<typeof Postponement>;

export const NextAction = z.object({ kind: z.enum(['call', 'letter', 'meeting', 'task']), text: Text(500) });

/** The machine's part of a lead and the line it is in the work list: whose, in what state, what is next and when, and the score. */
export const LeadWork = z.object({
  id: Id('lead'),
  version: z.int(),
  storyId: z.string(),
  ownerId: Id('user'),
  teamId: Id('team').optional(),
  state: LeadWorkState,
  /** In a closed state too, so that the list of an owner's closed leads is by the time of closing. */
  nextAt: z.string(),
  next: NextAction.optional(),
  ...planFields,
  personId: Id('person'),
  name: z.string().meta(personal),
  channel: z.string(),
  score: z.number(),
  scoreParts: z.array(ScorePart),
  scoreRules: z.string(),
  capturedAt: z.string(),
  archivedAt: z.string().optional(),
});
export type LeadWork = z.output<typeof LeadWork>;

export const LeadCaptured = eventType('lead.captured', {
  sourceId: z.string(),
  channel: z.string(),
  ownerId: z.string(),
  knownPerson: z.boolean(),
  score: z.number(),
});
export const LeadChanged = eventType('lead.changed', {});
export const LeadContacted = eventType('lead.contacted', { how: z.string() });
export const LeadQualified = eventType('lead.qualified', {});
export const LeadRejected = eventType('lead.rejected', { reason: z.string() });
export const LeadAssigned = eventType('lead.assigned', { from: z.string(), to: z.string() });
export const LeadPlanned = eventType('lead.planned', { nextAt: z.string() });
/** Nothing is to be done next any more. */
export const LeadUnplanned = eventType('lead.unplanned', {});
/** Somebody did something about it. */
export const LeadWorked = eventType('lead.worked', {});
export const LeadPostponed = eventType('lead.postponed', { until: z.string(), reason: z.string() });
export const LeadReturned = eventType('lead.returned', { early: z.boolean() });
export const LeadConverted = eventType('lead.converted', { clientId: z.string(), dealId: z.string().optional() });

/** Closed leads move no further; a rejected one may be taken up again. */
export const isOpen = ({ state }: Lead): boolean => state === 'new' || state === 'working' || state === 'qualified';
