import { noted } from '#functions/clients/consent-store.ts';
import { formKind } from '#functions/marketing/form.ts';
import { raws } from '#functions/marketing/store.ts';
import { inForce } from '#functions/settings/store.ts';
import { readBody } from '#shared/body.ts';
import { commit } from '#shared/command.ts';
import { listen } from '#shared/listen.ts';
import { get } from '#shared/table/read.ts';
import { LeadCaptured } from './lead.ts';
import { leads } from './store.ts';

/** What browsers and other systems send for a box that is ticked. */
const TICKED = new Set(['true', 'on', '1', 'yes', 'да']);
const isTicked = (value: unknown): boolean => value === true || TICKED.has(String(value).toLowerCase());

/** A ticked box of a form gives consent for every address that came with it; one that is not ticked says nothing. */
export const consentListener = listen(
  LeadCaptured,
  'leads.note-consents',
  async ({ event }) => {
    const lead = await get(leads, { id: event.recordId });
    const form = await inForce(formKind, event.data.sourceId);
    const boxes = form?.body.fields.filter(({ type }) => type === 'consent') ?? [];
    const raw = lead?.rawId === undefined || boxes.length === 0 ? undefined : await get(raws, { id: lead.rawId });
    if (!lead || !raw) return undefined;
    const body = await readBody(new Uint8Array(Buffer.from(raw.body, raw.encoding)), raw.contentType);
    const values =
      'value' in body && typeof body.value === 'object' ? (body.value as Record<string, unknown> | null) : null;
    const ticked = boxes.filter(({ name }) => values !== null && Object.hasOwn(values, name) && isTicked(values[name]));
    const addresses = [lead.email, lead.phone].filter((one) => one !== undefined);
    if (ticked.length === 0 || addresses.length === 0) return undefined;
    return commit(async (read) => {
      const said = await Promise.all(
        addresses.flatMap((address) =>
          ticked.map(async ({ purpose = '', textVersion }) =>
            noted(read, {
              address,
              purpose,
              textVersion,
              state: 'given',
              at: raw.at,
              source: { kind: 'form', id: raw.sourceId },
              rawId: raw.id,
              ip: raw.address,
            }),
          ),
        ),
      );
      const news = said.filter((one) => one !== undefined);
      if (news.length === 0) return undefined;
      return { writes: news.map(({ write }) => write), events: news.flatMap(({ events }) => events) };
    });
  },
  { once: false },
);
