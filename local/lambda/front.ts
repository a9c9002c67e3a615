import { type Access, type Authorize, type Faults, FunctionError } from '../contract.ts';
import { type Answer, AwsError, type Call, startFront } from '../front.ts';
import type { LambdaFunction } from './environment.ts';

export type LambdaFrontOptions = {
  authorize: Authorize;
  faults: Faults;
  crash(worker: string): void;
  find(name: string): LambdaFunction;
  invoke(fn: LambdaFunction, payload: string): Promise<string>;
  add(fn: LambdaFunction, payload: string, from: string): void;
};

const PATH = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?|$)/;

/** Lambda's API: Invoke, synchronous (RequestResponse) and asynchronous (Event). */
export function startLambdaFront(options: LambdaFrontOptions): ReturnType<typeof startFront> {
  return startFront({
    service: 'lambda',
    faults: options.faults,
    crash: options.crash,
    actionOf: ({ path }) => (PATH.test(path) ? 'Invoke' : path),
    handle: (call) => handle(options, call),
  });
}

async function handle(options: LambdaFrontOptions, call: Call): Promise<Answer> {
  const name = PATH.exec(call.path)?.[1];
  if (!name || call.method !== 'POST')
    throw new AwsError(
      'UnknownOperationException',
      `Lambda here knows only Invoke, not ${call.method} ${call.path}`,
      404,
    );
  const fn = options.find(decodeURIComponent(name));
  const access: Access = { action: 'lambda:InvokeFunction', resource: fn.arn };
  options.authorize(call.caller, access);
  const payload = jsonOf(call.body);
  const type = call.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') return { status: 204, body: '' };
  if (type === 'Event') {
    options.add(fn, payload, call.caller);
    return { status: 202, body: '' };
  }
  return invokeNow(options, fn, payload);
}

function jsonOf(body: Buffer): string {
  const text = body.toString() || 'null';
  try {
    JSON.parse(text);
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${String(error)}`);
  }
  return text;
}

/** An error of the function is an answer with status 200 and the header x-amz-function-error, as on AWS. */
async function invokeNow(options: LambdaFrontOptions, fn: LambdaFunction, payload: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };
  try {
    return { status: 200, headers, body: await options.invoke(fn, payload) };
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    const { errorType, message: errorMessage, trace } = error;
    return {
      status: 200,
      headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
      body: JSON.stringify({ errorType, errorMessage, trace }),
    };
  }
}
