import * as z from 'zod';
import { addressHash } from '#shared/address-hash.ts';
import { commit } from '#shared/command.ts';
import { normaliseEmail } from '#shared/email.ts';
import { asEvent, Event, events } from '#shared/events.ts';
import { route } from '#shared/http/route.ts';
import { listAll, reader } from '#shared/table/read.ts';
import { Line, Text } from '#shared/text.ts';
import { Consent, ConsentState, Purpose } from './consent.ts';
import { consents, consentsOf, mayWrite, noted } from './consent-store.ts';
import { phonesOf } from './person-record.ts';
import { people } from './store.ts';

/** An e-mail or a phone, however it is written, as it is kept. */
async function addressOf(typed: string, pointer: string): Promise<string> {
  const email = normaliseEmail(typed);
  if (email !== undefined) return email;
  const [phone = ''] = await phonesOf([typed], pointer);
  return phone;
}

const Told = Event.pick({ type: true, at: true, by: true, data: true });

export const consentRoutes = [
  route(
    'POST /consents',
    {
      summary: 'Notes that somebody gave or withdrew his consent for an e-mail or phone and a purpose',
      rights: 'client.change',
      body: z.object({
        address: Line(254),
        purpose: Purpose,
        state: ConsentState,
        textVersion: Line(100).optional(),
        proof: Text(2000).optional(),
      }),
      returns: Consent,
    },
    async ({ body, user, now }) => {
      const address = await addressOf(body.address, '/body/address');
      return commit(async (read) => {
        const said = await noted(read, { ...body, address, at: now, source: { kind: 'user', id: user.id } });
        const answer =
          said?.write ??
          consents.asIs(await read.need(consents, { hash: addressHash(address), purpose: body.purpose }));
        return { writes: said ? [said.write] : [], events: said?.events ?? [], answer };
      });
    },
  ),

  route(
    'GET /people/{id}/consents',
    {
      summary: 'What a person said about each of his addresses and each purpose, with everything he said before',
      rights: 'client.read',
      of: people,
      returns: z.object({
        items: z.array(z.object({ ...Consent.omit({ hash: true }).shape, history: z.array(Told) })),
      }),
    },
    async ({ record }) => {
      const found = (await Promise.all([...record.emails, ...record.phones].map(consentsOf))).flat();
      const items = await Promise.all(
        found.map(async (consent) => {
          const told = await listAll(events, { recordId: consents.recordId(consent) });
          return Object.assign(consent, { history: told.map(asEvent) });
        }),
      );
      return { items };
    },
  ),

  route(
    'GET /consents',
    {
      summary: 'Whether an e-mail or phone may be used for a purpose: given, withdrawn, or none was asked',
      rights: 'client.read',
      query: z.object({ address: z.string().max(254), purpose: Purpose }),
      returns: z.object({ leave: z.enum(['given', 'withdrawn', 'none']) }),
    },
    async ({ query }) => ({
      leave: await mayWrite(reader, await addressOf(query.address, '/query/address'), query.purpose),
    }),
  ),
];
