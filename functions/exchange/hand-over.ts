/** What somebody owns that goes to others: whole, but of activities only what is still to be done; who did one stays. */
export const handedLists = [
  { list: 'clients', kind: 'client', filter: 'ownerId == me' },
  { list: 'leads', kind: 'lead', filter: 'ownerId == me' },
  { list: 'deals', kind: 'deal', filter: 'ownerId == me' },
  { list: 'orders', kind: 'order', filter: 'ownerId == me' },
  { list: 'activities', kind: 'activity', filter: 'ownerId == me && state == "open"' },
] as const;

/** A record to be handed over, and what it belongs with. */
export type Found = { kind: string; id: string; clientId?: string | undefined; recordId?: string | undefined };
export type Handing = { kind: string; id: string; to: string };

/** Deals records to people in turn; what belongs together (a client, its deals, what is to be done about them) goes to one of them. */
export function dealt(found: readonly Found[], takers: readonly string[]): Handing[] {
  const groups = new Map(found.map(({ id, clientId }) => [id, clientId ?? id]));
  const given = new Map<string, string>();
  const takerOf = (group: string): string => {
    const to = given.get(group) ?? takers[given.size % takers.length] ?? '';
    given.set(group, to);
    return to;
  };
  return found.map(({ kind, id, recordId }) => ({
    kind,
    id,
    to: takerOf((recordId === undefined ? groups.get(id) : groups.get(recordId)) ?? recordId ?? id),
  }));
}
