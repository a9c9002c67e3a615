import { addUp } from '#shared/table/count.ts';
import { entity } from '#shared/table/entity.ts';
import { Lead, LeadWork } from './lead.ts';

export const leads = entity('lead', Lead, { part: 'R' });
export const leadWorks = entity('leadWork', LeadWork, { part: 'W' });

/** Whose turn it is: counted on before the transaction, so a turn may be lost but never given twice for one count. */
export async function nextInTurn(teamId: string, memberIds: readonly string[]): Promise<string | undefined> {
  if (memberIds.length <= 1) return memberIds[0];
  const turn = await addUp('turn', { id: teamId }, 1);
  return memberIds[(turn - 1) % memberIds.length];
}
