import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startFauxqs } from 'fauxqs';
import type { Faults, Resource, Service } from '../contract.ts';
import { startFront } from '../front.ts';
import { upstreamAt } from '../upstream.ts';
import { xmlError } from './check.ts';
import { filesHandler, type HandlerOptions } from './handler.ts';
import { fileRequest } from './request.ts';

export type FilesOptions = HandlerOptions & {
  resources: readonly Resource[];
  faults: Faults;
  crash(worker: string): void;
  /** Folder of the stored objects and queues. */
  dir: string;
};

export type Files = Service & {
  /** S3's endpoint. */
  url: string;
  /** SQS's endpoint: the queues of the template, for dead letters. */
  queueUrl: string;
  /** Puts a message into a queue of the template, named by its name, URL or ARN. */
  sendMessage(queue: string, body: string): void;
  /** The bodies that wait in a queue, which stay there. */
  messages(queue: string): string[];
};

/** S3 and SQS: fauxqs keeps the bytes; our front adds rights, CORS, expiry, preconditions, large bodies and events. */
export async function startFiles(options: FilesOptions): Promise<Files> {
  const { resources, dir } = options;
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  const [dataDir, s3StorageDir] = [join(dir, 'queues'), join(dir, 'objects')];
  mkdirSync(dataDir, { recursive: true });
  const fauxqs = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, dataDir, s3StorageDir });
  const buckets = of('AWS::S3::Bucket');
  for (const { name } of buckets) fauxqs.createBucket(name);
  for (const queue of of('AWS::SQS::Queue').map(({ name }) => queueName(name))) {
    // creating a queue that is there would empty it
    if (!fauxqs.inspectQueue(queue)) fauxqs.createQueue(queue);
  }
  const store = upstreamAt(fauxqs.port);
  const { handle, recover, pending } = filesHandler(options, buckets, store);
  await recover();
  const front = await startFront({
    service: 's3',
    faults: options.faults,
    crash: options.crash,
    actionOf: (call) => fileRequest(call).action,
    handle,
    errorAnswer: xmlError,
  });
  return {
    name: 's3',
    url: front.url,
    queueUrl: `http://127.0.0.1:${fauxqs.port}`,
    sendMessage: (queue, body) => void fauxqs.sendMessage(queueName(queue), body),
    messages: (queue) => fauxqs.inspectQueue(queueName(queue))?.messages.ready.map(({ body }) => body) ?? [],
    pending,
    nextDue: () => undefined,
    stop: async () => {
      await front.stop();
      store.close();
      await fauxqs.stop();
    },
  };
}

/** A queue's Ref is its URL. */
const queueName = (queue: string): string => queue.split(/[/:]/).pop() ?? queue;
