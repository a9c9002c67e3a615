import * as z from 'zod';
import { readBody } from '#shared/body.ts';
import { commit } from '#shared/command.ts';
import { tokenHash } from '#shared/decision-link.ts';
import { isRefusal } from '#shared/errors.ts';
import { publicRoute, Reply, type Call } from '#shared/http/route.ts';
import { get, need } from '#shared/table/read.ts';
import { clean } from '#shared/text.ts';
import { Decision, type Token } from './approval.ts';
import { decideAs } from './decide.ts';
import { decisionPage, unknownPage } from './page.ts';
import { approvals, tokens } from './store.ts';

const PAGE = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
};

const opened = async (token: string): Promise<Token | undefined> => get(tokens, { hash: tokenHash(token) });
const lost = ({ locale }: Call): Reply => new Reply(404, unknownPage(locale), PAGE);

async function shown(token: Token, status = 200, fault?: 'comment'): Promise<Reply> {
  return new Reply(status, decisionPage(await need(approvals, { id: token.approvalId }), token, fault), PAGE);
}

export const approvalPublic = [
  publicRoute(
    'GET /decisions/{token}',
    { summary: 'What a link in a letter asks; opening it decides nothing', returns: z.string(), produces: 'text/html' },
    async (call) => {
      const token = await opened(call.params.token);
      return token ? shown(token) : lost(call);
    },
  ),

  publicRoute(
    'POST /decisions/{token}',
    {
      summary: 'The pressed button: decides once',
      consumes: ['application/x-www-form-urlencoded'],
      returns: z.string(),
      produces: 'text/html',
    },
    async (call) => {
      const token = await opened(call.params.token);
      if (!token) return lost(call);
      const body = await readBody(new Uint8Array(call.rawBody), call.header('content-type'));
      const decision = Decision.safeParse('value' in body ? body.value : undefined);
      if (!decision.success) return shown(token, 400);
      const comment = clean(decision.data.comment ?? '');
      try {
        await call.perform(
          commit(async (read) => {
            const said = { ...decision.data, comment };
            const decided = await decideAs(read, token.approvalId, token.approver.id, said, call.now);
            return { ...decided, writes: [...(decided.writes ?? []), tokens.put({ ...token, usedAt: call.now })] };
          }),
          { kind: 'link', id: token.approver.id, name: token.approver.name },
        );
      } catch (error) {
        // A second press, or somebody else was first: the page says who decided.
        if (!isRefusal(error)) throw error;
        return error.code === 'invalid'
          ? shown(token, 400, 'comment')
          : shown(token, error.code === 'already_decided' ? 200 : error.status);
      }
      return shown(token);
    },
  ),
];
