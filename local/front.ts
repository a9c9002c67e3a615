import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessDenied, type FaultKind, type Faults } from './contract.ts';

/** One call of an AWS client, whatever the protocol. `caller` is the role, `worker` the execution environment inside it. */
export type Call = {
  caller: string;
  worker: string;
  action: string;
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
};
export type Answer = { status: number; headers?: Record<string, string>; body: string | Buffer };

/** An error of an AWS service: `type` is its exception name; it is answered in the protocol of the front. */
export class AwsError extends Error {
  readonly type: string;
  readonly status: number;
  readonly extra: Record<string, unknown>;
  constructor(type: string, message: string, status = 400, extra: Record<string, unknown> = {}) {
    super(message);
    this.type = type;
    this.status = status;
    this.extra = extra;
  }
}

export type FrontOptions = {
  service: string;
  faults: Faults;
  /** Ends the worker that made the call, as a crash of its execution environment would. */
  crash(worker: string): void;
  /** The action of a call; by default the last part of x-amz-target (AWS JSON protocols). */
  actionOf?(request: { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer }): string;
  handle(call: Call): Promise<Answer>;
  /** How this protocol writes an error; AWS JSON by default. */
  errorAnswer?(error: AwsError): Answer;
};

const jsonError = (error: AwsError): Answer => ({
  status: error.status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': error.type },
  body: JSON.stringify({ __type: error.type, message: error.message, Message: error.message, ...error.extra }),
});

/** The role and the worker inside it, read from the access key id `role.worker` in a SigV4 header or query. */
function callerOf(headers: IncomingMessage['headers'], path = ''): { caller: string; worker: string } {
  const signed = /Credential=([^/,\s]+)/.exec(headers.authorization ?? '') ?? /X-Amz-Credential=([^%/&]+)/.exec(path);
  const [caller = 'anonymous', worker = ''] = (signed?.[1] ?? 'anonymous').split('.');
  return { caller, worker };
}

/** An HTTP server on 127.0.0.1 that speaks for one AWS service, with planned faults in front of it. */
export async function startFront(options: FrontOptions): Promise<{ url: string; port: number; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    void serve(options, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function serve(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const { method = 'GET', url: path = '/', headers } = request;
  const actionOf =
    options.actionOf ??
    (({ headers: h }) =>
      String(h['x-amz-target'] ?? '')
        .split('.')
        .pop() ?? '');
  const action = actionOf({ method, path, headers, body });
  const { caller, worker } = callerOf(headers, path);
  const fault = options.faults.next(options.service, action, body.toString('utf8', 0, 65_536), caller);
  const early = fault && beforeFault(options, fault, action, worker);
  if (early === 'drop') return void response.destroy();
  const answer = early ?? (await answerTo(options, { caller, worker, action, method, path, headers, body }));
  if (fault === 'crash-after') options.crash(worker);
  if (fault === 'lost-answer' || fault === 'crash-after') return void response.destroy();
  response.writeHead(answer.status, { 'content-length': Buffer.byteLength(answer.body), ...answer.headers });
  response.end(answer.body);
}

async function answerTo(options: FrontOptions, call: Call): Promise<Answer> {
  try {
    return await options.handle(call);
  } catch (error) {
    const write = options.errorAnswer ?? jsonError;
    if (error instanceof AwsError) return write(error);
    if (error instanceof AccessDenied) return write(new AwsError('AccessDeniedException', error.message, 400));
    return write(new AwsError('InternalServerError', error instanceof Error ? error.message : String(error), 500));
  }
}

function beforeFault(
  options: FrontOptions,
  fault: FaultKind,
  action: string,
  worker: string,
): Answer | 'drop' | undefined {
  const write = options.errorAnswer ?? jsonError;
  switch (fault) {
    case 'throttle':
      return write(
        new AwsError(
          options.service === 'dynamodb' ? 'ProvisionedThroughputExceededException' : 'ThrottlingException',
          'injected: throttled',
        ),
      );
    case 'error':
      return write(new AwsError('InternalServerError', 'injected: the service failed', 500));
    case 'conflict':
      return write(
        action === 'TransactWriteItems'
          ? new AwsError('TransactionCanceledException', 'injected: conflict', 400, {
              CancellationReasons: [{ Code: 'TransactionConflict' }],
            })
          : new AwsError('ThrottlingException', 'injected: conflict'),
      );
    case 'timeout':
      return 'drop';
    case 'crash-before':
      options.crash(worker);
      return 'drop';
    case 'lost-answer':
    case 'crash-after':
      return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
