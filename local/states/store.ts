import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Execution, Status } from './frame.ts';
import type { HistoryEvent } from './turn.ts';

const TABLES = `
create table if not exists states_execution (
  arn text primary key, machine text not null, status text not null, started integer not null, doc text not null);
create index if not exists states_execution_list on states_execution (machine, status, started);
create index if not exists states_execution_status on states_execution (status);
create table if not exists states_history (
  execution text not null, id integer not null, event text not null, primary key (execution, id)) without rowid;
create table if not exists states_token (token text primary key, execution text not null);
create index if not exists states_token_execution on states_token (execution);
create table if not exists states_definition (hash text primary key, definition text not null);`;

type Saved = { execution: Execution; events: readonly HistoryEvent[]; tokens: readonly string[] };
type Page = { limit: number; offset: number };
export type Store = ReturnType<typeof openStore>;

type Row = Record<string, SQLOutputValue>;
const executionOf = (row: Row) => JSON.parse(String(row['doc'])) as Execution;

/** Executions, their histories, tokens and definitions in SQLite; what `save` has returned from survives SIGKILL. */
export function openStore(db: DatabaseSync) {
  db.exec(TABLES);
  const put = db.prepare(
    `insert into states_execution values (?, ?, ?, ?, ?)
     on conflict (arn) do update set status = excluded.status, doc = excluded.doc`,
  );
  const addEvent = db.prepare('insert into states_history values (?, ?, ?)');
  const addToken = db.prepare('insert into states_token values (?, ?)');
  const find = db.prepare('select doc from states_execution where arn = ?');
  const list = db.prepare(
    `select doc from states_execution where (?1 is null or machine = ?1) and (?2 is null or status = ?2)
     order by started desc, rowid desc limit ?3 offset ?4`,
  );
  const forward = db.prepare('select event from states_history where execution = ? order by id limit ? offset ?');
  const backward = db.prepare('select event from states_history where execution = ? order by id desc limit ? offset ?');
  const owner = db.prepare('select execution from states_token where token = ?');
  const addDefinition = db.prepare('insert or ignore into states_definition values (?, ?)');
  const findDefinition = db.prepare('select definition from states_definition where hash = ?');
  const forget = ['states_execution where arn', 'states_history where execution', 'states_token where execution'].map(
    (place) => db.prepare(`delete from ${place} = ?`),
  );
  return {
    /** One transaction: a turn is saved as a whole or not at all. */
    save: ({ execution, events, tokens }: Saved) => {
      const { arn, machine, status, startedAt } = execution;
      inTransaction(db, () => {
        put.run(arn, machine, status, startedAt, JSON.stringify(execution));
        for (const event of events) addEvent.run(arn, event.id, JSON.stringify(event));
        for (const token of tokens) addToken.run(token, arn);
      });
    },
    find: (arn: string) => {
      const row = find.get(arn);
      return row && executionOf(row);
    },
    /** Newest first. */
    list: (machine: string | null, status: Status | null, { limit, offset }: Page) =>
      list.all(machine, status, limit, offset).map(executionOf),
    history: (arn: string, reverse: boolean, { limit, offset }: Page) =>
      (reverse ? backward : forward)
        .all(arn, limit, offset)
        .map((row) => JSON.parse(String(row['event'])) as HistoryEvent),
    /** The execution a token was given out by, also when the token is used up. */
    executionOfToken: (token: string) => owner.get(token)?.['execution']?.toString(),
    keepDefinition: (hash: string, text: string) => void addDefinition.run(hash, text),
    definition: (hash: string) => findDefinition.get(hash)?.['definition']?.toString(),
    forget: (arn: string) => inTransaction(db, () => forget.forEach((statement) => statement.run(arn))),
  };
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('begin immediate');
  try {
    work();
    db.exec('commit');
  } catch (error) {
    db.exec('rollback');
    throw error;
  }
}
