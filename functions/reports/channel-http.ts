import * as z from 'zod';
import { channelKind } from '#functions/marketing/channel.ts';
import { allInForce } from '#functions/settings/store.ts';
import { route } from '#shared/http/route.ts';
import { refuse } from '#shared/errors.ts';
import { Silence, silenceOf, spansOf } from './channel.ts';
import { between, Counted, type Opens, quote, Truth } from './opens.ts';

const Bucket = Counted.extend({ from: z.string() });
const Channel = z.object({
  channel: z.string(),
  /** Whether it is in use; absent for one that nobody set up, such as leads entered by hand. */
  on: z.boolean().optional(),
  leads: Counted,
  days: z.array(Bucket),
  weeks: z.array(Bucket),
  ...Silence.shape,
});
const Days = z
  .string()
  .regex(/^([1-9]\d?)$/, { error: 'a whole number from 1 to 99' })
  .optional();

type Span = { from: string; to: string };
const opened = (channel: string, span: Span): Opens => ({
  list: 'leads',
  filter: `channel == ${quote(channel)} && ${between('capturedAt', span)}`,
  archived: true,
});

/** The figures of one channel, of the moments of its leads in order. */
function figuresOf(
  channel: string,
  on: boolean | undefined,
  all: readonly string[],
  spans: ReturnType<typeof spansOf>,
  now: string,
): z.output<typeof Channel> {
  const counted = (span: Span): Counted => ({
    count: all.filter((at) => at >= span.from && at < span.to).length,
    opens: opened(channel, span),
  });
  const bucket = ({ label, from, to }: Span & { label: string }) => ({ ...counted({ from, to }), from: label });
  return {
    channel,
    ...(on !== undefined && { on }),
    leads: counted({ from: spans.days[0]?.from ?? now, to: spans.days.at(-1)?.to ?? now }),
    days: spans.days.map(bucket),
    weeks: spans.weeks.map(bucket),
    ...silenceOf(all, now),
  };
}

export const channelRoutes = [
  route(
    'GET /reports/channels',
    {
      summary:
        'Leads of each channel by day and week, its last lead, how long its gaps usually are, and whether it is silent for longer',
      rights: 'lead.read',
      query: z.object({ days: Days.describe('So many days up to today; 30 unless said') }),
      returns: z.object({ items: z.array(Channel), ...Truth }),
    },
    async ({ query, user, now, header }) => {
      const [{ openReport }, { arrivalsOf }] = await Promise.all([import('./reading.ts'), import('./arrival.ts')]);
      const { copy, viewer, truth } = await openReport(user, now, header('x-after-event'));
      const leads = viewer('leads');
      if (!leads) throw refuse('forbidden', { right: 'lead.read' });
      const spans = spansOf(user.zone, now, Number(query.days ?? 30));
      const arrivals = arrivalsOf(copy, leads, spans.weeks[0]?.from ?? now);
      const settings = new Map((await allInForce(channelKind)).map(({ id, body }) => [id, body.on]));
      const names = [...new Set([...settings.keys(), ...arrivals.keys()])].toSorted((a, b) => (a < b ? -1 : 1));
      const items = names.map((one) => figuresOf(one, settings.get(one), arrivals.get(one) ?? [], spans, now));
      return { items, ...truth };
    },
  ),
];
