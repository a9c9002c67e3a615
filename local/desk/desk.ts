import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Cloud } from '../cloud.ts';
import type { Installation } from '../installation.ts';
import { personAt } from '../person.ts';
import { apiPage, type OpenApi } from './api-page.ts';
import { formPage, formPolicy } from './form-page.ts';
import { homePage } from './home-page.ts';
import { html } from './html.ts';
import { inboxPage, LETTER_POLICY, letterDocument, letterPage } from './inbox-page.ts';
import { type Page, reader, type Reader, wholePage } from './layout.ts';
import { readRecord } from './record.ts';
import { recordPage } from './record-page.ts';
import { signedInPage, signInAddress } from './sign-in-page.ts';
import { statusPage } from './status-page.ts';
import { style } from './style.ts';
import { languageOf } from './text.ts';

type Desk = { cloud: Cloud; installation: Installation; site: string };
type Reply = { status?: number; type?: string; headers?: Record<string, string>; body: string | Buffer };

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The pages of the local cloud itself: home, API, letters, status. Nothing here changes anything. */
export async function serveDesk(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', desk.cloud.url);
  const who = reader(url, languageOf(url.searchParams.get('lang'), request.headers['accept-language']));
  const { status = 200, type = 'text/html; charset=utf-8', headers, body } = await replyTo(desk, who);
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy': PAGE_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function replyTo(desk: Desk, who: Reader): Promise<Reply> {
  const [, , place = '', id, part, at] = who.url.pathname.split('/').map(decodeURIComponent);
  if (place === 'style.css') return { type: 'text/css; charset=utf-8', body: style };
  if (place === 'inbox' && id) return letterReply(desk, who, id, part, at);
  if (place === 'form') return formReply(desk, who);
  const page = place === 'records' ? await recordAt(desk, who, id) : await pageAt(desk, who, place);
  if (page) return { body: wholePage(who, page) };
  return { status: 404, body: wholePage(who, { title: who.text.noPage, body: html`` }) };
}

async function pageAt({ cloud, installation, site }: Desk, who: Reader, place: string): Promise<Page | undefined> {
  switch (place) {
    case '': {
      const console = existsSync(join(site, 'index.html'));
      const signIn = console ? '/' : signInAddress(cloud.url, installation.clientId);
      return homePage(who, { ...cloud.status(), controlUrl: cloud.controlUrl, signIn, console });
    }
    case 'api':
      return apiPage(who, await openApiOf(installation));
    case 'inbox': {
      const to = who.url.searchParams.get('to') ?? '';
      return inboxPage(who, installation.mail.inbox.list(to === '' ? {} : { to }), to);
    }
    case 'status':
      return statusPage(who, cloud.status());
    case 'signed-in':
      return signedInPage(who, cloud.url, installation.clientId);
    default:
      return undefined;
  }
}

async function recordAt({ cloud }: Desk, who: Reader, id = ''): Promise<Page | undefined> {
  const facts = await readRecord(cloud, id);
  return facts && recordPage(who, facts);
}

async function formReply({ cloud }: Desk, who: Reader): Promise<Reply> {
  const form = encodeURIComponent(who.url.searchParams.get('form') ?? 'site');
  const { status, body } = await personAt(cloud.url)<string>(`GET /public/forms/${form}/snippet?lang=${who.language}`);
  const page = formPage(who, status === 200 ? body : undefined);
  return { body: wholePage(who, page), headers: { 'content-security-policy': formPolicy(cloud.url) } };
}

async function letterReply(desk: Desk, who: Reader, id: string, part = '', at = ''): Promise<Reply> {
  const { inbox } = desk.installation.mail;
  const letter = await inbox.read(id);
  if (!letter) return { status: 404, body: wholePage(who, { title: who.text.noLetter, body: html`` }) };
  if (part === 'html')
    return { headers: { 'content-security-policy': LETTER_POLICY }, body: letterDocument(letter.html) };
  if (part === 'source') return { type: 'text/plain; charset=utf-8', body: inbox.raw(id) ?? '' };
  const file = letter.attachments[Number(at)];
  if (part !== 'file' || !file) return { body: wholePage(who, letterPage(who, letter)) };
  const name = encodeURIComponent(file.name);
  return {
    type: 'application/octet-stream',
    headers: { 'content-disposition': `attachment; filename*=UTF-8''${name}` },
    body: file.content,
  };
}

/** What the application itself says about its API. */
async function openApiOf({ gateway }: Installation): Promise<OpenApi | undefined> {
  const request = {
    method: 'GET',
    url: '/api/openapi.json',
    headers: [],
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
  };
  const { status, body } = await gateway(request);
  return status === 200 ? (JSON.parse(body.toString()) as OpenApi) : undefined;
}
