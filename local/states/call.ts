import { AccessDenied, type Authorize, FunctionError, type Invoke, type Log } from '../contract.ts';
import { AwsError } from '../front.ts';
import type { Outcome } from './frame.ts';
import type { Json } from './json.ts';

/** Longest cause AWS keeps. */
export const CAUSE_LIMIT = 32_768;

export type CallFunction = (role: string, fn: string, payload: Json) => Promise<Outcome>;

/** Invokes Lambda functions as the state machine's role; every failure is an outcome with the names AWS gives. */
export function functionCaller(options: { invoke: Invoke; authorize: Authorize; log: Log }): CallFunction {
  return async (role, fn, payload) => {
    try {
      options.authorize(role, { action: 'lambda:InvokeFunction', resource: fn });
      const answer = (await options.invoke(fn, payload)) ?? null;
      return { output: { ExecutedVersion: '$LATEST', Payload: answer as Json, StatusCode: 200 } };
    } catch (error) {
      if (!(error instanceof FunctionError))
        options.log({ service: 'states', message: 'a function could not be called', role, fn, error: String(error) });
      return failureOf(error);
    }
  };
}

function failureOf(error: unknown): { error: string; cause: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof FunctionError) {
    const { errorType, trace } = error;
    const cause = JSON.stringify({ errorMessage: message, errorType, trace });
    return { error: errorType, cause: cause.slice(0, CAUSE_LIMIT) };
  }
  if (error instanceof AccessDenied) return { error: 'Lambda.AWSLambdaException', cause: message };
  return { error: error instanceof AwsError ? `Lambda.${error.type}` : 'Lambda.Unknown', cause: message };
}
