import { simpleParser } from 'mailparser';
import type { Letter, LetterQuery, LetterStore } from './letter.ts';

/** A letter as its reader sees it; `links` are all addresses in it, each once. */
export type ReadLetter = Letter & {
  text: string;
  html: string;
  links: string[];
  attachments: { name: string; type: string; content: Buffer }[];
};

/** For people and tests: what was sent. */
export type Inbox = {
  /** Newest first; `to` is an envelope recipient. */
  list(query?: LetterQuery): Letter[];
  read(id: string): Promise<ReadLetter | undefined>;
  /** The bytes as they were sent (.eml). */
  raw(id: string): Buffer | undefined;
  clear(): void;
};

export function inboxOf(letters: LetterStore): Inbox {
  return {
    list: letters.list,
    clear: letters.clear,
    raw: (id) => letters.get(id)?.raw,
    read: async (id) => {
      const found = letters.get(id);
      if (!found) return undefined;
      const parsed = await simpleParser(found.raw);
      const html = parsed.html || '';
      const text = parsed.text ?? '';
      return {
        ...found.letter,
        text,
        html,
        links: linksIn(html, text),
        attachments: parsed.attachments.map(({ filename, contentType, content }) => ({
          name: filename ?? '',
          type: contentType,
          content,
        })),
      };
    },
  };
}

function linksIn(html: string, text: string): string[] {
  const quoted = [...html.matchAll(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map(([, a, b]) => a ?? b ?? '');
  const written = text.match(/https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g) ?? [];
  return [...new Set([...quoted.map((link) => link.replaceAll('&amp;', '&')), ...written])];
}
