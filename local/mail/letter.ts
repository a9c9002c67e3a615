import type { DatabaseSync } from 'node:sqlite';

/** What became of a letter for one recipient. */
export type Outcome = 'delivered' | 'bounced' | 'complained' | 'suppressed';

/** A letter as SES accepted it; `recipients` is the envelope, whatever the headers say. */
export type Letter = {
  id: string;
  at: number;
  from: string;
  subject: string;
  recipients: Readonly<Record<string, Outcome>>;
  tags: Readonly<Record<string, string>>;
  configurationSet: string | undefined;
  /** The role that sent it. */
  caller: string;
};

export type LetterQuery = { to?: string; limit?: number };

/** Every accepted letter with its bytes. A letter is untold until its events are handed over. */
export function letterStore(db: DatabaseSync) {
  db.exec(`
    create table if not exists mail_letter (
      seq integer primary key, id text unique, at integer, told integer default 0, letter text, raw blob);
    create table if not exists mail_recipient (address text, seq integer, primary key (address, seq)) without rowid;`);
  const insert = db.prepare('insert into mail_letter (id, at, letter, raw) values (?, ?, ?, ?) returning seq');
  const insertRecipient = db.prepare('insert or ignore into mail_recipient values (?, ?)');
  const told = db.prepare('update mail_letter set told = 1 where id = ?');
  const byId = db.prepare('select letter, raw from mail_letter where id = ?');
  const newest = db.prepare('select letter from mail_letter order by seq desc limit ?');
  const newestTo = db.prepare(
    'select letter from mail_letter where seq in (select seq from mail_recipient where address = ?) order by seq desc limit ?',
  );
  const parse = (row: Record<string, unknown>): Letter => JSON.parse(String(row['letter'])) as Letter;
  return {
    add(letter: Letter, raw: Buffer): void {
      db.exec('savepoint mail_letter');
      try {
        const row = insert.get(letter.id, letter.at, JSON.stringify(letter), raw);
        for (const to of Object.keys(letter.recipients)) insertRecipient.run(to.toLowerCase(), row?.['seq'] ?? 0);
      } catch (error) {
        db.exec('rollback to mail_letter');
        throw error;
      } finally {
        db.exec('release mail_letter');
      }
    },
    told: (id: string): void => void told.run(id),
    untold: (): Letter[] => db.prepare('select letter from mail_letter where told = 0 order by seq').all().map(parse),
    /** Newest first. */
    list: ({ to, limit = 100 }: LetterQuery = {}): Letter[] =>
      (to === undefined ? newest.all(limit) : newestTo.all(to.toLowerCase(), limit)).map(parse),
    get(id: string): { letter: Letter; raw: Buffer } | undefined {
      const row = byId.get(id);
      return row && { letter: parse(row), raw: Buffer.from(row['raw'] as Uint8Array) };
    },
    countSince: (instant: number): number =>
      Number(db.prepare('select count(*) as n from mail_letter where at > ?').get(instant)?.['n']),
    clear: (): void => db.exec('delete from mail_letter; delete from mail_recipient'),
  };
}

export type LetterStore = ReturnType<typeof letterStore>;
