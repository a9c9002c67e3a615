import { Readable } from 'node:stream';
import {
  invocations,
  isRead,
  nameOf,
  textOf,
  type AwsCall,
  type FaultName,
  type Plan,
  type SdkRequest,
  type Served,
} from './call.ts';

type Asked = { service: string; action: string; body: string; fault: FaultName | undefined };
type Serve = (call: Asked, request: SdkRequest) => Promise<Served>;
type Answer = { response: { statusCode: number; headers: Record<string, string>; body: Readable } };

/** What stands where the wire would be: every call of the product's AWS clients comes through here, and may be failed. */
export class Transport {
  readonly calls: AwsCall[] = [];
  plan: Plan = () => undefined;
  serve: Serve = () => Promise.reject(new Error('The world is not open.'));
  readonly #byId = new Map<string, AwsCall>();
  /** Names the transport towards the SDK. */
  readonly metadata = { handlerProtocol: 'http/1.1' };

  reset(plan: Plan = () => undefined): void {
    this.calls.length = 0;
    this.#byId.clear();
    this.plan = plan;
  }

  async handle(request: SdkRequest): Promise<Answer> {
    const invocation = invocations.getStore();
    if (invocation?.dead) return never();
    const { service, action } = nameOf(request);
    const fault = invocation && this.#faultOf(request, { fn: invocation.fn, service, action });
    const asked = { service, action, body: textOf(request.body), fault };
    if (fault === 'timeout') throw hungUp();
    if (fault === 'crash-before') return this.#die();
    const refusal = fault && refusalOf(fault, asked);
    const served = refusal ?? (await this.serve(asked, request));
    if (fault === 'crash-after') return this.#die();
    if (fault === 'lost-answer') throw hungUp();
    if (invocations.getStore()?.dead) return never();
    const body = typeof served.body === 'string' ? Buffer.from(served.body) : served.body;
    return { response: { statusCode: served.status, headers: served.headers ?? {}, body: Readable.from([body]) } };
  }

  #faultOf({ headers }: SdkRequest, names: { fn: string; service: string; action: string }): FaultName | undefined {
    const id = headers['amz-sdk-invocation-id'] ?? '';
    const place = this.calls.length;
    const call = this.#byId.get(id) ?? { place, ...names, writes: !isRead(names.action), attempts: 0 };
    if (call.attempts === 0) this.calls.push(call);
    this.#byId.set(id, call);
    call.attempts += 1;
    const fault = this.plan(call);
    const attempts = fault === 'outage' ? Infinity : fault === 'thrice' ? 3 : 1;
    return call.attempts <= attempts ? fault : undefined;
  }

  #die(): Promise<never> {
    invocations.getStore()?.crash();
    return never();
  }
}

const never = (): Promise<never> => new Promise(() => {});
const hungUp = (): Error => Object.assign(new Error('injected: socket hang up'), { name: 'TimeoutError' });

function refusalOf(fault: FaultName, { service, action, body }: Asked): Served | undefined {
  if (fault === 'throttle')
    return service === 'dynamodb'
      ? json(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException')
      : refused(service, 400, service === 's3' ? 'SlowDown' : 'ThrottlingException');
  if (fault === 'error' || fault === 'outage' || fault === 'thrice')
    return refused(service, 500, 'InternalServerError');
  if (fault !== 'conflict') return undefined;
  if (action === 'TransactWriteItems') {
    const { TransactItems } = JSON.parse(body) as { TransactItems: unknown[] };
    const CancellationReasons = TransactItems.map((_, at) => ({ Code: at === 0 ? 'TransactionConflict' : 'None' }));
    return json(400, 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException', { CancellationReasons });
  }
  return undefined;
}

const json = (status: number, type: string, more: object = {}): Served => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: type, message: 'injected', ...more }),
});

function refused(service: string, status: number, code: string): Served {
  if (service !== 'ses' && service !== 's3') return json(status, code);
  const error = `<Code>${code}</Code><Message>injected</Message>`;
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body:
      service === 's3'
        ? `<Error>${error}</Error>`
        : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`,
  };
}

/** The one transport of this process; the test file puts it into the product's clients by mocking `shared/aws/defaults.ts`. */
export const transport = new Transport();
export const clientDefaults = () => ({ maxAttempts: 4, requestHandler: transport });
