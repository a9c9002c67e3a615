import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ACCOUNT, REGION, type Clock } from '../contract.ts';
import type { FileRequest } from './request.ts';

/** What becomes of an object: written down before it happens, told after, so that a kill in between loses nothing. */
export type Change = {
  id: number;
  bucket: string;
  key: string;
  type: 'Object Created' | 'Object Deleted';
  reason: string;
};

const CREATES = new Set(['PutObject', 'CopyObject', 'CompleteMultipartUpload', 'PostObject']);

/** The changes a request makes when it succeeds. */
export function changesOf({ action, bucket, keys }: FileRequest): Omit<Change, 'id'>[] {
  const deletes = action === 'DeleteObject' || action === 'DeleteObjects';
  if (!deletes && !CREATES.has(action)) return [];
  const type = deletes ? 'Object Deleted' : 'Object Created';
  const reason = action === 'DeleteObjects' ? 'DeleteObject' : action;
  return keys.map((key) => ({ bucket, key, type, reason }));
}

/** The list of changes that are under way. */
export function changeLog(db: DatabaseSync) {
  db.exec('create table if not exists file_change (id integer primary key, bucket, key, type, reason)');
  const insert = db.prepare('insert into file_change (bucket, key, type, reason) values (?, ?, ?, ?) returning id');
  const remove = db.prepare('delete from file_change where id = ?');
  return {
    begin: (change: Omit<Change, 'id'>): Change => {
      const row = insert.get(change.bucket, change.key, change.type, change.reason);
      return { ...change, id: Number(row?.['id']) };
    },
    end: (change: Change): void => void remove.run(change.id),
    left: (): Change[] => db.prepare('select * from file_change order by id').all() as Change[],
  };
}

/** S3's event as EventBridge delivers it; size and etag only for an object that is there. */
export function eventOf(
  change: Change,
  clock: Clock,
  object: { size?: number; etag?: string },
): Record<string, unknown> {
  const { bucket, key, type, reason } = change;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': type,
    source: 'aws.s3',
    account: ACCOUNT,
    time: new Date(clock.now()).toISOString(),
    region: REGION,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, ...object, sequencer: (clock.now() * 1000 + change.id).toString(16).toUpperCase() },
      'request-id': randomUUID(),
      requester: ACCOUNT,
      'source-ip-address': '127.0.0.1',
      reason,
      ...(type === 'Object Deleted' ? { 'deletion-type': 'Permanently Deleted' } : {}),
    },
  };
}
