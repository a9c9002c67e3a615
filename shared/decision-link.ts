import { createHash, createHmac } from 'node:crypto';

/** Who may decide what with a link, and in which round of asking. */
export type DecisionLink = { approvalId: string; approverId: string; round: number };

/** 256 bits that only the holder of the letter has; the same for the same approver and round, so a letter sent twice opens one decision. */
const tokenOf = (key: Buffer, { approvalId, approverId, round }: DecisionLink): string =>
  createHmac('sha256', key).update(`${approvalId}|${approverId}|${round}`).digest('base64url');

/** What the table keeps of a token. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

export const linkHash = (key: Buffer, link: DecisionLink): string => tokenHash(tokenOf(key, link));

/** The address that stands in the letter; made only while it is sent. */
export const decisionUrl = (key: Buffer, link: DecisionLink): string =>
  `${process.env['BASE_URL'] ?? ''}/public/decisions/${tokenOf(key, link)}`;
